import CTapedeck
import Deck
import Feeds
import Kernel
import Market
import StrategyHost
import Testing

/// A run that begins inside the tape warms up on what lies before, and its results count from its
/// beginning.
struct WarmUpTests {
    let folder = DeckFolder()

    /// Minutes of AAA and BBB from 2023-11-14T22:15 on; BBB begins an hour later.
    init() throws {
        let writer = try TapeWriter(.file(folder.file("late.tape")), isDurable: false)
        var events: [Event] = []
        for minute in 1...600 {
            for id in 0..<2 as Range<UInt16> where id == 0 || minute > 60 {
                let price = 100 + Double((minute * Int(id + 3)) % 23)
                events.append(
                    .bar(
                        id, .minutes(1), closes: Self.time(minute),
                        Bar(
                            open: price, high: price + 1, low: price - 1, close: price + 0.5,
                            volume: 1000)))
            }
        }
        try writer.append(events)
        _ = try writer.finish(
            TapeContents(
                instruments: [DeckFolder.instrument(0, "AAA"), DeckFolder.instrument(1, "BBB")],
                stamps: [.open, .open], source: "test"))
    }

    static func time(_ minute: Int) -> Timestamp {
        Timestamp(seconds: 1_700_000_100 + Int64(minute) * 60)
    }

    private func play(
        _ strategies: String, from minute: Int?, sink: (any RecordSink)? = nil
    ) throws -> RunResult {
        let from = minute.map { ", from: \(TimeText.string(Self.time($0)))" } ?? ""
        let configuration = try DeckConfiguration.load(
            text: """
                feed: { source: tape, path: late.tape\(from) }
                plugins: { folder: plugins }
                metrics: { sampling: bar }
                defaults: { timeframe: 1m }
                strategies:
                \(strategies)
                """, path: folder.file("c.yaml"), overrides: DeckFolder.inHost
        ).get()
        return try TapeDeck(configuration, plugins: PluginStore(probe: nil)).play(into: sink)
    }

    private func warmUp(_ slot: SlotResult) -> String? {
        slot.assumptions.first { $0.subject == "warm-up" }?.text
    }

    @Test func `a warm strategy does from the beginning on what one does that has always run`()
        throws
    {
        let strategy =
            "  - { name: a, plugin: org.tapedeck.sma-cross, symbols: AAA, params: { fast: 3, slow: 9, signal: state, quantity: 1 } }"
        let (whole, late) = (RecordKeeper(), RecordKeeper())
        _ = try play(strategy, from: nil, sink: whole)
        let result = try play(strategy, from: 300, sink: late)
        // Flat at 300 or not, from the next entry on both do the same.
        let first = try #require(late.slots[0].records.fills.first)
        #expect(first.time > Self.time(300))
        let same = whole.slots[0].records.fills.filter { $0.time >= first.time }
        #expect(late.slots[0].records.fills.map(\.time) == same.map(\.time))
        #expect(late.slots[0].records.fills.map(\.price) == same.map(\.price))
        #expect(first.time <= Self.time(312), "it was warm at the first bar")
        #expect(result.firstEvent?.time == Self.time(300))
        #expect(result.events == 602)
        #expect(result.slots[0].counts.equitySamples == 602 / 2)
        #expect(late.slots[0].records.equity.first?.time == Self.time(300))
        #expect(warmUp(result.slots[0]) == "8 bars before 2023-11-15T03:15:00Z")
    }

    @Test func `the benchmark begins where the run begins`() throws {
        let slot = try play(
            "  - { name: a, plugin: org.tapedeck.sma-cross, symbols: AAA }", from: 300
        ).slots[0]
        // Opens at 100 + 900 mod 23 = 103, ends at 100 + 1800 mod 23 + 0.5 = 106.5.
        #expect(slot.benchmark?.totalReturn == 106.5 / 103 - 1)
    }

    @Test func `nothing is traded before, even where an instrument is warm early`() throws {
        let keeper = RecordKeeper()
        let result = try play(
            """
              - { name: a, plugin: org.tapedeck.sma-cross, symbols: [AAA, BBB], schedule: { warm_up: 30 }, params: { fast: 2, slow: 4, signal: state } }
            """, from: 100, sink: keeper)
        #expect(keeper.slots[0].records.fills.allSatisfy { $0.time > Self.time(100) })
        #expect(warmUp(result.slots[0]) == "30 bars before 2023-11-14T23:55:00Z")
    }

    @Test func `what the feed lacks is said, and the first bars from then on take its place`()
        throws
    {
        let keeper = RecordKeeper()
        let result = try play(
            """
              - { name: a, plugin: org.tapedeck.sma-cross, symbols: [AAA, BBB], schedule: { warm_up: 50 }, params: { fast: 2, slow: 4, signal: state } }
            """, from: 70, sink: keeper)
        // BBB has the bars of the minutes 61 to 69, and needs 41 more: until minute 110.
        #expect(
            warmUp(result.slots[0])
                == "50 bars before 2023-11-14T23:25:00Z were wanted, but the feed lacks "
                + "41 of BBB 1m: as many of its first bars from then on took their place")
        let orders = keeper.slots[0].records.orders
        let first = try (0..<2 as Range<UInt16>).map { id in
            try #require(orders.first { $0.instrument == id }).time
        }
        #expect(first[0] >= Self.time(70) && first[0] < Self.time(80))
        #expect(first[1] >= Self.time(111) && first[1] < Self.time(130))
    }

    @Test(arguments: [60, 61, 95, 300]) func `what others need before does not matter to a slot`(
        from: Int
    ) throws {
        let own = """
              - { name: a, plugin: org.tapedeck.sma-cross, symbols: AAA, timeframe: 7m, params: { fast: 2, slow: 3 } }
              - { name: b, plugin: org.tapedeck.sma-cross, symbols: BBB, timeframe: 1m, params: { fast: 2, slow: 3 }, schedule: { calendar: XNYS } }
              - { name: c, plugin: org.tapedeck.buy-and-hold, symbols: AAA, timeframe: 5m }
            """
        let alone = try play(own, from: from)
        let among = try play(
            own + """

                  - { name: d, plugin: org.tapedeck.sma-cross, symbols: AAA, timeframe: 10m, params: { fast: 3, slow: 20 } }
                """, from: from)
        #expect(alone.slots.map(\.digest) == among.slots.prefix(3).map(\.digest))
        #expect(alone.slots.map(\.metrics) == among.slots.prefix(3).map(\.metrics))
        for name in 0..<3 {
            let line = own.split(separator: "\n")[name]
            #expect(try play(String(line), from: from).slots[0].digest == alone.slots[name].digest)
        }
    }
}
