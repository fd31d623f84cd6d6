import CTapedeck
import Deck
import Feeds
import Kernel
import Market
import StrategyHost
import Testing

/// Quotes of one symbol and bars of another through the whole deck, with latency and carrying
/// costs.
struct MixedFeedTests {
    let folder = DeckFolder()

    private func write() {
        // A quote a second of EUR, its bid one lower than its ask; minute bars of AAA from 100 on.
        var quotes = "ts_ms,bid,bid_size,ask,ask_size\n"
        for second in 0..<1_200 {
            quotes +=
                "\(1_700_000_040_000 + second * 1_000),\(100 + second / 60),50,\(101 + second / 60),40\n"
        }
        folder.write(quotes, "EUR.csv")
        var bars = "ts_ms,open,high,low,close,volume\n"
        for minute in 0..<20 {
            bars += "\(1_700_000_040_000 + minute * 60_000),100,101,99,100,1000\n"
        }
        folder.write(bars, "AAA.csv")
    }

    private func play(_ execution: String, _ lines: String = "") throws -> (SlotResult, Records) {
        write()
        let configuration = try DeckConfiguration.load(
            text: """
                feed: { source: csv }
                assets:
                  - { symbol: EUR, path: EUR.csv, currency: USD }
                  - { symbol: AAA, path: AAA.csv, currency: USD, latency: 1s }
                plugins: { folder: plugins }
                journal: none
                strategies:
                  - name: a
                    plugin: org.tapedeck.buy-and-hold
                    symbols: [EUR, AAA]
                    timeframe: 1m
                    sizing: { quantity: 60 }
                    execution: \(execution)
                \(lines)
                """, path: folder.file("c.yaml"), overrides: DeckFolder.inHost
        ).get()
        let keeper = RecordKeeper()
        let result = try TapeDeck(configuration, plugins: PluginStore(probe: nil)).play(
            into: keeper)
        return (result.slots[0], keeper.slots[0].records)
    }

    @Test func `bars of one symbol, quotes of another: each is filled on its own`() throws {
        let (slot, records) = try play("{ latency: none }")
        let fills = records.fills.map {
            "\($0.instrument) \($0.quantity.rawValue) \($0.price.rawValue)"
        }
        // The first bar is over before the quote at its close: 40 are shown there, and the rest
        // comes from the next.
        #expect(fills.prefix(3) == ["0 40 10200", "0 20 10200", "1 60 10000"], "\(fills)")
        let times = records.fills.map {
            ($0.time.rawValue - 1_700_000_040_000_000_000) / 1_000_000_000
        }
        #expect(times.prefix(3) == [60, 61, 120], "\(times)")
        #expect(
            slot.assumptions.first?.text.contains("market orders take bid and ask of EUR") == true)
    }

    @Test func `a strategy's latency counts before its asset's`() throws {
        let (slot, records) = try play("{ latency: 4500ms }")
        let times = records.fills.map {
            ($0.time.rawValue - 1_700_000_040_000_000_000) / 1_000_000_000
        }
        #expect(times.prefix(3) == [65, 66, 180], "\(times)")
        #expect(slot.assumptions.map(\.text).joined().contains("latency 4.5 s"))
    }

    @Test func `an asset's own latency is another's no business`() throws {
        let (_, records) = try play("{ commission: none }")
        let times = records.fills.map {
            ($0.time.rawValue - 1_700_000_040_000_000_000) / 1_000_000_000
        }
        #expect(times.prefix(3) == [60, 61, 180], "\(times)")
    }
}

extension MixedFeedTests {
    @Test
    func `funding, a halt and a delisting on the tape come to the slots that trade the instrument`()
        throws
    {
        let writer = try TapeWriter(.file(folder.file("standing.tape")), isDurable: false)
        func time(_ minute: Int64) -> Timestamp { Timestamp(seconds: 1_700_000_040 + minute * 60) }
        var events: [Event] = []
        for minute in 1...10 as ClosedRange<Int64> {
            for id in 0..<2 as Range<UInt16> {
                events.append(
                    .bar(
                        id, .minutes(1), closes: time(minute),
                        Bar(
                            open: 100, high: 101, low: 99, close: 100, volume: 1_000)))
            }
        }
        events += [.halt(0, at: time(1)), .halt(0, at: time(4), resumes: true)]
        events += [.funding(1, at: time(6), rate: 0.01), .delisting(0, at: time(8), price: 90)]
        EventOrder.sort(&events)
        try writer.append(events)
        _ = try writer.finish(
            TapeContents(
                instruments: [DeckFolder.instrument(0, "AAA"), DeckFolder.instrument(1, "BBB")],
                stamps: [.open, .open],
                source: "test"))
        let configuration = try DeckConfiguration.load(
            text: """
                feed: { source: tape, path: standing.tape }
                plugins: { folder: plugins }
                journal: none
                defaults: { timeframe: 1m, sizing: { quantity: 10 } }
                strategies:
                  - { name: a, plugin: org.tapedeck.buy-and-hold, symbols: [AAA] }
                  - { name: b, plugin: org.tapedeck.buy-and-hold, symbols: [BBB] }
                """, path: folder.file("c.yaml"), overrides: DeckFolder.inHost
        ).get()
        let keeper = RecordKeeper()
        let result = try TapeDeck(configuration, plugins: PluginStore(probe: nil)).play(
            into: keeper)
        func text(_ slot: Int) -> [String] {
            keeper.slots[slot].records.fills.map {
                "\(($0.time.rawValue / 1_000_000_000 - 1_700_000_040) / 60): \($0.quantity.rawValue)@\($0.price.rawValue)"
            }
        }
        // The bar that closes with the end of the halt is the first that fills.
        #expect(text(0) == ["4: 1000@10000", "8: -1000@9000"])
        #expect(text(1) == ["2: 1000@10000"])
        #expect(keeper.slots[0].records.ledger.isEmpty)
        #expect(keeper.slots[1].records.ledger.map(\.kind) == [.funding])
        #expect(result.slots[1].ledger.map(\.amount) == [-10])
        #expect(result.slots[0].counts.staleFills == 1)
    }

    /// Bars of AAA, quotes of EUR, and a perpetual in bars with its funding.
    private func writeThree() throws {
        func time(_ seconds: Int64) -> Timestamp { Timestamp(seconds: 1_700_000_040 + seconds) }
        var events: [Event] = []
        for minute in 1...12 as ClosedRange<Int64> {
            for (id, price) in [(0, 100.0), (2, 50.0)] as [(UInt16, Double)] {
                events.append(
                    .bar(
                        id, .minutes(1), closes: time(minute * 60),
                        Bar(
                            open: price, high: price + 1, low: price - 1, close: price,
                            volume: 1_000)))
            }
        }
        for second in stride(from: Int64(0), through: 720, by: 20) {
            events.append(
                .quote(1, at: time(second), bid: 20, bidQuantity: 6, ask: 21, askQuantity: 6))
        }
        events += [
            .funding(2, at: time(300), rate: 0.001),
            .funding(2, at: time(600), rate: -0.002, price: 60),
        ]
        EventOrder.sort(&events)
        let writer = try TapeWriter(.file(folder.file("three.tape")), isDurable: false)
        try writer.append(events)
        _ = try writer.finish(
            TapeContents(
                instruments: [
                    DeckFolder.instrument(0, "AAA"), DeckFolder.instrument(1, "EUR"),
                    DeckFolder.instrument(2, "PERP"),
                ], stamps: [.open, .open, .open], source: "test"))
    }

    @Test
    func
        `bars, quotes and a perpetual's funding on one tape, in one portfolio, the same in any blocks`()
        throws
    {
        try writeThree()
        let configuration = try DeckConfiguration.load(
            text: """
                feed: { source: tape, path: three.tape }
                plugins: { folder: plugins }
                journal: none
                defaults: { timeframe: 1m, sizing: { quantity: 10 } }
                strategies:
                  - { name: all, plugin: org.tapedeck.buy-and-hold, symbols: all }
                  - { name: perp, plugin: org.tapedeck.buy-and-hold, symbols: [PERP] }
                  - { name: together, ensemble: { of: [all, perp] } }
                """, path: folder.file("c.yaml"),
            overrides: ["strategies.all.isolation=host", "strategies.perp.isolation=host"]
        ).get()
        var first: RunResult?
        for (lanes, block) in [(1, 4_096), (1, 1), (2, 7), (2, 64)] {
            var options = PlayOptions()
            (options.lanes, options.blockSize) = (lanes, block)
            let keeper = RecordKeeper()
            let deck = try TapeDeck(
                configuration, plugins: PluginStore(probe: nil), options: options)
            let result = try deck.play(into: keeper)
            let records = keeper.slots[0].records
            func seconds(_ time: Timestamp) -> Int64 {
                time.rawValue / 1_000_000_000 - 1_700_000_040
            }
            func fills(_ id: UInt16) -> [String] {
                records.fills.filter { $0.instrument == id }.map {
                    "\(seconds($0.time)): \($0.quantity.rawValue)@\($0.price.rawValue)"
                }
            }
            #expect(fills(0) == ["120: 1000@10000"])
            // A quote shows six; the order goes on with the next one.
            #expect(
                fills(1).map { $0.split(separator: " ").last } == ["600@2100", "400@2100"],
                "\(fills(1))")
            #expect(fills(2) == ["120: 1000@5000"])
            // 10 at 50 and a rate of 0.001 are paid; at a price of 60 and -0.002 received.
            let funding = records.ledger.map {
                "\(seconds($0.time)) \($0.instrument) \($0.kind) \($0.amount.rawValue)"
            }
            #expect(funding == ["300 2 funding -500000", "600 2 funding 1200000"])
            #expect(keeper.slots[1].records.ledger.map(\.amount.rawValue) == [-500_000, 1_200_000])
            #expect(
                keeper.slots[2].records.ledger.count == 2,
                "what two members hold, the ensemble holds")
            if let first {
                #expect(result.slots == first.slots, "\(lanes) lanes, blocks of \(block)")
            }
            first = first ?? result
        }
    }
}
