import CTapedeck
import Feeds
import Market

/// A tape as a person or a script wants to see it.
struct TapeDescription: Encodable {
    /// One kind of event of one instrument.
    struct Series: Encodable {
        var kind: String
        var timeframe: String?
        var events: Int
        var from: String
        var to: String
    }

    struct InstrumentDescription: Encodable {
        var symbol: String
        var venue: String
        var kind: String
        var currency: String
        var calendar: String
        var priceStep: String
        var quantityStep: String
        var multiplier: Int64
        var isSynthetic: Bool
        var series: [Series]

        private enum CodingKeys: String, CodingKey {
            case symbol, venue, kind, currency, calendar, multiplier, series
            case priceStep = "price_step"
            case quantityStep = "quantity_step"
            case isSynthetic = "is_synthetic"
        }
    }

    struct Row: Encodable {
        var event: UInt64
        var time: String
        var text: String
    }

    var path: String
    var bytes: Int
    var events: Int
    var from: String?
    var to: String?
    var source: String
    var creator: String
    /// What a synthetic tape was made with.
    var label: String
    var isSynthetic: Bool
    var hasSessions: Bool
    var digest: String
    var instruments: [InstrumentDescription]
    var first: [Row]
    var last: [Row]

    private enum CodingKeys: String, CodingKey {
        case path, bytes, events, from, to, source, creator, label, digest, instruments, first, last
        case isSynthetic = "is_synthetic"
        case hasSessions = "has_sessions"
    }

    init(_ file: TapeFile, rows: Int) {
        let contents = file.contents
        path = file.path
        bytes = file.size
        events = file.count
        from = file.count > 0 ? Self.time(file.header.firstTime) : nil
        to = file.count > 0 ? Self.time(file.header.lastTime) : nil
        source = contents.source
        creator = contents.creator
        label = contents.label
        isSynthetic = contents.isSynthetic
        hasSessions = contents.hasSessions
        digest = file.header.digest.description
        instruments = contents.instruments.map { Self.describe($0, file.header.series) }
        let shown = min(rows, file.count)
        first = (0..<shown).map { Self.row(file, $0) }
        last = (max(shown, file.count - rows)..<file.count).map { Self.row(file, $0) }
    }

    private static func time(_ nanoseconds: Int64) -> String {
        TimeText.string(Timestamp(nanoseconds: nanoseconds))
    }

    private static func describe(
        _ instrument: Instrument, _ series: [TapeSeries]
    ) -> InstrumentDescription {
        InstrumentDescription(
            symbol: instrument.symbol, venue: instrument.venue, kind: instrument.kind.rawValue,
            currency: instrument.currency.code, calendar: instrument.calendar,
            priceStep: DecimalText.string(
                instrument.priceStep.rawValue, exponent: instrument.priceExponent,
                decimals: .trimmed),
            quantityStep: DecimalText.string(
                instrument.quantityStep.rawValue, exponent: instrument.quantityExponent,
                decimals: .trimmed),
            multiplier: instrument.multiplier, isSynthetic: instrument.isSynthetic,
            series: series.filter { $0.instrument == instrument.id && !Self.isOfMarket($0) }.map(
                Self.describe))
    }

    private static func isOfMarket(_ series: TapeSeries) -> Bool {
        [.sessionOpen, .sessionClose, .command].contains(EventKind(rawValue: series.type))
    }

    private static func describe(_ series: TapeSeries) -> Series {
        Series(
            kind: EventText.name(series.type),
            timeframe: series.timeframe > 0
                ? TimeFrame(rawValue: series.timeframe).description : nil,
            events: series.count, from: time(series.firstTime), to: time(series.lastTime))
    }

    private static func row(_ file: TapeFile, _ place: Int) -> Row {
        let event = unsafe file.events[place]
        return Row(
            event: event.sequence, time: time(event.time),
            text: EventText.line(event, file.contents.instruments))
    }
}

extension TapeDescription {
    func lines(_ terminal: Terminal) -> [String] {
        var lines = [
            terminal.styled(path, .bold)
                + (isSynthetic ? "  " + terminal.styled("SYNTHETIC", .yellow) : "")
        ]
        let span = from.flatMap { from in to.map { "\(from) to \($0)" } } ?? "no event"
        lines += fact("events", "\(FigureText.count(events)), \(FigureText.count(bytes)) bytes")
        lines += fact("span", span)
        lines += fact("source", source)
        if isSynthetic {
            lines += fact("synthetic", label == source ? "made by a generator" : label)
        }
        lines += fact(
            "sessions", hasSessions ? "openings and closings are on the tape" : "none on the tape")
        lines += fact("digest", digest)
        lines += [""] + table(terminal)
        if !first.isEmpty { lines += [""] + rows(terminal) }
        return lines
    }

    private func fact(_ label: String, _ text: String) -> [String] {
        text.isEmpty ? [] : ["  " + label.padded(to: 11) + text]
    }

    private func table(_ terminal: Terminal) -> [String] {
        var table = TextTable([
            ("symbol", .left), ("money", .left), ("calendar", .left), ("price step", .right),
            ("lot", .right),
            ("events", .left), ("count", .right), ("first", .left), ("last", .left),
        ])
        for instrument in instruments {
            for (place, series) in instrument.series.enumerated() {
                let own = [
                    instrument.symbol, instrument.currency, instrument.calendar,
                    instrument.priceStep,
                    instrument.quantityStep,
                ]
                table.add(
                    (place == 0 ? own : Array(repeating: "", count: own.count)) + [
                        series.kind + (series.timeframe.map { " \($0)" } ?? ""),
                        FigureText.count(series.events),
                        String(series.from.prefix(10)), String(series.to.prefix(10)),
                    ])
            }
        }
        return table.lines(header: { terminal.styled($0, .bold) })
    }

    private func rows(_ terminal: Terminal) -> [String] {
        var lines = first.map(line)
        if !last.isEmpty {
            let between = events - first.count - last.count
            if between > 0 {
                lines.append(terminal.styled("  ... \(FigureText.count(between)) more", .dim))
            }
            lines += last.map(line)
        }
        return lines
    }

    private func line(_ row: Row) -> String {
        "\(row.event)".aligned(right: "\(events)".count) + "  " + row.time + "  " + row.text
    }
}
