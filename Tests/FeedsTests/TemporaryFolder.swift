import Glibc

/// A folder that is gone with the test.
final class TemporaryFolder {
    let path: String

    init() {
        var template = Array("/tmp/tapedeck-feeds-XXXXXX".utf8CString)
        path = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)) }
    }

    deinit {
        for name in names { unlink(path + "/" + name) }
        rmdir(path)
    }

    /// What is in it, sorted.
    var names: [String] {
        var found: [String] = []
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { found.append(name) }
        }
        return found.sorted()
    }

    func file(_ name: String) -> String { path + "/" + name }

    @discardableResult func write(_ bytes: [UInt8], _ name: String) -> String {
        let descriptor = open(file(name), O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        var written = 0
        while written < bytes.count {
            written += bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress! + written, bytes.count - written)
            }
        }
        close(descriptor)
        return file(name)
    }

    @discardableResult func write(_ text: String, _ name: String) -> String {
        write(Array(text.utf8), name)
    }
}

/// The whole file; empty when it cannot be read.
func bytes(of path: String) -> [UInt8] {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = read(descriptor, &buffer, buffer.count)
        if count <= 0 { return all }
        all.append(contentsOf: buffer[..<count])
    }
}

/// Two files, compared without printing them.
func haveSameBytes(_ one: String, _ other: String) -> Bool { bytes(of: one) == bytes(of: other) }
