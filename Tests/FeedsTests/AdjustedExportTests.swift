import Feeds
import Market
import TestGround
import Testing

/// Bars restated for what came after them.
@Suite struct AdjustedExportTests {
    let folder = ScratchFolder()

    private func tape(_ text: String) throws -> TapeFile {
        var settings = CSVImportSettings()
        settings.isDurable = false
        settings.splits = .apply
        settings.hints.timeframe = .day
        let result = try CSVImport.run(
            folder.write(text, "a.csv"), to: .memory("a"), settings: settings)
        return try #require(result.tape, "\(result.report.text())")
    }

    @Test func `prices before a split and a dividend are divided by both, volumes multiplied`()
        throws
    {
        let tape = try tape(
            """
            ts,open,high,low,close,volume,dividend,split
            2024-01-02T00:00:00Z,100,110,90,100,1000,0,1
            2024-01-03T00:00:00Z,50,55,45,52,2000,0.5,2
            2024-01-04T00:00:00Z,52,52,52,52,3000,0,1

            """)
        var settings = CSVExportSettings()
        settings.isAdjusted = true
        _ = try CSVExport.run(tape, to: folder.file("b.csv"), settings: settings)
        // 1/2 for the split, and 1 - 0.5 / 50 for the dividend from a close of 100 old or 50 new.
        #expect(
            try folder.read("b.csv") == """
                ts,open,high,low,close,volume
                2024-01-02T00:00:00Z,49.5,54.45,44.55,49.5,2000
                2024-01-03T00:00:00Z,50,55,45,52,2000
                2024-01-04T00:00:00Z,52,52,52,52,3000

                """)
    }

    @Test func `only bars are adjusted, and no dividend that takes all there is`() throws {
        let tape = try tape(
            """
            ts,open,high,low,close,volume,dividend
            2024-01-02T00:00:00Z,2,2,2,2,1000,0
            2024-01-03T00:00:00Z,1,1,1,1,2000,3

            """)
        var settings = CSVExportSettings()
        settings.isAdjusted = true
        #expect(throws: FeedError.self) {
            try CSVExport.run(tape, to: folder.file("b.csv"), settings: settings)
        }
        settings.form = .alpaca
        #expect(throws: FeedError.self) {
            try CSVExport.run(tape, to: folder.file("b.csv"), settings: settings)
        }
    }
}
