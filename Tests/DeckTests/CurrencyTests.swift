import CTapedeck
import Deck
import Feeds
import Kernel
import Market
import StrategyHost
import Testing

/// Symbols of another currency than the cash, and fees by what was traded in a month.
struct CurrencyTests {
    let folder = DeckFolder()

    /// Ten minutes of SAP in euros, always 100, and of EURUSD, which goes from 1.10 to 1.20 after
    /// the fifth.
    init() throws {
        let writer = try TapeWriter(.file(folder.file("euro.tape")), isDurable: false)
        var events: [Event] = []
        for minute in 1...10 {
            let time = Timestamp(seconds: 1_700_000_040 + Int64(minute) * 60)
            for (id, price) in [(UInt16(0), 100.0), (1, minute <= 5 ? 1.1 : 1.2)] {
                events.append(
                    .bar(
                        id, .minutes(1), closes: time,
                        Bar(
                            open: price, high: price, low: price, close: price, volume: 1000)))
            }
        }
        try writer.append(events)
        _ = try writer.finish(
            TapeContents(
                instruments: [
                    DeckFolder.instrument(0, "SAP", currency: "EUR"),
                    DeckFolder.instrument(1, "EURUSD"),
                ], stamps: [.open, .open], source: "test"))
    }

    private func play(_ rest: String, into sink: (any RecordSink)? = nil) throws -> SlotResult {
        let configuration = try DeckConfiguration.load(
            text: """
                feed: { source: tape, path: euro.tape }
                plugins: { folder: plugins }
                strategies:
                  - name: a
                    plugin: org.tapedeck.buy-and-hold
                    timeframe: 1m
                    symbols: SAP
                    params: { wait_bars: 1, quantity: 10 }
                \(rest.split(separator: "\n").map { "    " + $0 }.joined(separator: "\n"))
                """, path: folder.file("c.yaml"), overrides: DeckFolder.inHost
        ).get()
        return try #require(
            try TapeDeck(configuration, plugins: PluginStore(probe: nil)).play(into: sink).slots
                .first)
    }

    @Test
    func
        `what trades in euros is worth dollars at the last rate of a pair that the strategy does not trade`()
        throws
    {
        let slot = try play("cash: 10000 USD")
        #expect(slot.fault == nil)
        // 10 for 100 EUR at 1.10; at the end at 1.20.
        #expect(slot.account.cash == 8_900)
        #expect(slot.account.equity == 10_100)
        #expect(slot.account.currencyResult == 100)
        #expect(slot.account.foreignCash?.map { "\($0.currency) \($0.cash)" } == ["EUR 0.0"])
        #expect(slot.positions.map(\.value) == [1_200])
        #expect(
            slot.assumptions.first { $0.subject == "account" }?.text
                == "10000 USD; long only; other currencies are changed at every fill, at the last rate"
        )
    }

    @Test func `cash of another currency can be kept`() throws {
        let slot = try play("cash: 10000 USD\nleverage: 2\nforeign_cash: hold")
        #expect(slot.account.cash == 10_000)
        #expect(slot.account.foreignCash?.map { "\($0.currency) \($0.cash)" } == ["EUR -1000.0"])
        #expect(slot.account.equity == 10_000)
    }

    @Test func `a currency without a way to the base is a problem of the configuration`() {
        let problems = DeckConfiguration.load(
            text: """
                feed: { source: tape, path: euro.tape }
                plugins: { folder: plugins }
                strategies:
                  - { name: a, plugin: org.tapedeck.buy-and-hold, timeframe: 1m, symbols: SAP, cash: 10000 CHF }
                """, path: folder.file("c.yaml"), overrides: DeckFolder.inHost)
        guard case .failure(let found) = problems else {
            Issue.record("no problem was found")
            return
        }
        #expect(
            found.description.hasSuffix(
                "c.yaml:4:75: SAP trades in EUR and the cash is in CHF, but the feed has "
                    + "no pair that gives a rate, such as EURCHF; add one, or write cash in EUR"),
            "\(found)")
    }

    @Test func `a higher tier counts once enough was traded in the month`() throws {
        let keeper = RecordKeeper()
        _ = try play(
            """
            cash: 10000 EUR
            sizing: 100%
            execution:
              volume_limit: 0.4%
              commission: { rate: 1%, tiers: [{ from: 500, rate: 0.5% }, { from: 900 EUR, maker: 0, taker: 10bps }] }
            """, into: keeper)
        // Ten units in parts of four, four and two: after 0, 400 and 800 euros.
        #expect(
            keeper.slots[0].records.fills.map(\.fee) == [
                Money(4_000_000), Money(4_000_000), Money(1_000_000),
            ])
    }
}
