/// Why a text is not JSON, and where.
struct JSONError: Error, Hashable, Sendable {
    var position: TextPosition
    var message: String
}

/// A strict reader of JSON (RFC 8259): UTF-8 checked, no comments, no key twice, nothing after the
/// value.
struct JSONParser {
    /// How deep lists and objects may nest: input is not trusted, and the reader calls itself.
    static let deepest = 32

    private let bytes: [UInt8]
    private var index = 0
    private var line = 1
    private var lineStart = 0

    /// - Throws: `JSONError` with the place of the first problem.
    static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSON {
        var parser = JSONParser(bytes: bytes)
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw JSONError(position: parser.firstInvalidPosition(), message: "not UTF-8")
        }
        let value = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.index == bytes.count else {
            throw parser.failure("something follows the end of the value")
        }
        return value
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private var position: TextPosition { TextPosition(line: line, column: index - lineStart + 1) }

    private func failure(_ message: String) -> JSONError {
        JSONError(position: position, message: message)
    }

    private func peek() -> UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skipSpace() {
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): index += 1
            case UInt8(ascii: "\n"):
                index += 1
                line += 1
                lineStart = index
            default: return
            }
        }
    }

    /// The place of the first byte that is not part of valid UTF-8: decoded prefix by prefix, on
    /// failure only.
    private func firstInvalidPosition() -> TextPosition {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var line = 1
        var column = 1
        while case .scalarValue(let scalar) = decoder.decode(&iterator) {
            if scalar == "\n" {
                line += 1
                column = 1
            } else {
                column += UTF8.width(scalar)
            }
        }
        return TextPosition(line: line, column: column)
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSON {
        skipSpace()
        guard depth <= Self.deepest else { throw failure("nested deeper than \(Self.deepest)") }
        guard let byte = peek() else { throw failure("the text ends where a value should be") }
        let start = position
        switch byte {
        case UInt8(ascii: "{"): return JSON(value: try object(depth: depth), position: start)
        case UInt8(ascii: "["): return JSON(value: try array(depth: depth), position: start)
        case UInt8(ascii: "\""): return JSON(value: .string(try string()), position: start)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return JSON(value: try number(), position: start)
        default: return JSON(value: try word(), position: start)
        }
    }

    private mutating func word() throws(JSONError) -> JSON.Value {
        for (text, value) in [
            ("true", JSON.Value.bool(true)), ("false", .bool(false)), ("null", .null),
        ]
        where bytes[index...].starts(with: text.utf8) {
            index += text.utf8.count
            return value
        }
        throw failure("not a value: \(shown(bytes[index]))")
    }

    private func shown(_ byte: UInt8) -> String {
        byte > 0x20 && byte < 0x7F ? "\"\(Character(Unicode.Scalar(byte)))\"" : "byte \(byte)"
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSON.Value {
        index += 1
        var elements: [JSON] = []
        skipSpace()
        if peek() == UInt8(ascii: "]") {
            index += 1
            return .array(elements)
        }
        while true {
            elements.append(try value(depth: depth + 1))
            if try endsOrContinues(UInt8(ascii: "]"), of: "list") { return .array(elements) }
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSON.Value {
        index += 1
        var members: [JSON.Member] = []
        skipSpace()
        if peek() == UInt8(ascii: "}") {
            index += 1
            return .object(members)
        }
        while true {
            skipSpace()
            let start = position
            guard peek() == UInt8(ascii: "\"") else {
                throw failure("a key in double quotes is missing")
            }
            let key = try string()
            if members.contains(where: { $0.key == key }) {
                throw JSONError(position: start, message: "the key \"\(key)\" stands here twice")
            }
            skipSpace()
            guard peek() == UInt8(ascii: ":") else {
                throw failure("\":\" is missing after \"\(key)\"")
            }
            index += 1
            members.append(
                JSON.Member(key: key, position: start, value: try value(depth: depth + 1)))
            if try endsOrContinues(UInt8(ascii: "}"), of: "object") { return .object(members) }
        }
    }

    /// Steps over `closing` (true) or a comma (false).
    private mutating func endsOrContinues(
        _ closing: UInt8, of what: String
    ) throws(JSONError) -> Bool {
        skipSpace()
        switch peek() {
        case closing:
            index += 1
            return true
        case UInt8(ascii: ","):
            index += 1
            skipSpace()
            if peek() == closing { throw failure("a comma before the end of the \(what)") }
            return false
        case nil: throw failure("the text ends inside \(what == "list" ? "a list" : "an object")")
        case let byte?: throw failure("\",\" is missing before \(shown(byte))")
        }
    }

    private mutating func number() throws(JSONError) -> JSON.Value {
        let start = index
        let place = position
        func malformed() -> JSONError { JSONError(position: place, message: "not a number") }
        if peek() == UInt8(ascii: "-") { index += 1 }
        let leading = index
        guard digits() > 0 else { throw malformed() }
        if bytes[leading] == UInt8(ascii: "0"), index > leading + 1 {
            throw JSONError(position: place, message: "a number begins with a superfluous 0")
        }
        var isWhole = true
        if peek() == UInt8(ascii: ".") {
            isWhole = false
            index += 1
            guard digits() > 0 else { throw malformed() }
        }
        if let byte = peek(), byte | 0x20 == UInt8(ascii: "e") {
            isWhole = false
            index += 1
            if peek() == UInt8(ascii: "-") || peek() == UInt8(ascii: "+") { index += 1 }
            guard digits() > 0 else { throw malformed() }
        }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        if isWhole, let integer = Int64(text) { return .integer(integer) }
        guard let double = Double(text), double.isFinite else {
            throw JSONError(position: place, message: "\(text) is too large for a number")
        }
        return .number(double)
    }

    private mutating func digits() -> Int {
        let start = index
        while let byte = peek(), byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { index += 1 }
        return index - start
    }

    private mutating func string() throws(JSONError) -> String {
        let start = position
        index += 1
        var text: [UInt8] = []
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""):
                index += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                text.append(contentsOf: String(try escape()).utf8)
            case 0..<0x20: throw failure("a control character inside a string; write it as \\u00XX")
            default:
                text.append(byte)
                index += 1
            }
        }
        throw JSONError(position: start, message: "the string that begins here has no end")
    }

    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        let start = position
        index += 1
        guard let byte = peek() else { throw failure("the text ends inside a string") }
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw JSONError(position: start, message: "unknown escape in a string")
        }
        let first = try hexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        // A surrogate: the other half must follow.
        if first < 0xDC00, peek() == UInt8(ascii: "\\") {
            index += 1
            if peek() == UInt8(ascii: "u") {
                index += 1
                let second = try hexadecimal()
                if (0xDC00...0xDFFF).contains(second),
                    let scalar = Unicode.Scalar(
                        0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
                {
                    return scalar
                }
            }
        }
        throw JSONError(position: start, message: "half a surrogate pair in a string")
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt32 {
        guard index + 4 <= bytes.count else { throw failure("the text ends inside a string") }
        var value: UInt32 = 0
        for byte in bytes[index..<index + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw failure("\\u needs four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
        }
        index += 4
        return value
    }
}
