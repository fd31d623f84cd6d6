import Foundation

/// The tree that the rules read: every file that is or would be committed.
struct Repository: Sendable {
    let files: [SourceFile]

    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Read once for all rules.
    static let here = Result { try Repository(root: root) }

    init(root: URL) throws {
        files = try Repository.paths(root).sorted().compactMap { path in
            let url = root.appendingPathComponent(path)
            guard let data = FileManager.default.contents(atPath: url.path) else { return nil }
            return SourceFile(path: path, bytes: Array(data))
        }
    }

    init(files: [SourceFile]) { self.files = files }

    subscript(path: String) -> SourceFile? { files.first { $0.path == path } }

    /// Paths from `root` that git tracks and new ones that it does not ignore; in a copy without
    /// git, whatever is not hidden and `.gitignore` does not name.
    private static func paths(_ root: URL) throws -> [String] {
        let git = Process()
        let output = Pipe()
        git.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        git.arguments = [
            "git", "-c", "safe.directory=*", "-C", root.path, "ls-files", "-z", "--cached",
            "--others", "--exclude-standard",
        ]
        git.standardOutput = output
        git.standardError = FileHandle.nullDevice
        try git.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        git.waitUntilExit()
        guard git.terminationStatus == 0 else { return try pathsWithoutGit(root) }
        return data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    static func pathsWithoutGit(_ root: URL) throws -> [String] {
        let ignored = try String(
            contentsOf: root.appendingPathComponent(".gitignore"), encoding: .utf8
        )
        .split(separator: "\n").map(String.init)
        func isIgnored(_ path: String) -> Bool {
            let parts = path.split(separator: "/").map(String.init)
            return ignored.contains { pattern in
                if pattern.hasSuffix("/") {
                    return parts.dropLast().contains(pattern.filter { $0 != "/" })
                }
                return fnmatch(pattern, path, 0) == 0
                    || parts.contains { fnmatch(pattern, $0, 0) == 0 }
            }
        }
        let walk = FileManager.default.enumerator(
            at: root, includingPropertiesForKeys: [.isRegularFileKey], options: [.skipsHiddenFiles])
        let start = root.standardizedFileURL.path.count + 1
        var paths: [String] = []
        while let url = walk?.nextObject() as? URL {
            guard try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else {
                continue
            }
            let path = String(url.standardizedFileURL.path.dropFirst(start))
            if !isIgnored(path) { paths.append(path) }
        }
        return paths
    }
}

/// One file with what rules ask of it.
struct SourceFile: Sendable {
    let path: String
    let bytes: [UInt8]
    let isBinary: Bool
    /// Comments, texts and quoted names blanked out; lines stay where they are. Empty for prose.
    let tokens: [Token]

    init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
        isBinary = bytes.withUnsafeBytes { all in
            all.baseAddress.map { memchr($0, 0, min(8_000, all.count)) != nil } ?? false
        }
        let isCode = ["swift", "c", "h", "cpp", "hpp"].contains(SourceFile.suffix(path))
        tokens = isCode && !isBinary ? Tokens.of(bytes, isSwift: path.hasSuffix(".swift")) : []
    }

    init(_ path: String, _ text: String) { self.init(path: path, bytes: Array(text.utf8)) }

    var suffix: Substring { SourceFile.suffix(path) }
    var isSwift: Bool { suffix == "swift" }
    var components: [Substring] { path.split(separator: "/") }
    var text: String { String(decoding: bytes, as: UTF8.self) }

    private static func suffix(_ path: String) -> Substring {
        guard let name = path.split(separator: "/").last, let dot = name.lastIndex(of: ".") else {
            return ""
        }
        return name[name.index(after: dot)...]
    }

    /// How many characters each line has; no characters where bytes are 10xxxxxx.
    var widths: [Int] {
        var widths: [Int] = []
        var width = 0
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                widths.append(width)
                width = 0
            } else if byte & 0xC0 != 0x80 {
                width += 1
            }
        }
        return bytes.last == UInt8(ascii: "\n") || bytes.isEmpty ? widths : widths + [width]
    }

    /// The lines in which `what` stands and does not go on from something else; as a word, it is
    /// not gone on with either.
    func lines(containing what: String, asWord: Bool) -> [Int] {
        (bytes + [0]).withUnsafeBytes { all in
            guard let base = all.assumingMemoryBound(to: CChar.self).baseAddress else { return [] }
            var lines: [Int] = []
            var from = 0
            while let hit = strstr(base + from, what) {
                let start = UnsafePointer(hit) - base
                let end = start + what.utf8.count
                from = end
                let isFree =
                    start == 0
                    || !(Self.isLetter(all[start - 1]) || all[start - 1] == UInt8(ascii: "."))
                guard isFree, !asWord || !Self.isLetter(all[end]) else { continue }
                lines.append(
                    1 + all[..<start].reduce(0) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) })
            }
            return lines
        }
    }

    private static func isLetter(_ c: UInt8) -> Bool {
        (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || (c >= 48 && c <= 57) || c == 95
    }

    /// The room of `Sources` that it lies in.
    var room: String? {
        let parts = components
        return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : nil
    }
}
