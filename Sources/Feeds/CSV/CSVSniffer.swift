import Market

/// What was found out about a file before it is read.
package struct SniffedCSV: Sendable {
    package var dialect: CSVDialect
    /// One line for each thing that was decided, and why.
    package var explanation: [String]
    /// Where the first row begins.
    var dataOffset: Int
    /// The header's bytes; empty without one.
    var header: [UInt8]
    /// What a made-up market was made with; nil for a real one.
    var label: String?
}

/// Finds out how a file is written, from a sample of its lines.
package struct CSVSniffer {
    let path: String
    let hints: CSVDialectHints
    let sessions: SessionTable?
    let sample: TextSample
    var explanation: [String] = []
    var separator = CSVDialect.Separator.comma
    var decimalPoint = CSVDialect.DecimalPoint.point
    var skippedLines = 0
    var hasHeader = false
    var header: [String] = []
    var label: String?
    /// The fields of the sampled rows, header and preamble left out; those of `tail` come last.
    var rows: [[[UInt8]]] = []
    var headRowCount = 0

    /// Looks at a file. `sessions` is the calendar that it is said to follow; nil for one that
    /// never shuts.
    package static func sniff(
        _ file: InputFile, hints: CSVDialectHints = CSVDialectHints(), sessions: SessionTable? = nil
    ) throws(FeedError) -> SniffedCSV {
        var sniffer = CSVSniffer(
            path: file.path, hints: hints, sessions: sessions, sample: try TextSample(file))
        try sniffer.findTable()
        return try sniffer.findDialect()
    }

    mutating func explain(_ text: String) { explanation.append(text) }

    /// Separator, preamble and header.
    private mutating func findTable() throws(FeedError) {
        separator = hints.separator ?? bestSeparator()
        let split = sample.head.map { LineFields($0, separator: separator).fields.map(\.text) }
        let width = commonCount(split.map(\.count))
        skippedLines = hints.skippedLines ?? (split.firstIndex { $0.count == width } ?? 0)
        guard skippedLines < split.count, width >= 2 else {
            throw FeedError(
                .unknownLayout, path, "no table found: \(width) column", line: 1,
                hint: "give the separator, or see that this is CSV")
        }
        let first = split[skippedLines]
        hasHeader = hints.hasHeader ?? !first.contains { Self.isNumberOrTime($0) }
        if hasHeader { header = first.map { String(decoding: $0, as: UTF8.self) } }
        let firstRow = skippedLines + (hasHeader ? 1 : 0)
        let tail = sample.tail.map { LineFields($0, separator: separator).fields.map(\.text) }
        rows = split.dropFirst(firstRow).filter { $0.count == width && !(hasHeader && $0 == first) }
        headRowCount = rows.count
        rows += tail.filter { $0.count == width }
        guard !rows.isEmpty else {
            throw FeedError(
                .empty, path, "a header and no rows", line: firstRow,
                hint: "the file ends too early")
        }
        decimalPoint = hints.decimalPoint ?? sniffedPoint()
        label = sample.head[..<skippedLines].lazy.compactMap(SyntheticLabel.label).first
        if let label {
            explain("a made-up market: \(label)")
        } else if skippedLines > 0 {
            explain("the first \(skippedLines) lines are not part of the table")
        }
    }

    private mutating func findDialect() throws(FeedError) -> SniffedCSV {
        var columns = try findColumns()
        let format = try findTimes(&columns)
        let layout = try layout(of: columns)
        var dialect = CSVDialect(
            name: CSVOrigin.name(columns, header: header, hasHeader: hasHeader),
            separator: separator,
            decimalPoint: decimalPoint, skippedLines: skippedLines, hasHeader: hasHeader,
            columns: columns, layout: layout, timestamp: format)
        explainColumns(dialect)
        try findClock(&dialect)
        let first = skippedLines + (hasHeader ? 1 : 0)
        return SniffedCSV(
            dialect: dialect, explanation: explanation,
            dataOffset: first < sample.offsets.count ? sample.offsets[first] : sample.start,
            header: hasHeader ? sample.head[skippedLines] : [], label: label)
    }

    private func bestSeparator() -> CSVDialect.Separator {
        var best = CSVDialect.Separator.comma
        var bestScore = 0
        // A semicolon, a tab or a bar is no part of a number or a date; a comma and a blank may be.
        for candidate in [CSVDialect.Separator.semicolon, .tab, .pipe, .comma, .space] {
            let counts = sample.head.prefix(200).map {
                LineFields($0, separator: candidate).fields.count
            }
            let width = commonCount(counts)
            guard width >= 2 else { continue }
            let share = counts.filter { $0 == width }.count * 100 / counts.count
            let isPlain = candidate != .comma && candidate != .space
            let score =
                share < 50
                ? 0 : share * 100 + width + (isPlain ? 2000 : candidate == .comma ? 1000 : 0)
            if score > bestScore { (best, bestScore) = (candidate, score) }
        }
        return best
    }

    /// The most frequent value, the larger of two.
    func commonCount(_ counts: [Int]) -> Int {
        let sorted = counts.sorted()
        var best = (value: 0, count: 0)
        var start = 0
        for index in sorted.indices
        where index + 1 == sorted.count || sorted[index + 1] != sorted[index] {
            if index + 1 - start >= best.count { best = (sorted[index], index + 1 - start) }
            start = index + 1
        }
        return best.value
    }

    private mutating func sniffedPoint() -> CSVDialect.DecimalPoint {
        guard separator != .comma else { return .point }
        var commas = 0
        var points = 0
        for row in rows.prefix(200) {
            for field in row where NumberText.read(field, point: 44, isQuoted: false).isNumber {
                if field.contains(44) { commas += 1 }
            }
            for field in row where NumberText.read(field, point: 46, isQuoted: false).isNumber {
                if field.contains(46) { points += 1 }
            }
        }
        if commas > points { explain("a comma is the decimal point") }
        return commas > points ? .comma : .point
    }

    static func isNumberOrTime(_ field: [UInt8]) -> Bool {
        if NumberText.read(field, point: 46, isQuoted: true).isNumber { return true }
        if NumberText.read(field, point: 44, isQuoted: false).isNumber { return true }
        return TimestampFormat.allCases.contains { TimeField.read(field, $0) != nil }
    }
}

extension NumberText.Outcome {
    var isNumber: Bool { value != nil }

    var value: Double? { if case .number(let value, _) = self { value } else { nil } }
}
