/// The line before a table that says of a made-up market what it is: whoever reads the file again
/// shall know.
enum SyntheticLabel {
    private static let mark = "# "
    static let word = "SYNTHETIC"

    /// With its end. Without commas, which would make it look like a row.
    static func line(_ label: String) -> String {
        let words = label.hasPrefix(word) ? label : word + (label.isEmpty ? "" : ": " + label)
        return mark + String(words.map { $0 == "," ? ";" : $0 }.filter { !$0.isNewline }) + "\n"
    }

    /// The label of such a line; nil for any other.
    static func label(in line: [UInt8]) -> String? {
        let text = String(decoding: line, as: UTF8.self)
        guard text.hasPrefix(mark + word) else { return nil }
        return String(text.dropFirst(mark.count).map { $0 == ";" ? "," : $0 })
    }
}
