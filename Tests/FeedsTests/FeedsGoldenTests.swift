import CTapedeck
import Feeds
import FoundationEssentials
import Glibc
import Market
import TestGround
import Testing

/// Every real file of prices imports, with as many rows as its manifest says, and survives export
/// and import.
@Suite struct FeedsGoldenTests {
    struct Entry: Decodable, CustomTestStringConvertible, Sendable {
        var path: String
        var rows: Int?
        var testDescription: String { path }
    }

    static let data = GoldenFolder.data.path

    /// All files of bars, ticks, quotes and corporate actions that the manifest counts.
    static let entries: [Entry] = {
        let manifest = bytes(of: data + "/manifest.json")
        do {
            return try JSONDecoder().decode([Entry].self, from: Data(manifest)).filter {
                let folder = $0.path.split(separator: "/").first ?? ""
                return $0.path.hasSuffix(".csv")
                    && ["bars", "ticks", "fx", "actions"].contains(folder)
            }
        } catch {
            Issue.record("\(data)/manifest.json: \(error)")
            return []
        }
    }()

    @Test func `there are files to read`() {
        let counted = Self.entries.filter { $0.rows != nil }
        print("golden files of prices: \(counted.count) in \(Self.data)")
        #expect(!counted.isEmpty)
    }

    @Test(arguments: entries.filter { $0.rows != nil })
    func `a real file imports whole and survives`(entry: Entry) throws {
        let folder = ScratchFolder()
        var settings = CSVImportSettings()
        settings.source = entry.path
        settings.isDurable = false
        let path = Self.data + "/" + entry.path
        var result = try CSVImport.run(path, to: .file(folder.file("a.tape")), settings: settings)
        // The sources' warts are part of the collection: prices of zero, and ranges without their
        // close.
        if result.report.count(.priceNotPositive) > 0 { settings.allowsNonPositivePrices = true }
        if result.report.count(.outsideRange) > 0 { settings.policy = .repair }
        if !result.report.isAccepted {
            result = try CSVImport.run(path, to: .file(folder.file("a.tape")), settings: settings)
        }
        let tape = try #require(result.tape, "\(result.report.text())")
        #expect(result.report.rows == entry.rows)
        #expect(result.report.count(.dropped) == 0)
        try tape.verify()
        let series = tape.header.series.filter { [1, 2, 3].contains($0.type) }
        let perRow = result.report.dialect.layout == .closes ? tape.contents.instruments.count : 1
        #expect(series.reduce(0) { $0 + $1.count } == (entry.rows ?? 0) * perRow)

        _ = try CSVExport.run(tape, to: folder.file("b.csv"))
        settings.policy = .reject
        if tape.contents.instruments.count == 1 {
            settings.instrument.symbol = tape.contents.instruments[0].symbol
        }
        settings.instrument.currency = tape.contents.instruments[0].currency
        let again = try CSVImport.run(
            folder.file("b.csv"), to: .file(folder.file("b.tape")), settings: settings)
        #expect(again.tape != nil, "\(again.report.text())")
        #expect(haveSameBytes(folder.file("a.tape"), folder.file("b.tape")))
    }

    /// The dates of the exchanges' calendars agree with the dates of real files: nothing is
    /// missing, nothing stands outside.
    @Test(
        arguments: entries.filter {
            $0.path.hasPrefix("bars/") && $0.path.hasSuffix("_1d.csv") && !$0.path.contains("edge")
        })
    func `a file of New York's days has every session and no other date`(entry: Entry) throws {
        var settings = CSVImportSettings()
        settings.calendar = "XNYS"
        settings.policy = .repair
        let result = try CSVImport.run(
            Self.data + "/" + entry.path, to: .memory("a"), settings: settings)
        let tape = try #require(result.tape)
        #expect(result.report.count(.noSession) == 0)
        #expect(result.report.count(.gap) == 0)
        let opens = tape.header.series.filter { $0.type == UInt8(TD_EVENT_SESSION_OPEN) }
        #expect(opens.map(\.count) == [entry.rows ?? 0])
        try tape.verify()
    }
}
