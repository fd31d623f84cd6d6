import Market

/// A finished import. The tape is nil when the policy refused the file.
package struct CSVImportResult: Sendable {
    package var tape: TapeFile?
    package var report: ImportReport
}

/// Makes a tape of a CSV file.
package enum CSVImport {
    /// Sniffs, reads and checks the file and writes the tape, unless its rows are refused or there
    /// is no `destination`. `progress` is told after every piece, on one of the reading threads,
    /// and stops the work by answering false.
    package static func run(
        _ path: String, to destination: TapeWriter.Destination?,
        settings: CSVImportSettings = CSVImportSettings(),
        progress: @escaping @Sendable (ImportProgress) -> Bool = { _ in true }
    ) throws(FeedError) -> CSVImportResult {
        let file = try InputFile(path)
        let job = try ImportJob(file, settings)
        // Successors are symbols as well, wherever in the file they are first named.
        let needsMerge =
            job.plan.dialect.hasSymbols || job.mergesSessions
            || job.plan.dialect.layout == .standings
        var pass: ImportPass?
        if !needsMerge {
            let direct = try ImportPass(job, .direct(destination), progress)
            try direct.run()
            if !direct.needsSorting { pass = direct }
        }
        let done: ImportPass
        if let pass {
            done = pass
        } else {
            done = try ImportPass(job, .sorting(destination), progress)
            try done.run()
        }
        return try done.finish()
    }

    /// Reads and checks a file without writing anything.
    package static func check(
        _ path: String, settings: CSVImportSettings = CSVImportSettings(),
        progress: @escaping @Sendable (ImportProgress) -> Bool = { _ in true }
    ) throws(FeedError) -> ImportReport {
        try run(path, to: nil, settings: settings, progress: progress).report
    }

    /// Says how a file would be read.
    package static func sniff(
        _ path: String, settings: CSVImportSettings = CSVImportSettings()
    ) throws(FeedError) -> SniffedCSV {
        let file = try InputFile(path)
        return try CSVSniffer.sniff(
            file, hints: settings.hints, sessions: ImportJob.sessions(settings, path))
    }
}

/// Everything that is settled before the first row is read.
struct ImportJob: Sendable {
    let file: InputFile
    var settings: CSVImportSettings
    let sniffed: SniffedCSV
    let plan: RowPlan
    let sessions: SessionTable?
    /// The symbols that are known before the first row; empty where a column names them.
    let symbols: [String]
    let isReversed: Bool

    var mergesSessions: Bool { settings.hasSessions && sessions != nil }
    /// What the tape calls its source.
    var source: String { settings.source ?? String(file.path.split(separator: "/").last ?? "") }

    init(_ file: InputFile, _ settings: CSVImportSettings) throws(FeedError) {
        self.file = file
        self.settings = settings
        sessions = try Self.sessions(settings, file.path)
        if let sessions { self.settings.calendar = sessions.calendar.name }
        sniffed = try CSVSniffer.sniff(file, hints: settings.hints, sessions: sessions)
        plan = try RowPlan(
            sniffed.dialect, allowsNonPositivePrices: settings.allowsNonPositivePrices,
            isSynthetic: sniffed.label != nil, path: file.path)
        isReversed = sniffed.dialect.order == .newestFirst
        let own = settings.instrument.symbol ?? InstrumentMaking.symbol(ofFile: file.path)
        if sniffed.dialect.hasSymbols {
            guard settings.instrument.symbol == nil else {
                throw FeedError(
                    .badSettings, file.path, "its rows name their symbols, so none can be given",
                    hint: "leave the symbol out")
            }
            symbols = []
        } else if plan.closeSymbols.count > 1 {
            symbols = plan.closeSymbols
        } else if let name = plan.closeSymbols.first, settings.instrument.symbol == nil,
            ColumnNames.roles[ColumnNames.plain(name)] != .close
        {
            symbols = [name]
        } else {
            symbols = [own]
        }
    }

    static func sessions(
        _ settings: CSVImportSettings, _ path: String
    ) throws(FeedError) -> SessionTable? {
        do { return SessionTable(try TradingCalendar.named(settings.calendar)) } catch {
            throw FeedError(.badSettings, path, error.description)
        }
    }
}
