package import Market

/// Which events of a tape are written, and in whose manner.
package struct CSVExportSettings: Hashable, Sendable, Codable {
    package enum Form: String, Hashable, Sendable, Codable, CaseIterable {
        /// Our own: everything that a tape knows, in the fewest digits.
        case canonical
        case yahoo, binance, coinbase, alpaca, stooq
        case cryptoDataDownload = "crypto_data_download"
    }

    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case bars, trades, quotes, depth, funding, standings
    }

    package var form = Form.canonical
    /// What is written; by default the first of all kinds that there is something of.
    package var kind: Kind?
    /// By symbol; all when empty.
    package var symbols: [String] = []
    /// Of the bars; the shortest on the tape when nil.
    package var timeframe: TimeFrame?
    /// Bars restated for the splits and dividends that come after them, without these: for
    /// indicators and charts. Nobody ever traded at such prices.
    package var isAdjusted = false

    package init() {}
}

/// Writes a tape's events as CSV. What was imported from our own form is written back byte for
/// byte; what is written in any form comes back, imported, as the same events.
package enum CSVExport {
    /// Returns the number of rows. `step` is told how many events are done and may stop it by
    /// answering false.
    package static func run(
        _ tape: TapeFile, to path: String, settings: CSVExportSettings = CSVExportSettings(),
        step: (Int) -> Bool = { _ in true }
    ) throws(FeedError) -> Int {
        let plan = try ExportPlan(tape, settings)
        let output = try OutputFile(replacing: path)
        var writer = ExportWriter(plan, output)
        try writer.run(tape, step)
        try output.finish(size: writer.size, isDurable: false)
        return writer.rows
    }
}

/// What is settled before the first row is written.
struct ExportPlan {
    let settings: CSVExportSettings
    let kind: CSVExportSettings.Kind
    let instruments: [Instrument]
    /// By instrument: whether it is written.
    let isWritten: [Bool]
    let clocks: [BarStamping]
    let timeframe: TimeFrame
    let hasManySymbols: Bool
    let hasActions: Bool
    /// What a made-up market is called; empty where all that is written is real.
    let label: String

    init(_ tape: TapeFile, _ settings: CSVExportSettings) throws(FeedError) {
        self.settings = settings
        instruments = tape.contents.instruments
        for symbol in settings.symbols where !instruments.contains(where: { $0.symbol == symbol }) {
            throw FeedError(
                .badSettings, tape.path, "there is no \(symbol) on this tape",
                hint: "it has " + instruments.prefix(8).map(\.symbol).joined(separator: ", "))
        }
        let isWritten = instruments.map {
            settings.symbols.isEmpty || settings.symbols.contains($0.symbol)
        }
        self.isWritten = isWritten
        let isSynthetic = zip(instruments, isWritten).contains { $0.isSynthetic && $1 }
        label = isSynthetic ? SyntheticLabel.line(tape.contents.label) : ""
        let series = tape.header.series.filter { !$0.isOfMarket && isWritten[Int($0.instrument)] }
        kind = try Self.kind(series, settings, tape.path)
        let bars = series.filter { $0.type == EventCode.bar }.map {
            TimeFrame(rawValue: $0.timeframe)
        }
        let frame = settings.timeframe ?? bars.min() ?? TimeFrame(rawValue: 0)
        guard kind != .bars || bars.contains(frame) else {
            throw FeedError(.badSettings, tape.path, "there are no bars of \(frame) on this tape")
        }
        timeframe = frame
        hasManySymbols = isWritten.filter { $0 }.count > 1
        hasActions =
            !settings.isAdjusted
            && series.contains { $0.type == EventCode.split || $0.type == EventCode.dividend }
        var clocks: [BarStamping] = []
        for (instrument, stamp) in zip(instruments, tape.contents.stamps) {
            let calendar: TradingCalendar
            do { calendar = try TradingCalendar.named(instrument.calendar) } catch {
                throw FeedError(.badSettings, tape.path, error.description)
            }
            clocks.append(BarStamping(frame: frame, stamp: stamp, sessions: SessionTable(calendar)))
        }
        self.clocks = clocks
        try check(tape.path)
    }

    private static func kind(
        _ series: [TapeSeries], _ settings: CSVExportSettings, _ path: String
    ) throws(FeedError) -> CSVExportSettings.Kind {
        let codes: [(CSVExportSettings.Kind, UInt8)] = [
            (.bars, EventCode.bar), (.trades, EventCode.trade), (.quotes, EventCode.quote),
            (.depth, EventCode.depth), (.funding, EventCode.funding),
            (.standings, EventCode.standing),
        ]
        for (kind, code) in codes where settings.kind == nil || settings.kind == kind {
            if series.contains(where: { $0.type == code }) { return kind }
        }
        throw FeedError(
            .badSettings, path,
            "there are no \(settings.kind?.rawValue ?? "bars, ticks, levels, rates or standings") "
                + "of these symbols on this tape"
        )
    }

    /// Other people's forms cannot say everything.
    private func check(_ path: String) throws(FeedError) {
        let form = settings.form
        guard !settings.isAdjusted || (kind == .bars && form == .canonical) else {
            throw FeedError(
                .badSettings, path, "only bars are adjusted, and only in the canonical form")
        }
        if form == .canonical { return }
        guard kind == .bars else {
            throw FeedError(
                .badSettings, path, "the form \(form.rawValue) has no \(kind.rawValue)",
                hint: "use canonical")
        }
        let namesSymbols = form == .stooq && !timeframe.isOfDates || form == .cryptoDataDownload
        guard namesSymbols || !hasManySymbols else {
            throw FeedError(
                .badSettings, path, "the form \(form.rawValue) holds one symbol a file",
                hint: "name one")
        }
        if form == .yahoo, timeframe != .day {
            throw FeedError(
                .badSettings, path, "the form yahoo is for daily bars, not \(timeframe)")
        }
    }
}

/// The inverse of `BarClock`: from a bar's close to the stamp of its row.
struct BarStamping: Sendable {
    let frame: TimeFrame
    let stamp: BarStamp
    let sessions: SessionTable?

    /// The date by which a bar of whole days is called.
    func date(closes: Int64) -> CivilDate {
        var date = Timestamp(nanoseconds: closes - 1).date
        if let sessions {
            let place = sessions.place(at: closes - 1)
            date = Timestamp(nanoseconds: closes - 1).civil(in: sessions.zone).date
            if place < sessions.sessions.count, sessions.sessions[place].closes.rawValue == closes {
                date = sessions.sessions[place].date
            }
        }
        switch frame {
        case .week: return date.startOfWeek
        case .month: return date.startOfMonth
        default: return date
        }
    }

    /// UTC nanoseconds of a bar's open.
    func opens(_ closes: Int64, isShort: Bool) -> Int64 {
        if frame.isOfDates {
            // A market that never shuts may begin its days at any hour.
            if sessions == nil, frame == .day { return closes - frame.nanoseconds }
            return Timestamp(date(closes: closes)).rawValue
        }
        if isShort, let sessions {
            let place = sessions.place(at: closes - 1)
            if place < sessions.sessions.count {
                let opens = sessions.sessions[place].opens.rawValue
                return opens + (closes - 1 - opens) / frame.nanoseconds * frame.nanoseconds
            }
        }
        return closes - frame.nanoseconds
    }
}
