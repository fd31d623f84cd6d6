import Foundation
import Testing

/// `tapedeck verify` and `tapedeck fuzz`, with the program as a whole.
@Suite struct VerifyCommandTests {
    let workshop: Workshop

    init() throws { workshop = Workshop() }

    @Test func `what is causal ends with 0 and says how much was shown`() throws {
        try workshop.configuration(
            [BacktestTests.hold, BacktestTests.revert].joined(separator: "\n"))
        let ending = try workshop.tapedeck("verify", "causality", "--cuts", "3")
        #expect(ending.status == 0, "\(ending)")
        #expect(ending.lines[0].hasPrefix("hold: causal, "))
        #expect(ending.lines[1].hasPrefix("revert: causal, "))
        #expect(ending.lines[2].contains("3 other futures of each kind"))
    }

    @Test func `a plug-in that reads ahead ends with 2, with both sides`() throws {
        let module = try Modules.peeks("NEXT_BAR")
        let ending = try workshop.tapedeck(
            "verify", "causality", module, "--cuts", "2", "--to", "2024-01-03")
        #expect(ending.status == 2, "\(ending)")
        #expect(ending.lines[0].hasPrefix("org.tapedeck.peeks: looks ahead, in "))
        #expect(ending.output.contains("as it is : 2024-01-02T"))
        #expect(ending.errors == "")
        try workshop.configuration(BacktestTests.hold)
        let json = try workshop.tapedeck(
            "verify", "causality", module, "strategies.yaml", "--cuts", "1", "--json")
        #expect(json.status == 2, "\(json)")
        #expect(json.output.contains("\"is_causal\" : false"))
    }

    @Test func `a warm-up that is too short ends with 2 and names what differs`() throws {
        try workshop.configuration(
            "  - { name: long, plugin: \(try Modules.peeks("LONG_MEMORY")), symbols: AAA, timeframe: 1m }"
        )
        let ending = try workshop.tapedeck("verify", "warm-up")
        #expect(ending.status == 2, "\(ending)")
        #expect(ending.lines[0].hasPrefix("long: warm-up of 4 bars of 1m is too short"))
        #expect(ending.output.contains("tried: 0"))
    }

    @Test func `a run of the journal is played again`() throws {
        try workshop.configuration(
            [BacktestTests.hold, BacktestTests.revert].joined(separator: "\n"))
        #expect(
            try workshop.tapedeck("backtest", "--quiet", "--set", "defaults.cash=5000 USD").status
                == 0)
        let ending = try workshop.tapedeck("verify", "parity", "1")
        #expect(ending.status == 0, "\(ending)")
        #expect(ending.lines[0].hasPrefix("run 1: 0 divergent of "))
        let unknown = try workshop.tapedeck("verify", "parity", "2")
        #expect(unknown.status == 1)
        #expect(
            unknown.errors
                == "tapedeck: run 2 cannot be compared: there is no run 2; the latest is 1\n")
        try workshop.write(Workshop.bars(2_999), "AAA.csv")
        #expect(
            try workshop.tapedeck(
                "data", "import", "AAA.csv", "-o", "AAA.tape", "--currency", "USD"
            ).status == 0)
        let other = try workshop.tapedeck("verify", "parity", "1")
        #expect(other.status == 1)
        #expect(other.errors.contains("the tape is another one"), "\(other)")
    }

    @Test func `the kernel alone is fuzzed where nothing is named`() throws {
        let ending = try workshop.tapedeck("fuzz", "--cases", "15", "--seed", "4")
        #expect(ending.status == 0, "\(ending)")
        #expect(ending.lines[0].hasPrefix("every rule held: 15 cases from seed 4"))
        let wrong = try workshop.tapedeck("fuzz", "--time", "soon")
        #expect(wrong.status == 64)
    }

    @Test func `a crash is found, made shorter, written, and found again in what was written`()
        throws
    {
        let module = try Modules.peeks("CRASH")
        let ending = try workshop.tapedeck(
            "fuzz", "--plugin", module, "--cases", "60", "--most", "1", "--output", "found",
            seconds: 300)
        #expect(ending.status == 1, "\(ending)")
        #expect(ending.lines[0].hasPrefix("broken: nothing crashes"))
        #expect(ending.output.contains("1 event left of "))
        let command = try #require(ending.lines.first { $0.hasPrefix("  again: tapedeck ") })
        let arguments = command.dropFirst("  again: tapedeck ".count).split(separator: " ").map(
            String.init)
        let again = try workshop.program.run(arguments)
        #expect(again.status == 1, "\(again)")
        #expect(again.output.contains("not so: nothing crashes"))
    }

    @Test
    func `limits over all strategies reach those in workers, and a run with them is played again`()
        throws
    {
        let hold =
            "  - { name: hold, plugin: org.tapedeck.buy-and-hold, symbols: AAA, timeframe: 1m, params: { quantity: 100 } }"
        try workshop.configuration(
            [hold, BacktestTests.revert].joined(separator: "\n"),
            top: "limits: { max_gross_exposure: { limit: 4%, action: flatten }, check: 1h }\n"
                + "defaults: { cash: 100000 USD }")
        func digest(_ isolation: String) throws -> String? {
            let ending = try workshop.tapedeck(
                "backtest", "--set", "defaults.isolation=\(isolation)")
            #expect(ending.status == 0, "\(ending)")
            #expect(ending.output.contains("overall  "), "\(ending)")
            #expect(ending.output.contains("every position was closed"), "\(ending)")
            return ending.lines.first { $0.hasPrefix("digest") }
        }
        let first = try digest("host")
        #expect(first != nil)
        #expect(try digest("worker") == first)
        let again = try workshop.tapedeck("verify", "parity", "2")
        #expect(again.status == 0, "\(again)")
    }

    @Test func `what ended all trading is told, however much came before it`() throws {
        try workshop.configuration(
            BacktestTests.revert.replacing("quantity: 100", with: "quantity: 900"),
            top:
                "limits: { check: 1h, max_gross_exposure: 1%, max_drawdown: 1% }\n"
                + "defaults: { cash: 100000 USD }")
        let ending = try workshop.tapedeck("backtest")
        #expect(ending.status == 0, "\(ending)")
        let told = ending.lines.filter { $0.hasPrefix("overall  ") }
        let more = try #require(
            told.firstIndex { $0.hasPrefix("overall  and ") && $0.hasSuffix(" more") }, "\(told)")
        #expect(told[more - 1].contains(" max_gross_exposure: "))
        let end = try #require(told.dropFirst(more + 1).first, "\(told)")
        #expect(
            end.contains(" of 1.0 %: every position was closed, and trading"), "\(end)")
    }
}
