import CTapedeck
import Foundation
import Kernel
import Market
import Testing

/// A second, slow, obvious implementation of the accounting agrees with the kernel on random tapes,
/// event by event. TAPEDECK_TAPES says how many; the long run plays 10,000.
@Suite struct AccountingOpinionTests {
    static let count =
        ProcessInfo.processInfo.environment["TAPEDECK_TAPES"].flatMap { UInt64($0) } ?? 120

    @Test
    func
        `cash, equity, results, fees and income of random tapes agree with exact fractions after every event`()
    {
        var (events, fills, lines) = (0, 0, 0)
        for seed in 1...Self.count {
            let storm = OrderStorm(seed: 70_000 + seed, events: 200)
            let hasSplits = storm.tape.events.contains { $0.type == UInt8(TD_EVENT_SPLIT) }
            // Lots by themselves may hold fractions after a split; the kernel's count in whole
            // units.
            if hasSplits && storm.settings.lots == .fifo { continue }
            var account = PlainAccount(storm)
            var problem: String?
            var marks = storm.instruments.map { _ in Price.zero }
            _ = storm.playStepwise { portfolio, index, records in
                guard problem == nil else { return }
                let event = storm.tape.events[index]
                // Fills of a day's end bear the number of the event before it.
                let early = records.fills.prefix { $0.sequence < event.sequence }
                account.pass(to: event.time, ArraySlice(early))
                account.act(event)
                for fill in records.fills.dropFirst(early.count) { account.book(fill) }
                // What marks nothing, such as a quote without one side, leaves a split's fraction
                // of a mark as it is.
                let mark = portfolio.books.mark(of: event.instrument)
                let hasFill = records.fills.contains { $0.instrument == event.instrument }
                let isWhole = event.type <= UInt8(TD_EVENT_TRADE)
                if event.type <= UInt8(TD_EVENT_DEPTH),
                    isWhole || hasFill || mark != marks[Int(event.instrument)]
                {
                    account.mark(Int(event.instrument), at: mark.rawValue)
                }
                for place in marks.indices {
                    marks[place] = portfolio.books.mark(of: InstrumentID(place))
                }
                problem = account.difference(from: portfolio).map {
                    "event \(index) of type \(event.type): \($0)"
                }
                events += 1
                fills += records.fills.count
                lines += records.ledger.count
            }
            if let problem {
                Issue.record("seed \(70_000 + seed), \(problem)")
                return
            }
        }
        print(
            "second accounting: \(Self.count) tapes, \(events) events, \(fills) fills, \(lines) ledger lines"
        )
        #expect(events > 10_000 && fills > 1_000 && lines > 200)
    }
}
