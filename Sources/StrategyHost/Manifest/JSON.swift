/// A place in a text, counted from 1; columns count UTF-8 bytes.
package struct TextPosition: Hashable, Sendable, CustomStringConvertible {
    package var line: Int
    package var column: Int
    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
    package var description: String { "\(line):\(column)" }
}

/// A JSON value that remembers where it stood.
struct JSON: Hashable, Sendable {
    enum Value: Hashable, Sendable {
        case null
        case bool(Bool)
        /// A whole number that fits; every other number is `number`.
        case integer(Int64)
        case number(Double)
        case string(String)
        case array([JSON])
        /// In the order of the text; no key twice.
        case object([Member])
    }
    struct Member: Hashable, Sendable {
        var key: String
        var position: TextPosition
        var value: JSON
    }

    var value: Value
    var position: TextPosition

    /// What it is, for a message: `a string`.
    var kind: String {
        switch value {
        case .null: "null"
        case .bool: "a boolean"
        case .integer: "a whole number"
        case .number: "a number"
        case .string: "a string"
        case .array: "a list"
        case .object: "an object"
        }
    }
}
