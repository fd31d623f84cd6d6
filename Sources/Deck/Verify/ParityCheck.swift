import CTapedeck
package import Feeds
package import Journal
import Kernel
import Market
package import StrategyHost

/// Whether a run of the journal, played again over the same tape, decides the same.
package struct ParityCheck {
    package struct Answer: Hashable, Sendable {
        package var run: Int64
        package var status: RunStatus
        /// Decisions in the journal that were compared.
        package var decisions: Int
        /// One for each strategy that decides otherwise, by its first such decision; `first` is the
        /// journal's.
        package var divergences: [Divergence]
        /// Of the whole run, where it ended: the journal's and the replay's.
        package var digests: Digests?
        /// What a reader should know besides.
        package var notes: [String]

        package struct Digests: Hashable, Sendable {
            package var journal: String
            package var replay: String
        }

        package var isEqual: Bool {
            divergences.isEmpty && (digests.map { $0.journal == $0.replay } ?? true)
        }
    }

    /// Why a run cannot be played again; all reasons at once.
    package struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        package var reasons: [String]
        package var description: String { reasons.joined(separator: "\n") }
    }

    private let journal: JournalReader
    private let run: Int64
    private let plugins: PluginStore

    package init(_ journal: JournalReader, run: Int64, plugins: PluginStore) {
        self.journal = journal
        self.run = run
        self.plugins = plugins
    }

    /// - Parameters:
    ///   - tape: a recording to play instead of the configuration's feed: of the tape of the run,
    ///     or the run's own.
    ///   - progress: told while CSV files are read; false gives up.
    package func check(
        tape: TapeFile? = nil, progress: @escaping @Sendable (FeedProgress) -> Bool = { _ in true }
    ) throws -> Answer {
        guard let summary = try journal.run(run), let identity = try journal.identity(of: run)
        else {
            let latest = try journal.runs(limit: 1).first
            throw Refusal(reasons: [
                "there is no run \(run)\(latest.map { "; the latest is \($0.id)" } ?? "")"
            ])
        }
        let configuration = try configuration(identity, tape, progress)
        try compareDigests(configuration, identity)
        var (answer, replay) = try play(configuration, summary)
        if let digest = summary.digest, summary.status == .complete {
            answer.digests = Answer.Digests(journal: digest, replay: replay)
        }
        return answer
    }

    /// As it was: its text from the journal, with the overrides behind it.
    private func configuration(
        _ identity: RunIdentity, _ tape: TapeFile?,
        _ progress: @escaping @Sendable (FeedProgress) -> Bool
    ) throws -> DeckConfiguration {
        guard
            SHA256.hash(Array(identity.configuration.utf8)).description
                == identity.configurationDigest
        else {
            throw Refusal(reasons: [
                "the configuration of run \(run) does not have the SHA-256 that was written beside it: the journal was "
                    + "changed"
            ])
        }
        var (text, overrides) = Self.parts(of: identity.configuration)
        // A replay needs no pace.
        overrides.removeAll { $0.hasPrefix("feed.speed=") }
        if let tape {
            let span = overrides.filter { $0.hasPrefix("feed.from=") || $0.hasPrefix("feed.to=") }
            overrides.removeAll { $0.hasPrefix("feed") }
            overrides += ["feed={source: tape, path: \"\(tape.path)\"}"] + span
        }
        switch DeckConfiguration.load(
            text: text, path: identity.configurationPath ?? "the journal's configuration",
            overrides: overrides,
            progress: progress)
        {
        case .success(let configuration): return configuration
        case .failure(let problems):
            throw Refusal(
                reasons: ["the configuration of run \(run) cannot be read any more:"]
                    + problems.problems.map(\.description))
        }
    }

    /// The file's text, and the overrides that were written behind it.
    static func parts(of recorded: String) -> (text: String, overrides: [String]) {
        let mark = "# --set "
        var lines = recorded.split(separator: "\n", omittingEmptySubsequences: false)
        var overrides: [String] = []
        while let last = lines.last, last.hasPrefix(mark) {
            overrides.append(String(last.dropFirst(mark.count)))
            lines.removeLast()
        }
        return (lines.joined(separator: "\n"), overrides.reversed())
    }

    /// Of a tape without the operators' commands that a recording has between its events.
    private static func digestOfMarket(_ tape: TapeFile) throws(DeckFailure) -> String {
        guard tape.header.series.contains(where: { $0.type == TD_EVENT_COMMAND }) else {
            return tape.header.digest.description
        }
        let events = unsafe tape.events.filter { $0.type != TD_EVENT_COMMAND }
        return try tape.remade(events, name: "without commands").header.digest.description
    }

    private func compareDigests(_ configuration: DeckConfiguration, _ identity: RunIdentity) throws
    {
        var reasons: [String] = []
        let digest = try Self.digestOfMarket(configuration.open.tape)
        // What a run that was ended before its data has recorded is a tape of its own.
        let recording = try journal.result(of: run).map { try RunResult.read($0) }?.recording
        if digest != identity.tapeDigest,
            configuration.open.tape.header.digest.description != recording
        {
            reasons.append(
                "the tape is another one: run \(run) played \(identity.tapeDigest.prefix(16))..., "
                    + "\(configuration.open.tape.path) has \(digest.prefix(16))...")
        }
        let slots = try journal.slots(of: run)
        if slots.count != configuration.slots.count {
            reasons.append(
                "run \(run) had \(slots.count) strategies, its configuration now has \(configuration.slots.count)"
            )
        }
        for (slot, plan) in zip(slots, configuration.slots) {
            if slot.pluginDigest != plan.plugin.digest.description {
                reasons.append(
                    "the plug-in of \"\(slot.name)\" is another one: run \(run) played "
                        + "\(slot.pluginDigest.prefix(16))..., "
                        + "\(plan.plugin.path) has \(plan.plugin.digest.description.prefix(16))...")
            }
            if slot.parameters != plan.parameters.json {
                reasons.append(
                    "\"\(slot.name)\" has other parameters: \(slot.parameters) then, \(plan.parameters.json) now"
                )
            }
        }
        if !reasons.isEmpty { throw Refusal(reasons: reasons) }
    }
}

extension ParityCheck {
    private func play(
        _ configuration: DeckConfiguration, _ summary: RunSummary
    ) throws -> (Answer, digest: String) {
        let rehearsal = TapeTrial(configuration, plugins: plugins)
        let outcome = try rehearsal.play(blockSize: 4_096)
        var answer = Answer(
            run: run, status: summary.status, decisions: 0, divergences: [], notes: [])
        let counts = try comparable(summary, &answer)
        for (slot, replayed) in outcome.logs.enumerated() {
            let records = try journal.records(run: run, slot: slot)
            let stored = DecisionLog(name: replayed.name, decisions: Self.decisions(records)).only(
                counts)
            // A run that did not end may have left its last decisions behind.
            var other = replayed.only { !$0.isSaidOnly && counts($0) }
            if summary.status != .complete { other = Self.cut(other, like: stored) }
            answer.decisions += stored.decisions.count
            if let divergence = stored.divergence(from: other) {
                answer.divergences.append(divergence)
            }
        }
        return (answer, outcome.result.digest)
    }

    /// Which decisions of a run that is not whole can be compared.
    private func comparable(
        _ summary: RunSummary, _ answer: inout Answer
    ) throws -> (Decision) -> Bool {
        switch summary.status {
        case .complete: return { _ in true }
        case .interrupted:
            let end = try journal.span(of: run)?.last ?? .distantFuture
            answer.notes.append(
                "the run was interrupted at \(TimeText.string(end)); what was decided before is compared"
            )
            return { $0.time < end }
        case .running, .failed, .crashed:
            answer.notes.append("the run did not end; it is compared as far as its journal goes")
            return { _ in true }
        }
    }

    /// The records of each kind as far as the journal has them.
    private static func cut(_ log: DecisionLog, like stored: DecisionLog) -> DecisionLog {
        var left: [String: Int] = [:]
        for decision in stored.decisions { left[decision.kind, default: 0] += 1 }
        var result = log
        result.decisions = log.decisions.filter { decision in
            guard let count = left[decision.kind], count > 0 else { return false }
            left[decision.kind] = count - 1
            return true
        }
        return result
    }

    private static func decisions(_ records: StoredRecords) -> [Decision] {
        records.orders.map { Decision(sequence: $0.sequence, time: $0.time, act: .order($0)) }
            + records.fills.map { Decision(sequence: $0.sequence, time: $0.time, act: .fill($0)) }
            + records.ledger.map {
                Decision(sequence: $0.sequence, time: $0.time, act: .ledger($0))
            }
            + records.breaches.map {
                Decision(sequence: $0.sequence, time: $0.time, act: .breach($0))
            }
            + records.faults.map {
                Decision(sequence: $0.sequence, time: $0.time, act: .fault($0.text))
            }
    }
}

extension DecisionLog {
    fileprivate func only(_ counts: (Decision) -> Bool) -> DecisionLog {
        var log = self
        log.decisions = decisions.filter(counts)
        return log
    }
}

extension Decision {
    /// The journal has no table for it.
    fileprivate var isSaidOnly: Bool {
        switch act {
        case .signal, .plot: true
        default: false
        }
    }
}
