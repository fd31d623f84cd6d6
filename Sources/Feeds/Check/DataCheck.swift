import CTapedeck
import FoundationEssentials
package import Market

/// What a tape holds and how good it looks.
package struct DataCheck: Hashable, Sendable, Codable {
    /// One instrument's bars of one length, its trades, or its quotes.
    package struct Series: Hashable, Sendable, Codable {
        package var symbol: String
        /// `bars of 1m`, `trades`, ...
        package var what: String
        package var count: Int
        package var first: Timestamp
        package var last: Timestamp
        /// Bars that the calendar expects and the tape lacks, in how many places, and the most in
        /// one.
        package var missingBars = 0
        package var gaps = 0
        package var longestGap = 0
        package var zeroVolumes = 0
        package var outsideSessions = 0
        package var crossedQuotes = 0
        package var jumps = 0
        /// The longest time without an event, nanoseconds.
        package var longestSilence: Int64 = 0
    }

    package var path: String
    package var events: Int
    package var digest: String
    package var source: String
    package var isSynthetic: Bool
    package var series: [Series]
    package var counts: [ImportReport.Count]
    /// The first of each kind; the line is the event's number.
    package var problems: [Problem]

    /// No event is one that may not stand on a tape.
    package var isSound: Bool { !counts.contains { !$0.kind.isNote } }

    /// Reads a tape as a whole: first its checksums, then what its events say. `step` is told how
    /// many events are done, of twice their number, and may stop the check by answering false.
    package static func run(
        _ tape: TapeFile, keep: Int = 20, step: (Int) -> Bool = { _ in true }
    ) throws(FeedError) -> DataCheck {
        try tape.verify(step)
        var reading = try DataReading(tape, keep: keep)
        let count = tape.count
        for place in 0..<count {
            reading.take(tape[place])
            if place % 65_536 == 65_535, !step(count + place) {
                throw FeedError(.cancelled, tape.path, "stopped at event \(place)")
            }
        }
        return reading.finish()
    }

    /// Keys sorted, so that equal checks are equal bytes.
    package func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self))
    }

    package func text() -> String {
        var lines = ["\(path): \(events) events\(isSynthetic ? ", SYNTHETIC" : ""), from \(source)"]
        lines.append("  digest \(digest)")
        for one in series { lines.append("  " + one.text) }
        for count in counts { lines.append("  \(count.count) x \(count.kind.title)") }
        lines += problems.filter { !$0.kind.isNote }.map { $0.text(path) }
        lines.append(
            isSound ? "  sound: every event is one that may stand on a tape" : "  NOT SOUND")
        return lines.joined(separator: "\n") + "\n"
    }
}

extension DataCheck.Series {
    package var text: String {
        var text =
            "\(symbol): \(count) \(what), \(TimeText.string(first)) to \(TimeText.string(last))"
        let notes = [
            (missingBars, "bars missing in \(gaps) gaps (at most \(longestGap))"),
            (zeroVolumes, "without volume"), (outsideSessions, "outside sessions"),
            (crossedQuotes, "crossed"), (jumps, "jumps"),
        ]
        for (count, note) in notes where count > 0 { text += ", \(count) \(note)" }
        return text
    }
}

/// The state of a check on its way through a tape.
private struct DataReading {
    private let tape: TapeFile
    private let instruments: [Instrument]
    private let tables: [SessionTable?]
    private let kinds: [TapeSeries]
    private var checks: [SeriesCheck]
    private var series: [DataCheck.Series]
    private var tally: ProblemTally
    private var current = 0

    init(_ tape: TapeFile, keep: Int) throws(FeedError) {
        self.tape = tape
        instruments = tape.contents.instruments
        kinds = tape.header.series.filter { !$0.isOfMarket }
        tally = ProblemTally(keep: keep)
        var known: [String: SessionTable?] = [:]
        var tables: [SessionTable?] = []
        for instrument in instruments {
            if known[instrument.calendar] == nil {
                do {
                    known[instrument.calendar] = SessionTable(try .named(instrument.calendar))
                } catch {
                    throw FeedError(.badSettings, tape.path, error.description)
                }
            }
            tables.append(known[instrument.calendar] ?? nil)
        }
        self.tables = tables
        checks = kinds.map { _ in SeriesCheck() }
        series = []
        for kind in kinds {
            series.append(
                DataCheck.Series(
                    symbol: tape.contents.instruments[Int(kind.instrument)].symbol,
                    what: kind.title,
                    count: kind.count, first: Timestamp(nanoseconds: kind.firstTime),
                    last: Timestamp(nanoseconds: kind.lastTime)))
        }
    }

    mutating func take(_ event: Event) {
        guard !event.isSession, let place = place(of: event) else { return }
        let number = Int(event.sequence)
        let allows = instruments[Int(event.instrument)].allowsNonPositivePrices
        if let refusal = event.refusal(allowsNonPositivePrices: allows) {
            tally.record(refusal.kind, .rejected, line: number, column: 0, refusal.rawValue)
        }
        if event.type == EventCode.split {
            for index in kinds.indices where kinds[index].instrument == event.instrument {
                checks[index].split(by: event.split.ratio)
            }
        }
        guard [EventCode.bar, EventCode.trade, EventCode.quote].contains(event.type) else { return }
        look(event, place, number)
        checks[place].take(event, line: number)
    }

    private mutating func look(_ event: Event, _ place: Int, _ number: Int) {
        let last = checks[place].lastTime
        if last != .min {
            series[place].longestSilence = max(series[place].longestSilence, event.time - last)
        }
        let table = tables[Int(event.instrument)]
        if checks[place].isRemarkable(event) {
            let missing = checks[place].missingBars
            let jumps = tally.count(.jump, .noted)
            checks[place].notice(event, line: number, table, into: &tally)
            let found = checks[place].missingBars - missing
            series[place].missingBars += found
            series[place].gaps += found > 0 ? 1 : 0
            series[place].longestGap = max(series[place].longestGap, found)
            series[place].jumps += tally.count(.jump, .noted) - jumps
        }
        if event.type == EventCode.bar, event.bar.volume == 0 { series[place].zeroVolumes += 1 }
        if event.type == EventCode.quote, event.quote.bid > event.quote.ask {
            series[place].crossedQuotes += 1
        }
        if let table, !isInside(event, table) { series[place].outsideSessions += 1 }
    }

    /// A bar belongs to the session in which it closes, its end included.
    private func isInside(_ event: Event, _ table: SessionTable) -> Bool {
        let time = event.type == EventCode.bar ? event.time - 1 : event.time
        let place = table.place(at: time)
        return place < table.sessions.count && table.sessions[place].opens.rawValue <= time
    }

    private mutating func place(of event: Event) -> Int? {
        for step in 0..<kinds.count {
            let index = (current + step) % kinds.count
            let kind = kinds[index]
            if kind.type == event.type, kind.instrument == event.instrument,
                kind.timeframe == event.timeframe
            {
                current = index
                return index
            }
        }
        return nil
    }

    func finish() -> DataCheck {
        DataCheck(
            path: tape.path, events: tape.count, digest: tape.header.digest.description,
            source: tape.contents.source, isSynthetic: tape.contents.isSynthetic, series: series,
            counts: ImportReport.counts(tally), problems: tally.kept.sorted(by: Problem.precedes))
    }
}

extension TapeSeries {
    /// `bars of 1m`, `trades`, ...
    package var title: String {
        switch EventKind(rawValue: type) {
        case .bar: "bars of \(TimeFrame(rawValue: timeframe))"
        case .trade: "trades"
        case .quote: "quotes"
        case .depth: "levels of depth"
        case .split: "splits"
        case .dividend: "dividends"
        case .sessionOpen: "session opens"
        case .sessionClose: "session closes"
        case .gap: "marked gaps"
        case .funding: "funding rates"
        case .standing: "changes of standing"
        case .command: "commands"
        default: "events of kind \(type)"
        }
    }
}

extension EventRefusal {
    /// The kind of problem that an import would call it.
    fileprivate var kind: ProblemKind {
        switch self {
        case .notFinite: .notFinite
        case .notPositivePrice: .priceNotPositive
        case .negativeVolume, .negativeQuantity: .negativeQuantity
        case .notPositiveQuantity: .quantityNotPositive
        case .highBelowLow: .highBelowLow
        case .openOutsideRange, .closeOutsideRange: .outsideRange
        case .unknownSide: .unreadableSide
        case .badRatio: .badSplit
        case .unknownKind, .noTimeFrame, .badTaxRate, .badSpan, .badFunding, .badStanding:
            .unsoundEvent
        }
    }
}
