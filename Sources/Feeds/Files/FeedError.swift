/// Something about a file or a setting that stops the work: what, where, and what to try.
package struct FeedError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong, for callers that react to it.
    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case notFound = "not_found"
        case notReadable = "not_readable"
        case notWritable = "not_writable"
        case isDirectory = "is_directory"
        case notRegularFile = "not_regular_file"
        case empty
        case tooLarge = "too_large"
        case binary
        case compressed
        case wrongEncoding = "wrong_encoding"
        case unknownLayout = "unknown_layout"
        case badSettings = "bad_settings"
        case foreign
        case newerVersion = "newer_version"
        case unfinished
        case truncated
        case corrupt
        case outOfOrder = "out_of_order"
        case cancelled
    }

    package var kind: Kind
    /// The file or the source as the user named it; empty when it is about a setting alone.
    package var path: String
    /// From 1.
    package var line: Int?
    package var column: Int?
    package var message: String
    /// What to try; empty when there is nothing to say.
    package var hint: String

    package init(
        _ kind: Kind, _ path: String, _ message: String, line: Int? = nil, column: Int? = nil,
        hint: String = ""
    ) {
        self.kind = kind
        self.path = path
        self.line = line
        self.column = column
        self.message = message
        self.hint = hint
    }

    /// `data/spy.csv:14:5: the message; try this`
    package var description: String {
        var place = path
        if let line {
            place += ":\(line)"
            if let column { place += ":\(column)" }
        }
        return (place.isEmpty ? "" : place + ": ") + message + (hint.isEmpty ? "" : "; " + hint)
    }
}
