import CTapedeck
import Feeds
import Market
import TestGround
import Testing

@Suite struct DataCheckTests {
    @Test func `a check tells what is on a tape and what is not`() throws {
        let imported = try ImportedCSV(
            """
            ts,open,high,low,close,volume
            2024-01-02T14:30:00Z,10,11,9,10,5
            2024-01-02T14:31:00Z,10,11,9,10,0
            2024-01-02T14:35:00Z,30,31,29,30,5
            2024-01-02T22:00:00Z,30,31,29,30,5

            """, calendar: "XNYS"
        ) { $0.hasSessions = true }
        let check = try DataCheck.run(try #require(imported.tape))
        #expect(check.isSound)
        #expect(check.events == 6)
        let series = try #require(check.series.first)
        #expect(check.series.count == 1)
        #expect(series.what == "bars of 1m")
        #expect(series.count == 4)
        #expect(series.missingBars == 3 + 384)
        #expect(series.gaps == 2)
        #expect(series.longestGap == 384)
        #expect(series.zeroVolumes == 1)
        #expect(series.outsideSessions == 1)
        #expect(series.jumps == 1)
        #expect(series.longestSilence == (7 * 60 + 25) * 60_000_000_000)
        let copy = try Coding.copy(of: check)
        #expect(copy == check)
        #expect(
            check.text().contains(
                "AAA: 4 bars of 1m, 2024-01-02T14:31:00Z to 2024-01-02T22:01:00Z, 387 bars missing in 2 gaps (at most 384)"
            ))
    }

    @Test func `an event that may not stand on a tape is found`() throws {
        let writer = try TapeWriter(.memory("bad"))
        var bad = TapeSamples.bar(2)
        bad.bar.high = 1
        try writer.append([TapeSamples.bar(1), bad, TapeSamples.bar(3)])
        let check = try DataCheck.run(try writer.finish(TapeSamples.contents()))
        #expect(!check.isSound)
        #expect(check.problems.map(\.line) == [1])
        #expect(check.problems.map(\.kind) == [.highBelowLow])
        #expect(check.text().contains("NOT SOUND"))
    }

    @Test func `a check can be stopped`() throws {
        let folder = ScratchFolder()
        let tape = try TapeSamples.write(folder.file("a.tape"), bars: 9000)
        #expect(throws: FeedError.self) { try DataCheck.run(tape) { $0 < 5000 } }
    }
}
