import Deck
import Glibc
import Market
import StrategyHost
import Synchronization

/// What a run does about a strategy inside this process that does not come back: says so, writes it
/// down, and ends the program where that is wanted and the run cannot end by itself.
final class HangNotice: Sendable {
    private struct Run {
        var journal: JournalSink?
        var server: ControlServer?
    }

    private let run = Mutex(Run())
    private let isAbandoned = Atomic(false)

    /// Watches from here on; `end` it when the run is over.
    static func watch() -> (notice: HangNotice, watch: HangWatch) {
        let notice = HangNotice()
        let watch = HangWatch(
            stop: Interruption.stop,
            HangWatch.Answers(
                begins: {
                    notice.tell(
                        $0, "\($0.description); Ctrl-C ends the run and keeps what it journaled")
                },
                ends: {
                    printError(
                        "tapedeck: \($0.name) has come back from \($0.call.call); the run goes on")
                },
                abandons: { notice.abandon($0) }))
        watch.start()
        return (notice, watch)
    }

    func journal(to sink: JournalSink?) { run.withLock { $0.journal = sink } }
    func close(_ server: ControlServer?) { run.withLock { $0.server = server } }

    private func tell(_ hang: Hang, _ text: String) {
        printError("tapedeck: \(text)")
        let journal = run.withLock { $0.journal }
        // A journal that cannot take it will say so to the run itself.
        do throws(DeckFailure) {
            try journal?.fault(ofStrategy: hang.call.label, text: hang.description)
        } catch {
            printError("tapedeck: \(error.description)")
        }
    }

    /// Nothing of the run's own thread can be waited for: it is inside the strategy.
    private func abandon(_ hang: Hang) {
        guard !isAbandoned.exchange(true, ordering: .relaxed) else { return }
        let (journal, server) = run.withLock { ($0.journal, $0.server) }
        server?.stop()
        journal?.fail(at: WallClock.present)
        let kept = journal?.run.map { "what was played until then is run \($0), marked as failed" }
        printError(
            "tapedeck: interrupted while \(hang.name) hangs in \(hang.call.call); "
                + (kept ?? "nothing of it is kept"))
        _exit(Interruption.exitStatus)
    }
}
