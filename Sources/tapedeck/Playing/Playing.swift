import ArgumentParser
import Deck
import Journal
import StrategyHost

/// One run from its configuration to its report.
struct Playing {
    let arguments: PlayArguments
    var options = PlayOptions()
    let terminal = Terminal()
    /// Nil for a run that nobody commands.
    var live: LiveRun?

    init(_ arguments: PlayArguments, kind: String) {
        self.arguments = arguments
        options.kind = kind
        options.lanes = arguments.lanes
        options.version = Version.current
    }

    /// - Parameter watcher: is told of everything before the journal is.
    func run(_ configuration: DeckConfiguration, watcher: RunWatcher? = nil) throws {
        let plugins = PluginStore(probe: ProbeProcess())
        let (notice, hangs) = HangNotice.watch()
        defer { hangs.end() }
        let deck = try deck(configuration, plugins)
        let place = arguments.journalChoice(configuration)
        let journal = try place.open()
        defer { place.close(journal) }
        notice.journal(to: journal?.sink)
        let result: RunResult
        do {
            let open = try live?.open(deck, plugins, hangs)
            notice.close(open?.server)
            defer { open?.close() }
            if options.stays, let server = open?.server {
                printError(
                    "tapedeck: commanded at \(server.path); `tapedeck status` shows it, `tapedeck stop` ends it"
                )
            }
            result = try play(
                deck, into: RunSink(journal: journal?.sink, watcher: watcher), watcher)
        } catch {
            throw failed(error)
        }
        try tell(result, journal, place, watcher)
        try end(result, isKept: place != .none && place != .untilTablesAreWritten)
    }

    private func deck(_ configuration: DeckConfiguration, _ plugins: PluginStore) throws -> TapeDeck
    {
        do {
            return try TapeDeck(configuration, plugins: plugins, options: options)
        } catch {
            throw failed(error)
        }
    }

    private func play(
        _ deck: TapeDeck, into sink: RunSink, _ watcher: RunWatcher?
    ) throws(DeckFailure) -> RunResult {
        // Lines that come as they happen and a line that is drawn again and again do not share a
        // terminal.
        let isShared = watcher != nil && terminal.writesToTerminal
        var bar = ProgressBar("playing", unit: "events", terminal: terminal)
        defer { bar.finish() }
        return try deck.play(into: sink, stop: Interruption.stop) { progress in
            watcher?.flush()
            if !isShared { bar.update(done: progress.done, of: progress.total) }
        }
    }

    private func tell(
        _ result: RunResult, _ journal: OpenJournal?, _ place: JournalPlace, _ watcher: RunWatcher?
    ) throws {
        watcher?.flush()
        var run = journal?.run
        if arguments.tables.isWanted, let journal, let run {
            do { try arguments.tables.write(run, of: JournalReader(path: journal.path)) } catch let
                failure
                as JournalFailure
            { throw failed(failure) }
        }
        if place == .untilTablesAreWritten { run = nil }
        if arguments.json {
            let answer = RunAnswer(run: run, result: result)
            print(watcher == nil ? try JSONText.of(answer) : try JSONText.compact(answer))
        } else if !arguments.quiet {
            let report = RunReport(
                result: result, run: run, terminal: terminal, hasDetail: arguments.detail)
            if watcher != nil { print() }
            for line in report.lines { print(line) }
        }
    }

    private func end(_ result: RunResult, isKept: Bool) throws {
        for slot in result.slots {
            guard let fault = slot.fault else { continue }
            printError(
                terminal.styled("tapedeck: ", .bold) + "\(slot.name) was stopped: \(fault.message)")
        }
        if result.status == .interrupted {
            let rest =
                isKept
                ? "what was played until then is a run of its own"
                : "what was played until then is not kept"
            printError(terminal.styled("tapedeck: ", .bold) + "interrupted; " + rest)
            throw ExitCode(Interruption.exitStatus)
        }
        if result.slots.contains(where: { $0.fault != nil }) { throw ExitCode(1) }
    }
}

/// A result with its number in the journal, as JSON.
struct RunAnswer: Encodable {
    var run: Int64?
    var result: RunResult

    private enum CodingKeys: String, CodingKey { case run }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(run, forKey: .run)
        try result.encode(to: encoder)
    }
}
