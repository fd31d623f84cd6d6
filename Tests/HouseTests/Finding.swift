/// What a rule says is wrong, at the place where it can be mended.
struct Finding: Hashable, Comparable, CustomStringConvertible {
    var path: String
    /// From one; nil when the file as a whole is meant.
    var line: Int?
    var message: String

    var description: String {
        line.map { "\(path):\($0): \(message)" } ?? "\(path): \(message)"
    }

    static func < (a: Finding, b: Finding) -> Bool {
        (a.path, a.line ?? 0, a.message) < (b.path, b.line ?? 0, b.message)
    }
}
