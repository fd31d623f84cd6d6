/// A word or a sign of source code, and the line it stands on, from one.
struct Token: Hashable, Sendable {
    var text: String
    var line: Int
    /// False when a blank or a comment comes before it.
    var touchesPrevious: Bool
}

/// Splits Swift and C into words and signs. Comments, texts and names in backticks are left out,
/// but not what is computed within a text.
struct Tokens {
    private let bytes: [UInt8]
    private let isSwift: Bool
    private var at = 0
    private var line = 1
    private var found: [Token] = []
    private var touches = false

    static func of(_ bytes: [UInt8], isSwift: Bool) -> [Token] {
        var tokens = Tokens(bytes, isSwift)
        tokens.readCode(untilParenthesis: false)
        return tokens.found
    }

    private init(_ bytes: [UInt8], _ isSwift: Bool) {
        self.bytes = bytes
        self.isSwift = isSwift
    }

    private func byte(_ offset: Int) -> UInt8 {
        at + offset < bytes.count ? bytes[at + offset] : 0
    }

    private mutating func skip() {
        if bytes[at] == UInt8(ascii: "\n") { line += 1 }
        at += 1
        touches = false
    }

    private mutating func readCode(untilParenthesis: Bool) {
        var depth = 0
        while at < bytes.count {
            let c = bytes[at]
            if Tokens.isWord(c) {
                readWord()
            } else if c <= UInt8(ascii: " ") {
                skip()
            } else if c == UInt8(ascii: "/"), byte(1) == UInt8(ascii: "/") {
                while at < bytes.count, bytes[at] != UInt8(ascii: "\n") { skip() }
            } else if c == UInt8(ascii: "/"), byte(1) == UInt8(ascii: "*") {
                readComment()
            } else if c == UInt8(ascii: "\"") || (c == UInt8(ascii: "#") && isRawText) {
                readText()
            } else if c == UInt8(ascii: "`") || (c == UInt8(ascii: "'") && !isSwift) {
                readQuoted(by: c)
            } else {
                if c == UInt8(ascii: "(") { depth += 1 }
                if c == UInt8(ascii: ")") { depth -= 1 }
                if untilParenthesis, depth < 0 { return }
                take(1)
            }
        }
    }

    private static func isWord(_ c: UInt8) -> Bool {
        (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || (c >= 48 && c <= 57) || c == 95 || c >= 128
    }

    private mutating func take(_ count: Int) {
        let text = String(decoding: bytes[at..<at + count], as: UTF8.self)
        found.append(Token(text: text, line: line, touchesPrevious: touches))
        at += count
        touches = true
    }

    private mutating func readWord() {
        var end = at + 1
        while end < bytes.count, Tokens.isWord(bytes[end]) { end += 1 }
        take(end - at)
    }

    /// Comments nest in Swift.
    private mutating func readComment() {
        var depth = 0
        repeat {
            if bytes[at] == UInt8(ascii: "/"), byte(1) == UInt8(ascii: "*") {
                depth = isSwift ? depth + 1 : 1
                skip()
            } else if bytes[at] == UInt8(ascii: "*"), byte(1) == UInt8(ascii: "/") {
                depth -= 1
                skip()
            }
            skip()
        } while at < bytes.count && depth > 0
    }

    private var isRawText: Bool {
        var offset = 0
        while byte(offset) == UInt8(ascii: "#") { offset += 1 }
        return isSwift && byte(offset) == UInt8(ascii: "\"")
    }

    private mutating func readQuoted(by quote: UInt8) {
        skip()
        while at < bytes.count, bytes[at] != quote, bytes[at] != UInt8(ascii: "\n") {
            if bytes[at] == UInt8(ascii: "\\"), quote != UInt8(ascii: "`"), at + 1 < bytes.count {
                skip()
            }
            skip()
        }
        if at < bytes.count { skip() }
    }

    /// A text of one or of many lines, raw or not.
    private mutating func readText() {
        var hashes = 0
        while bytes[at] == UInt8(ascii: "#") {
            hashes += 1
            skip()
        }
        let isLong = isSwift && byte(1) == UInt8(ascii: "\"") && byte(2) == UInt8(ascii: "\"")
        for _ in 0..<(isLong ? 3 : 1) { skip() }
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "\""), closes(isLong, hashes) {
                for _ in 0..<((isLong ? 3 : 1) + hashes) { skip() }
                return
            }
            if bytes[at] == UInt8(ascii: "\\"), hasHashes(hashes, from: 1) {
                readEscape(hashes)
            } else {
                skip()
            }
        }
    }

    private func hasHashes(_ count: Int, from offset: Int) -> Bool {
        (0..<count).allSatisfy { byte(offset + $0) == UInt8(ascii: "#") }
    }

    private func closes(_ isLong: Bool, _ hashes: Int) -> Bool {
        if isLong, byte(1) != UInt8(ascii: "\"") || byte(2) != UInt8(ascii: "\"") { return false }
        return hasHashes(hashes, from: isLong ? 3 : 1)
    }

    private mutating func readEscape(_ hashes: Int) {
        for _ in 0...hashes { skip() }
        guard at < bytes.count else { return }
        let isInterpolation = isSwift && bytes[at] == UInt8(ascii: "(")
        skip()
        guard isInterpolation else { return }
        readCode(untilParenthesis: true)
        if at < bytes.count { skip() }
    }
}
