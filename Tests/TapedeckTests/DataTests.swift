import Foundation
import Testing

/// The commands that make, look at and check tapes.
@Suite struct DataTests {
    let workshop: Workshop

    init() throws { workshop = Workshop() }

    @Test func `a made-up market stays labelled through CSV and back`() throws {
        let synth = try workshop.tapedeck(
            "data", "synth", "-o", "m.tape", "--sessions", "2", "--seed", "5")
        #expect(synth.status == 0, "\(synth)")
        for form in ["canonical", "binance"] {
            let export = try workshop.tapedeck(
                "data", "export", "m.tape", "-o", "\(form).csv", "--form", form)
            #expect(export.status == 0, "\(export)")
            #expect(try workshop.read("\(form).csv").hasPrefix("# SYNTHETIC: seed 5; "))
            let back = try workshop.tapedeck("data", "import", "\(form).csv", "-o", "\(form).tape")
            #expect(back.status == 0, "\(back)")
            let shown = try workshop.tapedeck("data", "show", "\(form).tape")
            #expect(shown.output.contains("SYNTHETIC: seed 5, "), "\(shown)")
        }
        let again = try workshop.tapedeck("data", "export", "canonical.tape", "-o", "again.csv")
        #expect(again.status == 0, "\(again)")
        #expect(try workshop.read("again.csv") == workshop.read("canonical.csv"))
    }

    @Test func `an import explains how it reads a file, and export gives the same back`() throws {
        try workshop.write(Workshop.bars(500), "AAA.csv")
        let ending = try workshop.tapedeck("data", "import", "AAA.csv", "-o", "a.tape")
        #expect(ending.status == 0, "\(ending)")
        for part in [
            "500 rows, 500 events", "separated by comma, with a header", "seconds since 1970",
            "bars of 1m",
        ] {
            #expect(ending.output.contains(part), "no \(part) in \(ending)")
        }
        #expect(try workshop.tapedeck("data", "export", "a.tape", "-o", "b.csv").status == 0)
        let again = try workshop.tapedeck(
            "data", "import", "b.csv", "-o", "b.tape", "--symbol", "AAA")
        #expect(again.status == 0, "\(again)")
        #expect(try digest("a.tape") == digest("b.tape"))
    }

    private func digest(_ tape: String) throws -> String? {
        let show = try workshop.tapedeck("data", "show", tape, "--json")
        let object =
            try JSONSerialization.jsonObject(with: Data(show.output.utf8)) as? [String: Any]
        return object?["digest"] as? String
    }

    @Test func `several files become one tape with all their symbols`() throws {
        try workshop.write(Workshop.bars(100), "AAA.csv")
        try workshop.write(Workshop.bars(50), "BBB.csv")
        let ending = try workshop.tapedeck(
            "data", "import", "BBB.csv", "AAA.csv", "-o", "both.tape")
        #expect(ending.status == 0, "\(ending)")
        let show = try workshop.tapedeck("data", "show", "both.tape", "--rows", "0")
        #expect(show.output.contains("events     150"), "\(show)")
        #expect(show.lines.contains { $0.hasPrefix("AAA") && $0.contains("100") })
        #expect(show.lines.contains { $0.hasPrefix("BBB") && $0.contains("50") })
    }

    @Test func `what would be found can be said instead`() throws {
        try workshop.write(
            "x;20240102 1000;5,5;1\nx;20240102 1001;5,6;2\nx;20240102 1002;5,4;3\n", "odd.txt")
        let ending = try workshop.tapedeck(
            "data", "import", "odd.txt", "--columns", "ignored,time,price,quantity", "--separator",
            "semicolon",
            "--decimal", "comma", "--no-header", "--time", "compact", "--zone", "America/New_York",
            "--symbol", "ODD")
        #expect(ending.status == 0, "\(ending)")
        let show = try workshop.tapedeck("data", "show", "odd.tape")
        #expect(show.output.contains("0  2024-01-02T15:00:00Z  ODD trade 1 at 5.5"), "\(show)")
    }

    @Test func `a dry run writes nothing`() throws {
        try workshop.write(Workshop.bars(100), "AAA.csv")
        let ending = try workshop.tapedeck("data", "import", "AAA.csv", "--dry-run")
        #expect(ending.status == 0, "\(ending)")
        #expect(!workshop.exists("AAA.tape"))
    }

    @Test
    func
        `a made-up market is the same for the same seed, another for another, and says what it is`()
        throws
    {
        for (seed, name) in [("7", "a"), ("7", "b"), ("8", "c")] {
            let ending = try workshop.tapedeck(
                "data", "synth", "--symbols", "AAA,BBB:40:0.6", "--timeframe", "1h", "--bars",
                "300", "--seed", seed,
                "-o", "\(name).tape")
            #expect(ending.status == 0, "\(ending)")
            #expect(ending.output.contains("SYNTHETIC: seed \(seed), 2 symbols"), "\(ending)")
        }
        let digests = try ["a", "b", "c"].map { try digest("\($0).tape") }
        #expect(digests[0] == digests[1])
        #expect(digests[0] != digests[2])
        let show = try workshop.tapedeck("data", "show", "a.tape")
        #expect(show.lines.first == "a.tape  SYNTHETIC")
        // 300 bars of an hour are 12.5 days: 13 whole ones, of two symbols.
        #expect(show.output.contains("events     624"), "\(show)")
        try workshop.configuration(BacktestTests.hold)
        try workshop.write(
            workshop.read("strategies.yaml").replacing("AAA.tape", with: "a.tape")
                .replacing("timeframe: 1m", with: "timeframe: 1h"), "strategies.yaml")
        let run = try workshop.tapedeck("backtest")
        #expect(run.output.contains("SYNTHETIC: nobody ever saw these prices"), "\(run)")
        #expect(try workshop.tapedeck("runs").output.contains("SYNTHETIC: "))
    }

    @Test func `a check finds what is not whole, by event`() throws {
        try workshop.tape(300)
        let sound = try workshop.tapedeck("data", "check", "AAA.tape")
        #expect(sound.status == 0, "\(sound)")
        #expect(sound.output.contains("sound"), "\(sound)")
        var bytes = try Data(contentsOf: workshop.folder.appending(path: "AAA.tape"))
        bytes[bytes.count / 2] ^= 1
        try workshop.write(bytes, "flipped.tape")
        let flipped = try workshop.tapedeck("data", "check", "flipped.tape")
        #expect(flipped.status == 1, "\(flipped)")
        #expect(flipped.errors.contains("does not have its checksum"), "\(flipped)")
    }
}
