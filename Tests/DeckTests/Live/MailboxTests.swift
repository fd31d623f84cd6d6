import Dispatch
import Foundation
import Market
import StrategyHost
import Synchronization
import Testing

@testable import Deck

/// Other threads have things done between two blocks.
struct MailboxTests {
    @Test
    func `what many threads ask is done by the one that plays, and a deck that has ended says so`()
        throws
    {
        let live = try LiveDeck(bars: 2_000)
        let deck = try live.deck(
            try live.configuration(live.strategies(2, LiveModules.recorder())), block: 64)
        let mailbox = deck.mailbox
        let stop = StopSwitch()
        let player = Thread.current
        let answers = Mutex<[UInt64]>([])
        let group = DispatchGroup()
        for name in ["s0", "s1"] {
            DispatchQueue.global().async(group: group) {
                for turn in 0..<20 {
                    do {
                        let answer = try mailbox.ask { deck throws(DeckFailure) in
                            try deck.command(
                                turn % 2 == 0 ? .pause : .resume, name, by: "thread \(name)")
                        }
                        answers.withLock { $0.append(answer.moment.sequence) }
                    } catch {}
                }
            }
        }
        var isTold = false
        let keeper = RecordKeeper()
        _ = try deck.play(into: keeper, stop: stop) { _ in
            isTold = Thread.current === player
        }
        group.wait()
        #expect(isTold)
        let done = keeper.commands.filter(\.isDone)
        #expect(done.count == answers.withLock { $0.count })
        #expect(zip(done, done.dropFirst()).allSatisfy { $0.sequence <= $1.sequence })
        #expect(throws: DeckFailure("the run is over")) { try mailbox.ask { deck in deck.moment } }
    }

    @Test func `a deck that stays is woken by what comes`() throws {
        let live = try LiveDeck(bars: 500)
        var options = PlayOptions()
        options.stays = true
        let deck = try TapeDeck(
            try live.configuration(live.strategies(1, LiveModules.recorder())), plugins: live.store,
            options: options)
        let (mailbox, stop) = (deck.mailbox, StopSwitch())
        let group = DispatchGroup()
        DispatchQueue.global().async(group: group) {
            while true {
                guard
                    let status = try? mailbox.ask({ deck throws(DeckFailure) in try deck.status() })
                else { break }
                if status.state == "staying" { break }
            }
            _ = try? mailbox.ask { deck throws(DeckFailure) in
                try deck.command(.flatten, nil, by: "a test")
            }
            stop.set()
        }
        let result = try deck.play(stop: stop)
        group.wait()
        #expect(result.status == .complete)
    }
}
