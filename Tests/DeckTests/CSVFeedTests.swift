import Deck
import Feeds
import Market
import StrategyHost
import Testing

/// CSV files as a configuration's feed.
struct CSVFeedTests {
    let folder = DeckFolder()

    private func write(_ name: String, _ rows: [String]) {
        folder.write(
            "date,open,high,low,close,volume\n" + rows.joined(separator: "\n") + "\n", name)
    }

    init() {
        write(
            "AAA.csv",
            [
                "2024-01-02,10,11,9,10.5,100", "2024-01-03,10.5,12,10,11,100",
                "2024-01-04,11,12,10,12,100",
            ])
        write("BBB.csv", ["2024-01-02,20,21,19,20.5,100", "2024-01-04,20.5,22,20,21,100"])
        write(
            "bad.csv",
            [
                "2024-01-02,10,9,11,10.5,100", "2024-01-03,10.5,12,10,11,x",
                "2024-01-04,11,12,10,12,1",
            ])
    }

    private func load(
        _ feed: String, assets: String = "[]"
    ) -> Result<DeckConfiguration, ConfigurationProblems> {
        DeckConfiguration.load(
            text: """
                feed: \(feed)
                assets: \(assets)
                plugins: { folder: plugins }
                strategies:
                  - { name: a, plugin: org.tapedeck.buy-and-hold, symbols: all, sizing: 40% }
                """, path: folder.file("c.yaml"), overrides: DeckFolder.inHost)
    }

    private func problems(_ feed: String, assets: String = "[]") -> String {
        guard case .failure(let problems) = load(feed, assets: assets) else { return "" }
        return problems.description.replacing(folder.path + "/", with: "")
    }

    @Test func `one file is one instrument, called as the file or as the asset`() throws {
        let plain = try load("{ source: csv, path: AAA.csv }").get()
        #expect(plain.outline.instruments.map(\.symbol) == ["AAA"])
        #expect(plain.outline.frames == [[86_400]])
        #expect(plain.open.reports.map(\.rows) == [3])
        let named = try load(
            "{ source: csv, path: AAA.csv }",
            assets: "[{ symbol: XYZ, calendar: NYSE, price_step: 0.05 }]"
        ).get()
        #expect(named.outline.instruments.map(\.symbol) == ["XYZ"])
        #expect(named.outline.instruments.map(\.calendar) == ["XNYS"])
        #expect(named.outline.instruments.map(\.priceStep) == [Price(5)])
        // A daily bar is stamped with its session's close: 21:00 UTC in New York's winter.
        #expect(named.open.tape.header.lastTime == 1_704_402_000 * 1_000_000_000)
    }

    @Test func `several files become one tape in the order of time`() throws {
        for feed in ["{ source: csv, path: [AAA.csv, BBB.csv] }", "{ source: csv }"] {
            let assets =
                feed.contains("path")
                ? "[]" : "[{symbol: AAA, path: AAA.csv}, {symbol: BBB, path: BBB.csv}]"
            let configuration = try load(feed, assets: assets).get()
            #expect(configuration.outline.symbols == ["AAA", "BBB"])
            let events = unsafe Array(configuration.open.tape.events)
            #expect(events.map(\.instrument) == [0, 1, 0, 0, 1])
            #expect(events.map(\.sequence) == [0, 1, 2, 3, 4])
            let deck = try TapeDeck(configuration, plugins: PluginStore(probe: nil))
            let slot = try deck.play().slots[0]
            #expect(slot.counts.fills == 2)
            #expect(slot.positions.map(\.symbol) == ["AAA", "BBB"])
        }
    }

    @Test func `wrong rows are told, or mended and told`() throws {
        #expect(
            problems("{ source: csv, path: bad.csv }") == """
                c.yaml:1:28: bad.csv has 2 wrong rows; mend them, or say policy: drop or policy: repair
                  bad.csv:2:15: high below low: high 9.0 is below low 11.0 (rejected)
                  bad.csv:3:26: unreadable number: "x" (rejected)
                """)
        let dropped = try load("{ source: csv, path: bad.csv, policy: drop }").get()
        #expect(dropped.open.tape.count == 1)
        #expect(dropped.open.reports[0].count(.dropped) == 2)
    }

    @Test(arguments: [
        (
            "{ source: csv }", "[]",
            "c.yaml:1:7: feed needs the key \"path\", or every asset its own"
        ),
        ("{ source: csv, path: none.csv }", "[]", "c.yaml:1:28: none.csv: no such file"),
        (
            "{ source: csv, path: [AAA.csv, AAA.csv] }", "[]",
            "c.yaml:1:7: AAA.csv: two tapes have the bar of 1d of AAA"
        ),
        (
            "{ source: csv, path: AAA.csv, time_zone: Mars }", "[]",
            "c.yaml:1:48: the time zone \"Mars\" is not known"
        ),
        (
            "{ source: csv, path: AAA.csv, policy: mend }", "[]",
            "c.yaml:1:45: policy must be one of reject, drop, repair"
        ),
        (
            "{ source: csv, path: AAA.csv, columns: [time, opne] }", "[]",
            "c.yaml:1:53: columns cannot be \"opne\"; did you mean \"open\"?"
        ),
        (
            "{ source: csv, path: AAA.csv, from: 2025-01-01 }", "[]",
            "c.yaml:1:43: from is after the last event, which is at 2024-01-05T00:00:00Z"
        ),
    ]) func `a wrong file feed is named at its place`(feed: String, assets: String, problem: String)
    {
        let found = problems(feed, assets: assets)
        #expect(found.hasPrefix(problem), "\(found)")
    }
}
