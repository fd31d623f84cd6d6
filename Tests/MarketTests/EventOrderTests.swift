import CTapedeck
import Testing
@testable import Market

private func event(
    _ kind: EventKind, _ instrument: InstrumentID = 0, frame: UInt32 = 0, at seconds: Int64 = 0
) -> Event {
    var event = Event(kind, instrument, at: Timestamp(seconds: seconds))
    event.timeframe = frame
    return event
}

@Suite struct EventOrderTests {
    /// All at one time, as the rules order them.
    private let inOrder = [
        event(.command), event(.split, 9), event(.dividend, 2), event(.sessionOpen, 9),
        event(.gap, 1), event(.bar, 1, frame: 60), event(.bar, 1, frame: 300),
        event(.bar, 1, frame: 604_800),
        event(.trade, 1), event(.bar, 2, frame: 60), event(.quote, 2), event(.depth, 3),
        event(.timer, 0),
        event(.sessionClose, 0),
    ]

    @Test func `at one time kinds, instruments and time frames decide`() {
        for i in inOrder.indices {
            for j in inOrder.indices {
                #expect(EventOrder.precedes(inOrder[i], inOrder[j]) == (i < j), "\(i) \(j)")
            }
        }
    }

    @Test func `an earlier time comes first whatever the kind`() {
        #expect(EventOrder.precedes(event(.sessionClose, at: 1), event(.command, at: 2)))
        #expect(!EventOrder.precedes(event(.command, at: 2), event(.sessionClose, at: 1)))
    }

    @Test func `what the rules leave open stays in order of arrival`() {
        var events = [
            event(.quote, 4), event(.trade, 4), event(.quote, 4), event(.trade, 4),
            event(.trade, 3),
        ]
        for i in events.indices { events[i].sequence = UInt64(i) }
        EventOrder.sort(&events)
        #expect(events.map(\.sequence) == [4, 0, 1, 2, 3])
        var splits = [event(.split, 8), event(.split, 3)]
        EventOrder.sort(&splits)
        #expect(splits.map(\.instrument) == [8, 3])
    }

    @Test func `a shuffled tape sorts back`() {
        let seed: UInt64 = 5
        print("seed \(seed)")
        var random = Xoshiro256StarStar(seed: seed)
        for _ in 0..<50 {
            var events = inOrder
            random.shuffle(&events)
            EventOrder.sort(&events)
            let kinds = events.map { [UInt32($0.type), UInt32($0.instrument), $0.timeframe] }
            #expect(
                kinds == inOrder.map { [UInt32($0.type), UInt32($0.instrument), $0.timeframe] })
            #expect(EventOrder.firstMisplaced(events.span) == nil)
        }
        #expect(EventOrder.firstMisplaced([inOrder[0], inOrder[2], inOrder[1]].span) == 2)
    }
}
