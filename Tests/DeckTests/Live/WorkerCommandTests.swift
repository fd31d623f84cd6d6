import Dispatch
import Glibc
import Kernel
import Market
import Synchronization
import Testing

@testable import Deck

/// What an operator commands reaches strategies in workers as it reaches those in the host.
@Suite(.serialized) struct WorkerCommandTests {
    let live: LiveDeck

    init() throws { live = try LiveDeck(bars: 1_500) }

    /// What came of a play in which every kind of command was given.
    private struct Commanded {
        var digests: [String]
        var words: [String]
        var answers: [String]
        /// By step: `isPaused` and `isDisabled`, and whether it held anything, of each slot.
        var states: [String] = []
    }

    private func play(_ isolation: String, commands: Bool = true) throws -> Commanded {
        let strategies = live.strategies(
            4, try LiveModules.recorder(), more: ", isolation: \(isolation)")
        let deck = try live.deck(try live.configuration(strategies), block: 50)
        let keeper = RecordKeeper()
        var states: [String] = []
        var step = 0
        let result = try deck.play(into: keeper) { _ in
            defer { step += 1 }
            guard commands else { return }
            do {
                switch step {
                case 4: _ = try deck.command(.pause, "s0", by: "a test")
                case 6: _ = try deck.command(.flatten, "s1", by: "a test")
                case 8: _ = try deck.set("s2", "every", "3", by: "a test")
                case 10: _ = try deck.command(.kill, "s3", by: "a test")
                case 14: _ = try deck.command(.resume, nil, by: "a test")
                case 20: _ = try deck.command(.pause, nil, by: "a test")
                default: return
                }
                states.append(
                    try deck.status().slots.map { "\($0.state) \($0.orders)" }.joined(
                        separator: ", "))
            } catch { Issue.record(error) }
        }
        #expect(result.slots.allSatisfy { $0.fault == nil }, "\(result.slots.map(\.fault))")
        return Commanded(
            digests: result.slots.map(\.digest), words: LiveDeck.words(keeper),
            answers: keeper.commands.filter(\.isDone).map {
                "\($0.command) \($0.slot ?? -1) at \($0.sequence): \($0.answer)"
            },
            states: states)
    }

    @Test(arguments: ["worker", "sealed"])
    func `pause, resume, flatten, kill and set do in a worker what they do in the host`(
        isolation: String
    ) throws {
        let (plain, host, worker) = (
            try play("host", commands: false), try play("host"), try play(isolation)
        )
        #expect(
            zip(host.digests, plain.digests).allSatisfy { $0 != $1 }, "every command did something")
        #expect(worker.digests == host.digests)
        #expect(worker.words == host.words)
        #expect(worker.answers == host.answers)
        #expect(worker.states == host.states)
        #expect(worker.answers.count == 12)
        #expect(worker.states[0].hasPrefix("paused "))
        #expect(worker.states[3].split(separator: ", ")[3].hasPrefix("disabled "))
        #expect(!worker.states[4].contains("disabled") && !worker.states[4].contains("paused"))
    }

    @Test(arguments: ["worker", "sealed"])
    func `a value that the manifest does not allow changes nothing, and says why`(
        isolation: String
    ) throws {
        let strategies = live.strategies(
            1, try LiveModules.recorder(), more: ", isolation: \(isolation)")
        let expected = try live.deck(try live.configuration(strategies), block: 50).play()
        let deck = try live.deck(try live.configuration(strategies), block: 50)
        var step = 0
        var refusals: [String] = []
        let result = try deck.play { _ in
            defer { step += 1 }
            guard step == 5 else { return }
            for (name, value) in [("every", "1"), ("strict", "false"), ("evry", "4")] {
                do throws(DeckFailure) { _ = try deck.set("s0", name, value, by: "a test") } catch {
                    refusals.append(error.description)
                }
            }
        }
        #expect(result.slots[0].digest == expected.slots[0].digest)
        #expect(refusals.count == 3)
        #expect(refusals.first?.contains("1 is below the least value, 2") == true, "\(refusals)")
        #expect(refusals.last?.contains("did you mean \"every\"?") == true, "\(refusals)")
    }
}

/// A worker that ends while nothing is played.
@Suite(.serialized) struct WorkerEndTests {
    @Test(arguments: ["worker", "sealed"])
    func `the end of a worker is noticed while the deck waits, and the others go on`(
        isolation: String
    ) throws {
        let live = try LiveDeck(bars: 300)
        var options = PlayOptions()
        options.stays = true
        let strategies = live.strategies(
            2, try LiveModules.recorder(), more: ", isolation: \(isolation)")
        let deck = try TapeDeck(
            try live.configuration(strategies), plugins: live.store, options: options)
        let (mailbox, stop) = (deck.mailbox, StopSwitch())
        let seen = Mutex<[DeckStatus]>([])
        let group = DispatchGroup()
        DispatchQueue.global().async(group: group) {
            defer { stop.set() }
            var isEnded = false
            // As long as the run takes: its end, or that of the test, ends this as well.
            while let status = try? mailbox.ask({ deck throws(DeckFailure) in try deck.status() }) {
                guard status.state == "staying" else { continue }
                if !isEnded, let process = status.slots[0].process {
                    kill(process, SIGKILL)
                    isEnded = true
                } else if status.slots[0].state == "stopped" {
                    return seen.withLock { $0.append(status) }
                }
            }
        }
        let keeper = RecordKeeper()
        let result = try deck.play(into: keeper, stop: stop)
        group.wait()
        let slots = try #require(seen.withLock { $0.first }).slots
        #expect(slots[0].fault == "crash: its worker died of signal 9 (Killed) at event 299")
        #expect(slots[0].process == nil && slots[1].process != nil)
        #expect(slots[1].state == "running")
        #expect(result.slots[0].fault?.message == slots[0].fault)
        #expect(result.slots[1].fault == nil)
    }
}
