import Glibc

/// The bytes of a configuration file, checked to be text before anything reads them.
package enum ConfigurationText {
    /// Room for some ten thousand strategies.
    package static let byteLimit = 8 << 20

    /// The text of the file at `path`; what it is instead of a readable text is reported.
    package static func read(path: String, problems: ProblemList) -> String? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            problems.report("cannot be opened: \(reason(errno))", at: nil)
            return nil
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            problems.report("cannot be examined: \(reason(errno))", at: nil)
            return nil
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            let kind = status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "no ordinary file"
            problems.report("is \(kind); a configuration is a YAML file", at: nil)
            return nil
        }
        guard status.st_size <= byteLimit else {
            problems.report("is \(status.st_size) bytes long; \(byteLimit) is the limit", at: nil)
            return nil
        }
        guard let bytes = bytes(of: descriptor, expected: Int(status.st_size), problems) else {
            return nil
        }
        return text(of: bytes, problems: problems)
    }

    /// The text that `bytes` are; anything but UTF-8 is reported at its place.
    package static func text(of bytes: [UInt8], problems: ProblemList) -> String? {
        let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        if let control = content.firstIndex(where: { $0 < 0x20 && ![9, 10, 13].contains($0) }) {
            let code = String(content[control], radix: 16)
            problems.report(
                "is not text: there is a control character 0x\(code)",
                at: position(of: control, in: content))
            return nil
        }
        guard let text = String(validating: content, as: UTF8.self) else {
            let valid = validPrefix(of: content)
            problems.report("is not UTF-8 text from here on", at: position(of: valid, in: content))
            return nil
        }
        return text
    }

    private static func bytes(
        of descriptor: CInt, expected: Int, _ problems: ProblemList
    ) -> [UInt8]? {
        var all: [UInt8] = []
        all.reserveCapacity(expected)
        var part = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe part.withUnsafeMutableBytes { room in
                unsafe Glibc.read(descriptor, room.baseAddress, room.count)
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0, all.count + count <= byteLimit else {
                problems.report(
                    "cannot be read: \(count < 0 ? reason(errno) : "it grows")", at: nil)
                return nil
            }
            if count == 0 { return all }
            all += part[..<count]
        }
    }

    /// Where the first byte stands that is no UTF-8.
    private static func validPrefix(of bytes: ArraySlice<UInt8>) -> Int {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var index = bytes.startIndex
        while case .scalarValue(let scalar) = decoder.decode(&iterator) {
            index += UTF8.width(scalar)
        }
        return min(index, bytes.endIndex)
    }

    private static func position(of index: Int, in bytes: ArraySlice<UInt8>) -> SourcePosition {
        let before = bytes[..<index]
        let line = before.count { $0 == 10 } + 1
        let start = before.lastIndex(of: 10).map { $0 + 1 } ?? before.startIndex
        let column = before[start...].count { $0 & 0xC0 != 0x80 } + 1
        return SourcePosition(line: line, column: column)
    }

    static func reason(_ code: CInt) -> String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text).lowercased()
    }
}
