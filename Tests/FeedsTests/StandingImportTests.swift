import CTapedeck
import Feeds
import Market
import TestGround
import Testing

/// Halts, delistings and successors from CSV.
@Suite struct StandingImportTests {
    let folder = ScratchFolder()

    private func settings(_ policy: ImportPolicy = .reject) -> CSVImportSettings {
        var settings = CSVImportSettings()
        settings.isDurable = false
        settings.source = "test"
        settings.policy = policy
        return settings
    }

    private func tape(_ text: String, _ name: String = "a.csv") throws -> TapeFile {
        var settings = settings()
        settings.hints.timeframe = .day
        let result = try CSVImport.run(
            folder.write(text, name), to: .memory(name), settings: settings)
        return try #require(result.tape, "\(result.report.text())")
    }

    static let changes = """
        ts,symbol,standing,cash,successor,ratio
        2024-01-02T10:00:00Z,OLD,halted,,,
        2024-01-02T11:00:00Z,OLD,resumed,,,
        2024-01-03T00:00:00Z,OLD,succeeded,0.35,NEW,3:2
        2024-01-03T00:00:00Z,ZZZ,succeeded,0,AAA,1:1
        2024-01-04T00:00:00Z,GONE,delisted,1.25,,
        2024-01-05T00:00:00Z,NEW,delisted,,,

        """

    @Test func `each change is an event that names its successor by its number`() throws {
        let tape = try tape(Self.changes)
        #expect(tape.contents.instruments.map(\.symbol) == ["AAA", "GONE", "NEW", "OLD", "ZZZ"])
        let events = Array(tape.events)
        #expect(events.map(\.type) == Array(repeating: UInt8(TD_EVENT_STANDING), count: 6))
        #expect(events.map(\.instrument) == [3, 3, 3, 4, 1, 2])
        #expect(
            events.map { Int($0.standing.kind) } == [
                TD_STANDING_HALTED, TD_STANDING_RESUMED, TD_STANDING_SUCCEEDED,
                TD_STANDING_SUCCEEDED,
                TD_STANDING_DELISTED, TD_STANDING_DELISTED,
            ])
        #expect(events.map(\.standing.successor) == [0, 0, 2, 0, 0, 0])
        #expect(events.map(\.standing.price) == [0, 0, 0.35, 0, 1.25, -1])
        #expect(events[2].standing.numerator == 3 && events[2].standing.denominator == 2)
        #expect(events[3].standing.numerator == 1 && events[3].standing.denominator == 1)
        try tape.verify()
    }

    @Test func `changes survive our own form`() throws {
        let first = try tape(Self.changes)
        _ = try CSVExport.run(first, to: folder.file("b.csv"))
        #expect(try folder.read("b.csv") == Self.changes)
        #expect(try tape(folder.read("b.csv"), "b.csv").header.digest == first.header.digest)
    }

    @Test func `decimal ratios, other words and a file of one symbol are read as well`() throws {
        let tape = try tape(
            "date,standing,ratio,new_symbol\n2024-01-03,Renamed,0.5,NEW\n", "old.csv")
        #expect(tape.contents.instruments.map(\.symbol) == ["NEW", "OLD"])
        #expect(tape.events[0].instrument == 1 && tape.events[0].standing.successor == 0)
        #expect(tape.events[0].standing.numerator == 1 && tape.events[0].standing.denominator == 2)
    }

    @Test(arguments: [
        (
            "stopped,,,",
            "a.csv:2:29: bad standing: \"stopped\" is none of halted, resumed, delisted, succeeded"
        ),
        ("halted,1,,", "a.csv:2:36: bad standing: a halt pays nothing"),
        ("resumed,,NEW,", "a.csv:2:38: bad standing: only what is succeeded has a successor"),
        ("delisted,1,,2", "a.csv:2:41: bad standing: only what is succeeded has a ratio"),
        ("delisted,-1,,", "a.csv:2:38: bad standing: cash of -1.0 for each unit"),
        ("delisted,none such,,", "a.csv:2:38: unreadable number: \"none such\""),
        ("succeeded,,,", "a.csv:2:40: bad standing: the symbol of the successor is missing"),
        ("succeeded,,OLD,", "a.csv:2:40: bad standing: the successor \"OLD\" is no other symbol"),
        ("succeeded,,NEW,0:1", "a.csv:2:44: bad standing: \"0:1\" is no ratio such as 3:2"),
        ("succeeded,,NEW,two", "a.csv:2:44: bad standing: \"two\" is no ratio such as 3:2"),
    ])
    func `a change that contradicts itself is refused with its place and its reason`(
        row: String, words: String
    ) throws {
        let text =
            "ts,symbol,standing,cash,successor,ratio\n2024-01-03T00:00:00.00Z,OLD,\(row)\n"
            + "2024-01-04T00:00:00.00Z,OLD,halted,,,\n"
        let refused = try CSVImport.run(folder.write(text, "a.csv"), to: nil, settings: settings())
            .report
        #expect(!refused.isAccepted)
        #expect(refused.text().contains(words), "\(refused.text())")
        let kept = try CSVImport.run(
            folder.file("a.csv"), to: .memory("a"), settings: settings(.drop)
        ).tape
        #expect(try #require(kept).events.map { Int($0.standing.kind) } == [TD_STANDING_HALTED])
    }

    @Test func `beside prices of other files a successor keeps its name, and counts as finely`()
        throws
    {
        let prices = """
            ts,symbol,open,high,low,close,volume
            2024-01-02T00:00:00Z,OLD,10.5,11,10,10.5,100
            2024-01-03T00:00:00Z,NEW,10.5125,11,10,10.5,100
            2024-01-03T00:00:00Z,BBB,5,5,5,5,1

            """
        let merged = try FeedMerge([try tape(prices, "p.csv"), try tape(Self.changes, "s.csv")])
            .write(.memory("both"), isDurable: false)
        let instruments = merged.contents.instruments
        let changes = merged.events.filter { $0.type == UInt8(TD_EVENT_STANDING) }
        #expect(
            changes.filter { Int($0.standing.kind) == TD_STANDING_SUCCEEDED }.map {
                [$0.instrument, UInt16($0.standing.successor)].map { instruments[Int($0)].symbol }
            } == [["OLD", "NEW"], ["ZZZ", "AAA"]])
        let exponents = Dictionary(
            uniqueKeysWithValues: instruments.map { ($0.symbol, $0.priceExponent) })
        #expect(exponents["OLD"] == -4 && exponents["NEW"] == -4 && exponents["BBB"] == -2)
        try merged.verify()
    }

    @Test func `a table of closes may have symbols that are called like the columns of changes`()
        throws
    {
        let text = "date,CASH,RATIO\n2024-01-02,10,20\n2024-01-03,11,21\n"
        #expect(try tape(text).contents.instruments.map(\.symbol) == ["CASH", "RATIO"])
    }
}
