import CAllocations
import CTapedeck
import Deck
import Feeds
import Market
import StrategyHost
import Testing

/// Once everything has the room that it needs, an event takes no memory: neither from the kernel
/// nor from the host, the deck, or the runtime below them. Not even an act or a fill does.
struct AllocationTests {
    let folder = DeckFolder()

    struct Case: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var symbols: Int
        var strategy: String
        /// Orders filled in the counted part, at least: otherwise nothing was shown.
        var fills: Int
    }

    /// A block, of 4,096 events, may take some: results grow by doubling, and code that is not
    /// optimised takes room for generic values where it hands a block on. One in a hundred events
    /// would be more.
    static let mostInBlock: UInt64 = 48

    static let cases = [
        Case(
            testDescription: "a strategy that holds", symbols: 1,
            strategy: "{ name: a, plugin: org.tapedeck.buy-and-hold, symbols: all }", fills: 0),
        Case(
            testDescription: "a strategy that trades", symbols: 1,
            strategy: """
                { name: a, plugin: org.tapedeck.sma-cross, symbols: all, params: { fast: 2, slow: 5, quantity: 3 },
                  risk: { max_drawdown: 90%, stop_loss: 5% } }
                """, fills: 10_000),
        Case(
            testDescription: "fifty symbols in one portfolio", symbols: 50,
            strategy: """
                { name: a, plugin: org.tapedeck.sma-cross, symbols: all, params: { fast: 2, slow: 5, quantity: 3 },
                  risk: { max_drawdown: 90% } }
                """, fills: 10_000),
    ]

    @Test func `what the runtime takes is counted`() {
        allocations_begin()
        let numbers = [Int](repeating: 1, count: 1_000)
        let count = allocations_end()
        #expect(count > 0 && numbers.count == 1_000)
    }

    @Test(arguments: cases)
    func `the second hundred thousand events take no memory`(_ found: Case) throws {
        try writeTape(symbols: found.symbols)
        let configuration = try DeckConfiguration.load(
            text: """
                feed: { source: tape, path: long.tape }
                plugins: { folder: plugins }
                defaults: { cash: 1000000 USD, execution: { commission: 1bps } }
                strategies:
                  - \(found.strategy)
                """, path: folder.file("c.yaml"), overrides: DeckFolder.inHost
        ).get()
        var options = PlayOptions()
        options.lanes = 1
        let deck = try TapeDeck(configuration, plugins: PluginStore(probe: nil), options: options)
        var fills = 0
        var count: UInt64?
        var isCounting = false
        let result = try deck.play { progress in
            if !isCounting, count == nil, progress.done >= 100_000 {
                isCounting = true
                allocations_begin()
            } else if isCounting, progress.done >= 200_000 {
                count = allocations_end()
                isCounting = false
            }
        }
        fills = result.slots.map(\.counts.fills).reduce(0, +)
        #expect(fills >= 2 * found.fills)
        let taken = try #require(count)
        let blocks = UInt64(100_000 / options.blockSize + 1)
        #expect(
            taken <= blocks * Self.mostInBlock,
            "\(taken) times in 100,000 events, about \(fills / 2) fills")
    }

    /// One-minute bars of all symbols, of prices that cross their averages often.
    private func writeTape(symbols: Int) throws {
        let writer = try TapeWriter(.file(folder.file("long.tape")), isDurable: false)
        var random = SplitMix64(seed: 20_271_121)
        var prices = [Int](repeating: 10_000, count: symbols)
        var events: [Event] = []
        for place in 0..<210_000 {
            let id = place % symbols
            prices[id] += Int(random.below(41)) - 20
            let price = Double(max(5_000, prices[id])) / 100
            let time = Timestamp(seconds: 1_700_000_040 + Int64(place / symbols + 1) * 60)
            events.append(
                .bar(
                    InstrumentID(id), .minutes(1), closes: time,
                    Bar(
                        open: price, high: price + 0.1, low: price - 0.1, close: price, volume: 1000
                    )))
        }
        try writer.append(events)
        _ = try writer.finish(
            TapeContents(
                instruments: (0..<symbols).map { DeckFolder.instrument(UInt16($0), "S\($0)") },
                stamps: (0..<symbols).map { _ in .open }, source: "test"))
    }
}
