/// One line taken apart, with the place of each field.
struct LineFields {
    struct Field {
        /// Without quotes and the blanks around it.
        var text: [UInt8]
        /// From 1.
        var column: Int
        var isQuoted: Bool
    }

    var fields: [Field] = []
    /// Where a quote is not closed, or closed too early; nil when all are.
    var brokenQuote: Int?

    /// `line` has no line end.
    init(_ line: [UInt8], _ dialect: CSVDialect) {
        self.init(line, separator: dialect.separator)
    }

    init(_ line: [UInt8], separator: CSVDialect.Separator) {
        let mark = separator.byte
        let collapses = separator == .space
        var index = 0
        while true {
            if collapses { while index < line.count, line[index] == mark { index += 1 } }
            let start = index
            let field = Self.field(line, &index, mark, &brokenQuote)
            // Blanks at the end of a line that blanks part are no field.
            if collapses, start == line.count, !fields.isEmpty { return }
            fields.append(field)
            guard index < line.count else { return }
            index += 1
        }
    }

    /// Reads up to the next separator; `index` is left on it.
    private static func field(
        _ line: [UInt8], _ index: inout Int, _ mark: UInt8, _ brokenQuote: inout Int?
    ) -> Field {
        let quote = UInt8(ascii: "\"")
        var start = index
        while start < line.count, isBlank(line[start]), line[start] != mark { start += 1 }
        guard start < line.count, line[start] == quote else {
            while index < line.count, line[index] != mark { index += 1 }
            return Field(
                text: trimmed(line[start..<max(start, index)]), column: start + 1, isQuoted: false)
        }
        var text: [UInt8] = []
        var at = start + 1
        while at < line.count {
            if line[at] == quote {
                if at + 1 < line.count, line[at + 1] == quote { at += 1 } else { break }
            }
            text.append(line[at])
            at += 1
        }
        if at >= line.count { brokenQuote = brokenQuote ?? start + 1 }
        index = min(at + 1, line.count)
        while index < line.count, line[index] != mark {
            if !isBlank(line[index]) { brokenQuote = brokenQuote ?? index + 1 }
            index += 1
        }
        return Field(text: trimmed(text[...]), column: start + 2, isQuoted: true)
    }

    static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> [UInt8] {
        let start = text.firstIndex { !isBlank($0) } ?? text.endIndex
        let end = text.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? start
        return Array(text[start..<max(start, end)])
    }
}

extension [UInt8] {
    /// For messages: at most 24 characters.
    var excerpt: String {
        let text = String(decoding: prefix(24), as: UTF8.self)
        return count > 24 ? text + "..." : text
    }
}
