import Foundation
import Testing

/// Runs, their reports and their tables, with the program as a whole.
@Suite struct BacktestTests {
    let workshop: Workshop

    init() throws { workshop = Workshop() }

    static let hold =
        "  - { name: hold, plugin: org.tapedeck.buy-and-hold, symbols: AAA, timeframe: 1m, params: { quantity: 10 } }"
    static let revert =
        "  - { name: revert, plugin: org.tapedeck.zscore, symbols: AAA, timeframe: 5m, params: { quantity: 100, entry: 1 } }"

    private func digest(_ ending: Program.Ending) -> Substring? {
        ending.output.split(separator: "\n").first { $0.hasPrefix("digest") }?.dropFirst(9)
    }

    @Test func `a run shows its assumptions, a line for each strategy, and its digest`() throws {
        try workshop.configuration(
            [Self.hold, Self.revert].joined(separator: "\n"),
            top: "defaults: { cash: 100000 USD, execution: { slippage: 5bps, commission: 10bps } }")
        let ending = try workshop.tapedeck("backtest")
        #expect(ending.status == 0, "\(ending)")
        #expect(ending.errors == "")
        #expect(ending.lines.first == "Backtest of strategies.yaml, run 1")
        #expect(
            ending.output.contains(
                "data     AAA.csv, 2024-01-01 00:01 to 2024-01-03 02:00 UTC, 3,600 events"),
            "\(ending)")
        #expect(ending.output.contains("market orders at the next open"))
        #expect(ending.output.contains("costs    slippage 5 bps; commission 10 bps"))
        #expect(
            ending.output.contains("figures  365 periods a year, one per session; risk-free 0 %"))
        #expect(ending.lines.filter { $0.hasPrefix("hold ") || $0.hasPrefix("revert ") }.count == 2)
        #expect(digest(ending)?.count == 64)
        #expect(ending.lines.allSatisfy { $0.count <= 100 })
        #expect(!ending.output.contains("\u{1B}"), "no colour where nobody sees it")
    }

    @Test(arguments: [[], ["--detail"], ["--json"]])
    func `a report from the journal is the report of the run`(options: [String]) throws {
        try workshop.configuration([Self.hold, Self.revert].joined(separator: "\n"))
        let run = try workshop.program.run(["backtest"] + options)
        #expect(run.status == 0, "\(run)")
        let report = try workshop.program.run(["report", "1"] + options)
        #expect(report.status == 0, "\(report)")
        #expect(report.output == run.output)
        #expect(run.output.count > 800)
    }

    @Test(arguments: [60, 80, 100])
    func
        `every figure fits a terminal of usual width, and one strategy of several can be asked for`(
            width: Int
        ) throws
    {
        try workshop.configuration([Self.hold, Self.revert].joined(separator: "\n"))
        #expect(try workshop.tapedeck("backtest").status == 0)
        var program = workshop.program
        program.environment["COLUMNS"] = "\(width)"
        let report = try program.run(["report", "1", "--strategy", "revert"])
        #expect(report.status == 0, "\(report)")
        for part in ["Sharpe ratio", "Of all trades", "Profit factor"] {
            #expect(report.output.contains(part))
        }
        #expect(report.lines.filter { $0.hasPrefix("revert") }.count == 2)
        #expect(report.lines.filter { $0.hasPrefix("hold") }.count == 1)
        let wide = report.lines.filter { $0.count > max(width, 80) }
        #expect(wide.isEmpty, "\(wide)")
        let unknown = try workshop.tapedeck("report", "1", "--strategy", "revrt")
        #expect(unknown.status == 1 && unknown.errors.contains("it has hold, revert"), "\(unknown)")
    }

    @Test func `one strategy alone is shown with every figure and its convention`() throws {
        try workshop.configuration(Self.revert)
        let ending = try workshop.tapedeck("backtest", "--no-journal")
        #expect(ending.status == 0, "\(ending)")
        for part in [
            "Sharpe ratio", "mean excess / deviation (n-1) x sqrt(365)", "Months, in per cent",
            "Best and worst periods", "How returns of a period", "Exits", "long        short",
            "Profit factor",
            "orders,",
        ] {
            #expect(ending.output.contains(part), "no \(part) in \(ending)")
        }
        #expect(ending.lines.allSatisfy { $0.count <= 100 })
        #expect(!workshop.exists("journal"))
    }

    @Test func `equity in the table is exact, sample by sample`() throws {
        try workshop.configuration(Self.hold, top: "metrics: { sampling: bar }")
        let ending = try workshop.tapedeck(
            "backtest", "--equity", "equity.csv", "--no-journal", "--quiet")
        #expect(ending.status == 0, "\(ending)")
        #expect(ending.output == "")
        let rows = try workshop.read("equity.csv").split(separator: "\n")
        #expect(rows.count == 3_001)
        // Ten bought at the second bar's open, 108.32, and marked at its close, 108.24.
        #expect(
            Array(rows.prefix(3)) == [
                "strategy,time,equity,cash,exposure,currency",
                "hold,2024-01-01T00:01:00Z,100000,100000,0,USD",
                "hold,2024-01-01T00:02:00Z,99999.2,98916.8,1082.4,USD",
            ])
    }

    @Test func `trades in the table are exact and those of the journal`() throws {
        try workshop.configuration(Self.revert)
        let run = try workshop.tapedeck("backtest", "--trades", "run.csv", "--quiet")
        #expect(run.status == 0, "\(run)")
        let report = try workshop.tapedeck("report", "1", "--trades", "report.csv")
        #expect(report.status == 0, "\(report)")
        let rows = try workshop.read("run.csv").split(separator: "\n")
        #expect(try workshop.read("report.csv") == workshop.read("run.csv"))
        #expect(
            rows.first.map(String.init)
                == "strategy,symbol,side,quantity,entry_time,entry_price,exit_time,exit_price,exit_reason,gross,"
                + "costs,net,worst,best,bars,currency,rate,net_in_base,base_currency")
        #expect(rows.count > 10)
        for row in rows.dropFirst() {
            let fields = row.split(separator: ",", omittingEmptySubsequences: false)
            #expect(fields.count == 19)
            #expect(fields[16] == "1.0" && fields[17] == fields[11])
            let number = { (index: Int) in Decimal(string: String(fields[index])) ?? .nan }
            #expect(number(3) * (number(7) - number(5)) == number(9), "gross of \(row)")
            #expect(number(9) - number(10) == number(11), "net of \(row)")
        }
    }

    @Test func `a replay tells what happens and has the backtest's digest`() throws {
        try workshop.configuration([Self.hold, Self.revert].joined(separator: "\n"))
        let backtest = try workshop.tapedeck("backtest")
        let replay = try workshop.tapedeck("run", "--speed", "max")
        #expect(replay.status == 0, "\(replay)")
        #expect(digest(replay) == digest(backtest))
        #expect(
            replay.lines.first == "2024-01-01 00:02:00  hold    buy 10 AAA at 108.32, position 10",
            "\(replay)")
        #expect(replay.output.contains("Replay of strategies.yaml, run 2"))
        let runs = try workshop.tapedeck("runs", "--json")
        #expect(runs.output.contains("\"kind\" : \"replay\""))
    }

    @Test func `a replay as JSON is one object a line, the result last`() throws {
        try workshop.configuration(Self.revert)
        let replay = try workshop.tapedeck("run", "--json", "--no-journal")
        #expect(replay.status == 0, "\(replay)")
        var types: [String] = []
        for line in replay.output.split(separator: "\n") {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
            let fields = try #require(object as? [String: Any])
            types.append(fields["type"] as? String ?? (fields["digest"] == nil ? "?" : "result"))
        }
        #expect(Set(types.dropLast()) == ["fill", "round_trip"])
        #expect(types.last == "result")
    }

    @Test
    func `a strategy that fails is stopped alone, with its reason, and the exit code says so`()
        throws
    {
        let failing =
            "  - { name: failing, plugin: \(try Modules.failing()), symbols: AAA, timeframe: 1m }"
        try workshop.configuration([Self.hold, failing].joined(separator: "\n"))
        let ending = try workshop.tapedeck("backtest")
        #expect(ending.status == 1, "\(ending)")
        #expect(ending.signal == nil)
        #expect(ending.output.contains("stopped  failing, at 2024-01-01 07:13"), "\(ending)")
        #expect(ending.errors.contains("failing was stopped: on_events failed"), "\(ending)")
        #expect(ending.errors.contains("the model has no answer below 101"))
        try workshop.configuration(Self.hold, name: "alone.yaml")
        let alone = try workshop.tapedeck("backtest", "alone.yaml", "--json")
        let both = try workshop.tapedeck("backtest", "--json")
        #expect(Self.slotDigest("hold", both) != nil)
        #expect(Self.slotDigest("hold", both) == Self.slotDigest("hold", alone))
        let runs = try workshop.tapedeck("runs")
        #expect(runs.output.contains("complete, 1 stopped"), "\(runs)")
    }

    private static func slotDigest(_ name: String, _ ending: Program.Ending) -> String? {
        let object = try? JSONSerialization.jsonObject(with: Data(ending.output.utf8))
        let slots = (object as? [String: Any])?["slots"] as? [[String: Any]]
        return slots?.first { $0["name"] as? String == name }?["digest"] as? String
    }

    @Test func `the first Ctrl-C ends a run cleanly and keeps what was played`() throws {
        try workshop.configuration(Self.hold)
        let running = try workshop.program.start(["run", "--speed", "60x"])
        #expect(running.waits(for: "buy 10 AAA"))
        running.send(SIGINT)
        let ending = running.end()
        #expect(ending.status == 130, "\(ending)")
        #expect(ending.signal == nil)
        #expect(ending.output.contains("interrupted: what was played until then"), "\(ending)")
        #expect(ending.errors.contains("is a run of its own"), "\(ending)")
        let runs = try workshop.tapedeck("runs")
        #expect(runs.output.contains("interrupted"), "\(runs)")
        let report = try workshop.tapedeck("report", "1", "--equity", "equity.csv")
        #expect(report.status == 0, "\(report)")
        #expect(ending.output.hasSuffix(report.output))
    }

    @Test
    func
        `the second Ctrl-C says what happens, the third ends a run that does not come to its next block`()
        throws
    {
        let stuck =
            "  - { name: stuck, plugin: \(try Modules.failing("NEVER_RETURNS")), symbols: AAA, timeframe: 1m }"
        try workshop.configuration(stuck)
        let running = try workshop.program.start(["backtest"])
        // The journal's file is made when the run begins.
        while !workshop.exists("journal/runs.db") { sched_yield() }
        running.send(SIGINT)
        running.send(SIGTERM)
        #expect(running.complains(of: "to keep what was done; once more ends at once"))
        running.send(SIGINT)
        let ending = running.end(within: 30)
        #expect(ending.signal == SIGTERM || ending.signal == SIGINT, "\(ending)")
    }

    @Test func `a run that is kept nowhere does not say that it was kept`() throws {
        try workshop.configuration(Self.hold)
        let running = try workshop.program.start(["run", "--speed", "60x", "--no-journal"])
        #expect(running.waits(for: "buy 10 AAA"))
        running.send(SIGINT)
        let ending = running.end()
        #expect(ending.status == 130, "\(ending)")
        #expect(ending.errors.contains("is not kept"), "\(ending)")
    }

    @Test func `a run whose program was ended by force is shown as crashed`() throws {
        try workshop.configuration(Self.hold)
        let running = try workshop.program.start(["run", "--speed", "60x"])
        #expect(running.waits(for: "buy 10 AAA"))
        running.send(SIGKILL)
        _ = running.end()
        let runs = try workshop.tapedeck("runs")
        #expect(runs.output.contains("crashed"), "\(runs)")
        let report = try workshop.tapedeck("report", "1")
        #expect(
            report.status == 1 && report.errors.contains("ended without a chance to write one"),
            "\(report)")
    }

    @Test(arguments: [
        (["--from", "2024-01-02", "--to", "2024-01-03"], "2024-01-02 00:00 to 2024-01-02 23:59"),
        (["--set", "feed.from=2024-01-01T12:00:00Z"], "2024-01-01 12:00 to 2024-01-03 02:00"),
    ])
    func `a span of the feed is played`(options: [String], span: String) throws {
        try workshop.configuration(Self.hold)
        let ending = try workshop.program.run(["backtest", "--no-journal"] + options)
        #expect(ending.status == 0, "\(ending)")
        #expect(ending.output.contains(span), "\(ending)")
    }

    @Test func `the number of lanes changes nothing`() throws {
        try workshop.configuration([Self.hold, Self.revert].joined(separator: "\n"))
        let digests = try ["1", "2", "7"].map {
            digest(try workshop.tapedeck("backtest", "--lanes", $0))
        }
        #expect(digests[0]?.count == 64)
        #expect(Set(digests).count == 1)
    }
}
