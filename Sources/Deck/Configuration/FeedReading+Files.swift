import Feeds
import Market

/// CSV files: `path` is one file or a list of them, or each asset has its own.
extension FeedReading {
    func openFiles() -> (FeedPlan.Source, OpenFeed)? {
        let files = sources()
        guard !files.isEmpty else { return nil }
        var tapes: [TapeFile] = []
        var reports: [ImportReport] = []
        for (source, reader) in files {
            guard let result = importFile(source, reader) else { continue }
            reports.append(result.report)
            if let tape = result.tape { tapes.append(tape) }
        }
        guard tapes.count == files.count, let first = tapes.first else { return nil }
        let source = FeedPlan.Source.csv(files.map(\.0))
        if tapes.count == 1 { return (source, OpenFeed(tape: first, reports: reports)) }
        do {
            return (source, OpenFeed(tape: try merge(tapes), reports: reports))
        } catch {
            section.reader.report(error.description)
            return nil
        }
    }

    private func merge(_ tapes: [TapeFile]) throws(FeedError) -> TapeFile {
        try FeedMerge(tapes).write(.memory("several files"), isDurable: false)
    }

    private func importFile(
        _ source: FeedPlan.CSVSource, _ reader: ConfigurationReader
    ) -> CSVImportResult? {
        do {
            let result = try CSVImport.run(
                source.path, to: .memory(source.path), settings: source.settings
            ) { [progress] step in
                progress(FeedProgress(done: step.bytesDone, total: step.bytesTotal, unit: .bytes))
            }
            if result.tape == nil { reader.report(Self.refusal(result.report)) }
            return result
        } catch {
            reader.report(error.description)
            return nil
        }
    }

    /// The first reasons in full; the rest is counted.
    private static func refusal(_ report: ImportReport) -> String {
        let rejected = report.problems.filter { $0.action == .rejected }
        let lines = rejected.prefix(10).map { "\n  \($0.text(report.path))" }.joined()
        let count = report.count(.rejected)
        return
            "\(report.path) has \(count) wrong row\(count == 1 ? "" : "s"); mend them, or say policy: drop or "
            + "policy: repair\(lines)"
    }

    private func sources() -> [(FeedPlan.CSVSource, ConfigurationReader)] {
        let common = commonSettings()
        var files: [(FeedPlan.CSVSource, ConfigurationReader)] = []
        for asset in assets {
            guard let reader = asset.path,
                let text = reader.string(expected: "the path of a CSV file")
            else { continue }
            var settings = common
            settings.instrument.symbol = asset.symbol
            settings.calendar = asset.calendar ?? common.calendar
            settings.allowsNonPositivePrices =
                asset.allowsNonPositivePrices ?? common.allowsNonPositivePrices
            files.append(
                (FeedPlan.CSVSource(path: base.path(text, reader), settings: settings), reader))
        }
        for reader in section[.path]?.list() ?? [] {
            guard let text = reader.string(expected: "the path of a CSV file") else { continue }
            files.append(
                (FeedPlan.CSVSource(path: base.path(text, reader), settings: common), reader))
        }
        if files.isEmpty, section[.path] == nil, assets.allSatisfy({ $0.path == nil }) {
            section.reader.report("feed needs the key \"path\", or every asset its own")
        }
        if files.count == 1, assets.count == 1, assets[0].path == nil, !hasSymbols(files[0].0) {
            files[0].0.settings.instrument.symbol = assets[0].symbol
        }
        return files
    }

    /// Whether its rows say which instrument they are about. What cannot be read is told by the
    /// import.
    private func hasSymbols(_ source: FeedPlan.CSVSource) -> Bool {
        do {
            return try CSVImport.sniff(source.path, settings: source.settings).dialect.hasSymbols
        } catch {
            return true
        }
    }

    private func commonSettings() -> CSVImportSettings {
        var settings = CSVImportSettings()
        settings.isDurable = false
        section.read(.policy, into: &settings.policy) { $0.choice() }
        section.read(.calendar, into: &settings.calendar) { $0.calendarName() }
        section.read(.splits, into: &settings.splits) { $0.choice() }
        section.read(.timeZone, into: &settings.hints.zone) { $0.zoneName() }
        section.read(.stamp, into: &settings.hints.stamp) { $0.choice() }
        section.read(.timeframe, into: &settings.hints.timeframe) {
            $0.timeframe().map { TimeFrame(rawValue: $0) }
        }
        if let reader = section[.columns] {
            let roles = reader.items().map { $0.choice(CSVColumn.Role.self) }
            if !roles.contains(nil) { settings.hints.columns = roles.compactMap { $0 } }
        }
        // What assets say of calendars counts when a file is read: a daily bar's time is its
        // session's close.
        if section[.calendar] == nil, case let calendars = Set(assets.compactMap(\.calendar)),
            calendars.count == 1,
            let calendar = calendars.first, assets.allSatisfy({ $0.calendar != nil })
        {
            settings.calendar = calendar
        }
        return settings
    }
}

extension ConfigurationReader {
    fileprivate func zoneName() -> String? {
        guard let text = string(expected: "a time zone such as America/New_York, UTC or +05:30")
        else { return nil }
        guard ZoneRules.named(text) != nil else {
            report(
                "the time zone \(quoted) is not known; use UTC, an offset such as +05:30, or one of "
                    + ZoneRules.all.map(\.name).joined(separator: ", "))
            return nil
        }
        return text
    }
}
