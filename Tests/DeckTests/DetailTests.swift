import CTapedeck
import Deck
import Feeds
import Market
import StrategyHost
import Testing

/// `intrabar: detail` over a tape that has shorter bars of some of the time only.
struct DetailTests {
    let folder = DeckFolder()

    /// Hours of AAA, the first with its minutes; hours of BBB alone.
    init() throws {
        let writer = try TapeWriter(.file(folder.file("detail.tape")), isDurable: false)
        var events: [Event] = []
        let start: Int64 = 1_699_999_200
        func bar(_ id: UInt16, _ frame: TimeFrame, _ seconds: Int64) -> Event {
            .bar(
                id, frame, closes: Timestamp(seconds: start + seconds),
                Bar(
                    open: 100, high: 101, low: 99, close: 100, volume: 10))
        }
        for minute in 1...60 { events.append(bar(0, .minutes(1), Int64(minute) * 60)) }
        for hour in 1...4 {
            for id in 0..<2 as Range<UInt16> {
                events.append(bar(id, .hours(1), Int64(hour) * 3_600))
            }
        }
        try writer.append(events)
        _ = try writer.finish(
            TapeContents(
                instruments: [DeckFolder.instrument(0, "AAA"), DeckFolder.instrument(1, "BBB")],
                stamps: [.open, .open], source: "test"))
    }

    @Test func `the report says where there was no detail, and counts the bars`() throws {
        let configuration = try DeckConfiguration.load(
            text: """
                feed: { source: tape, path: detail.tape }
                plugins: { folder: plugins }
                defaults: { timeframe: 1h, execution: { intrabar: detail } }
                strategies:
                  - { name: a, plugin: org.tapedeck.buy-and-hold, symbols: AAA }
                  - { name: b, plugin: org.tapedeck.buy-and-hold, symbols: BBB }
                  - { name: c, plugin: org.tapedeck.buy-and-hold, symbols: BBB, execution: { intrabar: path } }
                """, path: folder.file("c.yaml"), overrides: DeckFolder.inHost
        ).get()
        let slots = try TapeDeck(configuration, plugins: PluginStore(probe: nil)).play().slots
        #expect(slots.map(\.counts.barsWithoutDetail) == [3, 0, nil])
        let words = slots.map { slot in slot.assumptions.first { $0.subject == "fills" }?.text ?? ""
        }
        #expect(
            words[0].hasSuffix(
                "(detail); pessimistic on 3 bars of which there were no shorter ones"))
        #expect(words[1].hasSuffix("(detail); pessimistic throughout on BBB, without shorter bars"))
        #expect(!words[2].contains("pessimistic"))
    }
}
