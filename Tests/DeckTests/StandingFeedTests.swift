import CTapedeck
import Deck
import Feeds
import Kernel
import Market
import StrategyHost
import Testing

/// Changes of standing from a CSV file, through the whole deck.
struct StandingFeedTests {
    let folder = DeckFolder()

    private func play(
        _ changes: String, _ prices: String, _ lines: String = ""
    ) throws -> (SlotResult, Records) {
        folder.write("ts,symbol,open,high,low,close,volume\n" + prices, "prices.csv")
        folder.write("ts,symbol,standing,cash,successor,ratio\n" + changes, "changes.csv")
        let configuration = try DeckConfiguration.load(
            text: """
                feed: { source: csv, path: [prices.csv, changes.csv], timeframe: 1d }
                plugins: { folder: plugins }
                journal: none
                strategies:
                  - name: a
                    plugin: org.tapedeck.buy-and-hold
                    symbols: [OLD]
                    sizing: { quantity: 101 }
                \(lines)
                """, path: folder.file("c.yaml"), overrides: DeckFolder.inHost
        ).get()
        let keeper = RecordKeeper()
        let result = try TapeDeck(configuration, plugins: PluginStore(probe: nil)).play(
            into: keeper)
        return (result.slots[0], keeper.slots[0].records)
    }

    @Test func `a position goes on under its new symbol, is marked there, and keeps its stop`()
        throws
    {
        // Bought at 50; 101 become 151 and half a share in cash, at 50 / 1.5; the new one falls
        // through 29.
        let (slot, records) = try play(
            "2024-01-04T00:00:00Z,OLD,succeeded,0.35,NEW,3:2\n",
            """
            2024-01-01T00:00:00Z,OLD,50,50,50,50,1000
            2024-01-02T00:00:00Z,OLD,50,50,50,50,1000
            2024-01-03T00:00:00Z,OLD,50,50,50,50,1000
            2024-01-04T00:00:00Z,NEW,33.125,34,33,33,1000
            2024-01-05T00:00:00Z,NEW,33,33,28,28.5,1000
            2024-01-06T00:00:00Z,NEW,28.25,29,28,28.5,1000

            """, "    risk: { stop_loss: 12% }")
        #expect(slot.fault == nil)
        #expect(records.ledger.map(\.kind) == [.dividend, .splitCash])
        #expect(records.ledger.map(\.amount) == [Money(35_350_000), Money(16_666_667)])
        #expect(records.fills.map(\.quantity.rawValue) == [101, -151])
        #expect(records.fills.map(\.instrument) == [1, 0])
        // 12 % below 50 / 1.5 at that day's close, so at the next open.
        #expect(records.fills.last?.price == Price(28_250))
    }

    @Test func `what is delisted is paid at the price told, after the bar that closes then`() throws
    {
        let (_, records) = try play(
            "2024-01-03T00:00:00Z,OLD,delisted,1.25,,\n",
            """
            2024-01-01T00:00:00Z,OLD,50,50,50,50,1000
            2024-01-02T00:00:00Z,OLD,40,40,30,30,1000
            2024-01-03T00:00:00Z,OLD,2,2,2,2,1000

            """)
        let fills = records.fills.map {
            "\($0.quantity.rawValue) at \(Double($0.price.rawValue) / 100)"
        }
        #expect(fills == ["101 at 40.0", "-101 at 1.25"])
    }

    @Test func `what is halted waits for its end`() throws {
        let (_, records) = try play(
            "2024-01-02T00:00:00Z,OLD,halted,,,\n2024-01-03T00:00:00Z,OLD,resumed,,,\n",
            """
            2024-01-01T00:00:00Z,OLD,50,50,50,50,1000
            2024-01-02T00:00:00Z,OLD,40,40,40,40,1000
            2024-01-03T00:00:00Z,OLD,45,45,45,45,1000

            """)
        #expect(
            records.fills.map { "\($0.quantity.rawValue) at \(Double($0.price.rawValue) / 100)" }
                == ["101 at 45.0"])
    }
}
