import FoundationEssentials
package import Market

/// What an import found and did.
package struct ImportReport: Hashable, Sendable, Codable {
    /// How often one kind of problem was met with one answer.
    package struct Count: Hashable, Sendable, Codable {
        package var kind: ProblemKind
        package var action: ProblemAction
        package var count: Int
    }

    /// An instrument as it stands on the tape.
    package struct Symbol: Hashable, Sendable, Codable {
        package var symbol: String
        package var currency: String
        package var calendar: String
        package var priceExponent: Int
        package var quantityExponent: Int
        /// Bars that the calendar expects between the first and the last, and the data lack.
        package var missingBars: Int
    }

    package var path: String
    package var policy: ImportPolicy
    package var dialect: CSVDialect
    /// One line for each thing that was found out about the file.
    package var explanation: [String]
    /// Rows of data, the wrong ones included.
    package var rows: Int
    /// Events on the tape, sessions included; of a refused file those that would be.
    package var events: Int
    package var firstTime: Timestamp?
    package var lastTime: Timestamp?
    package var symbols: [Symbol]
    /// Kinds in the order of `ProblemKind`; zeros are left out.
    package var counts: [Count]
    /// The first problems of each kind, by line.
    package var problems: [Problem]
    /// Hexadecimal; nil for a refused file.
    package var digest: String?

    /// False when the policy refused the file.
    package var isAccepted: Bool { count(.rejected) == 0 }

    package func count(_ action: ProblemAction) -> Int {
        counts.reduce(0) { $0 + ($1.action == action ? $1.count : 0) }
    }

    package func count(_ kind: ProblemKind) -> Int {
        counts.reduce(0) { $0 + ($1.kind == kind ? $1.count : 0) }
    }

    static func counts(_ tally: ProblemTally) -> [Count] {
        var counts: [Count] = []
        for kind in ProblemKind.allCases {
            for action in ProblemAction.allCases where tally.count(kind, action) > 0 {
                counts.append(Count(kind: kind, action: action, count: tally.count(kind, action)))
            }
        }
        return counts
    }

    /// Keys sorted, so that equal reports are equal bytes.
    package func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self))
    }

    /// For people: what was decided, what was found, and the first places.
    package func text() -> String {
        var lines = ["\(path): \(rows) rows, \(isAccepted ? "\(events) events" : "refused")"]
        if let firstTime, let lastTime {
            lines.append("  from \(TimeText.string(firstTime)) to \(TimeText.string(lastTime))")
        }
        lines += explanation.map { "  " + $0 }
        for symbol in symbols.prefix(20) {
            lines.append(
                "  \(symbol.symbol): prices in 1e\(symbol.priceExponent) \(symbol.currency), "
                    + "quantities in 1e\(symbol.quantityExponent), calendar \(symbol.calendar)"
                    + (symbol.missingBars > 0 ? ", \(symbol.missingBars) bars missing" : ""))
        }
        if symbols.count > 20 { lines.append("  and \(symbols.count - 20) more symbols") }
        for count in counts {
            lines.append("  \(count.count) x \(count.kind.title), \(count.action.rawValue)")
        }
        lines += firstProblems().map { $0.text(path) }
        if !isAccepted { lines.append(Self.advice) }
        return lines.joined(separator: "\n") + "\n"
    }

    /// All that are kept of what is wrong; three of each kind of what is only worth knowing.
    private func firstProblems() -> [Problem] {
        var notes: [ProblemKind: Int] = [:]
        return problems.filter { problem in
            notes[problem.kind, default: 0] += 1
            return problem.action != .noted || notes[problem.kind, default: 0] <= 3
        }
    }

    private static let advice = """
        Nothing was written. Mend the file, or import it with the policy `drop` (leave wrong rows out) or \
        `repair` (put right what can be).
        """
}
