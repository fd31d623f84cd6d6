import CTapedeck
import Feeds
import Market
import TestGround
import Testing

/// Levels of order books, and funding rates.
@Suite struct DepthImportTests {
    let folder = ScratchFolder()

    private func settings(pieceSize: Int = 1 << 20) -> CSVImportSettings {
        var settings = CSVImportSettings()
        settings.isDurable = false
        settings.pieceSize = pieceSize
        settings.source = "test"
        return settings
    }

    private func tape(_ text: String, pieceSize: Int = 1 << 20) throws -> TapeFile {
        let result = try CSVImport.run(
            folder.write(text, "a.csv"), to: .memory("a"), settings: settings(pieceSize: pieceSize))
        return try #require(result.tape, "\(result.report.text())")
    }

    static let book = """
        ts,symbol,side,level,price,quantity
        2024-01-01T00:00:00.100Z,BTC,bid,0,100.5,2
        2024-01-01T00:00:00.100Z,BTC,bid,1,100,5.25
        2024-01-01T00:00:00.100Z,BTC,ask,0,101,1
        2024-01-01T00:00:00.200Z,BTC,ask,0,101,0
        2024-01-01T00:00:00.200Z,ETH,ask,0,50,3
        2024-01-01T00:00:00.200Z,BTC,ask,0,101.5,4

        """

    @Test func `rows of one time and symbol are one update, and zero takes a level away`() throws {
        let tape = try tape(Self.book)
        let events = Array(tape.events)
        #expect(events.map(\.type) == Array(repeating: UInt8(TD_EVENT_DEPTH), count: 6))
        #expect(events.map(\.instrument) == [0, 0, 0, 0, 0, 1])
        #expect(events.map(\.depth.side) == [1, 1, -1, -1, -1, -1])
        #expect(events.map(\.depth.level) == [0, 1, 0, 0, 0, 0])
        #expect(events.map(\.depth.price) == [100.5, 100, 101, 101, 101.5, 50])
        #expect(events.map(\.depth.quantity) == [2, 5.25, 1, 0, 4, 3])
        #expect(
            events.map { $0.flags & UInt8(TD_FLAG_MORE) != 0 } == [
                true, true, false, true, false, false,
            ])
    }

    @Test func `an update that two pieces of a file share is one all the same`() throws {
        var text = "ts_ms,side,level,price,qty\n"
        for update in 0..<40 {
            for level in 0..<(update % 7 + 1) {
                text +=
                    "\(1_704_067_200_000 + update * 50),\(level % 2 == 0 ? "buy" : "sell"),\(level),"
                text += "\(level % 2 == 0 ? 100 - level : 101 + level),\(update)\n"
            }
        }
        let whole = try tape(text)
        #expect(whole.events.count { $0.flags & UInt8(TD_FLAG_MORE) == 0 } == 40)
        for pieceSize in [64, 100, 333, 1_000] {
            let again = try tape(text, pieceSize: pieceSize)
            #expect(again.header.digest == whole.header.digest, "pieces of \(pieceSize) bytes")
        }
    }

    @Test func `levels and rates survive our own form`() throws {
        let rates = """
            ts,symbol,funding_rate,mark_price
            2024-01-01T08:00:00Z,BTC,0.0001,42000.5
            2024-01-01T08:00:00Z,ETH,-0.000025,0
            2024-01-01T16:00:00Z,BTC,0.00012345,0

            """
        for text in [Self.book, rates] {
            let first = try tape(text)
            _ = try CSVExport.run(first, to: folder.file("b.csv"))
            let written = try folder.read("b.csv")
            #expect(written.split(separator: "\n").sorted() == text.split(separator: "\n").sorted())
            #expect(try tape(written).header.digest == first.header.digest)
        }
    }

    @Test func `funding rates are read as exchanges write them, each once`() throws {
        let text = """
            calc_time,funding_interval_hours,last_funding_rate
            1704067200000,8,0.00037409
            1704096000000,8,-0.0001
            1704096000000,8,0.0002

            """
        let result = try CSVImport.run(folder.write(text, "a.csv"), to: nil, settings: settings())
        #expect(!result.report.isAccepted)
        #expect(result.report.dialect.layout == .funding)
        #expect(result.report.text().contains("a.csv:4"), "\(result.report.text())")
        var dropping = settings()
        dropping.policy = .drop
        let kept = try CSVImport.run(folder.file("a.csv"), to: .memory("a"), settings: dropping)
            .tape
        #expect(try #require(kept).events.map(\.funding.rate) == [0.00037409, -0.0001])
        #expect(kept?.count == 2)
    }

    @Test(arguments: [
        ("1704067200000,,0,100,1", "a level is a bid or an ask"),
        ("1704067200000,bid,0,100,-1", "-1"),
        ("1704067200000,bid,-1,100,1", "level -1"), ("1704067200000,bid,0,0,1", "price 0"),
        ("1704067200000,middle,0,100,1", "middle"),
    ])
    func `a level that is none is refused with its reason`(row: String, words: String) throws {
        let text =
            "ts_ms,side,level,price,quantity\n1704067100000,bid,0,99,1\n\(row)\n1704067300000,ask,0,101,1\n"
        let report = try CSVImport.run(folder.write(text, "a.csv"), to: nil, settings: settings())
            .report
        #expect(!report.isAccepted)
        #expect(
            report.text().contains("a.csv:3") && report.text().contains(words), "\(report.text())")
    }
}
