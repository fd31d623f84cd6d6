import Analysis
import CTapedeck
import Deck
import Feeds
import Foundation
import Glibc
import Market
import StrategyHost

/// Everything that is measured. Expected results stand beside the work: a figure counts only if
/// they match.
struct Tasks {
    let data: BenchmarkData
    let limit: Limit

    init(_ data: BenchmarkData, _ limit: Limit) throws {
        self.data = data
        self.limit = limit
    }

    var all: [Task] {
        [
            // What holds memory comes first: what others have freed would be used again, and not be
            // seen.
            memoryPerSlot, one, idle, slots(1, fills: 3_914, equity: 99_842_998.5925),
            slots(10, fills: 37_846, equity: 998_476_210.1675),
            slots(100, fills: 363_546, equity: 9_985_360_678.8025),
            thousandSlots, fiftySymbols, sweep, journal, csvImport, tapeOpen, tradesToBars, metrics,
            start, Swaps(data: data, isolation: .host).task,
            Swaps(data: data, isolation: .worker).task,
        ] + Workers(tasks: self).all + Supervision(data: data).all + Sharing(tasks: self).all
    }

    // MARK: Playing

    private var one: Task {
        Task(
            name: "one_slot_1m", goal: "ns a bar; at most 1.0x the plug-in limit",
            limit: ["plugin", data.path("bars_1M.bin"), limit.plugin, "10", "30", "open"]
        ) {
            try play(
                "1M", slots: [("a", 10, 30)], fills: 38_763, equity: 98_018_430.7950,
                units: 1_000_000)
        }
    }

    private var idle: Task {
        Task(name: "idle_strategy", goal: "ns a bar; at most 8", limit: nil) {
            let tape = try data.bars("1M")
            let text = configuration(
                tape, ["  - { name: idle, plugin: \(data.folder)/idle.so }"], lanes: 1)
            return try played(text).processor / 1e6 * 1e9
        }
    }

    private var thousandSlots: Task {
        Task(
            name: "thousand_slots", goal: "ns a slot and bar, one lane; at most 1.2x",
            limit: ["multi", data.path("bars_100k.bin"), limit.plugin, "1000", "1", "256"]
        ) {
            try play(
                "100k", slots: pairs, fills: 2_141_931, equity: 99_915_258_550.8099,
                units: 100_000_000)
        }
    }

    private var sweep: Task {
        Task(
            name: "sweep_1000",
            goal: "ns a pair and bar of wall time, two lanes, metrics included; at most 15",
            limit: ["sweep", data.path("bars_100k.bin"), "2"], clock: .wall
        ) {
            try play(
                "100k", slots: pairs, fills: 2_141_931, equity: 99_915_258_550.8099,
                units: 100_000_000, lanes: 2,
                includingSetUp: true)
        }
    }

    private var fiftySymbols: Task {
        Task(
            name: "fifty_symbols", goal: "ns a bar, one portfolio; at most 1.5x",
            limit: ["multisym", data.path("sym_bars.bin"), limit.plugin, "50"]
        ) {
            let tape = try data.symbols()
            let text = configuration(
                tape, [strategy("fifty", 10, 30, symbols: "all", cash: 5_000_000_000)], lanes: 1)
            let (result, time) = try played(text)
            try expect(result, fills: 193_501, equity: 4_993_337_703.01)
            return time / 5e6 * 1e9
        }
    }

    /// The parameter pairs of the sweep: fast 5...24, slow 30...128 in steps of 2.
    var pairs: [(String, Int, Int)] {
        (0..<1_000).map { k in ("k\(k)", 5 + (k + 5) % 20, 30 + 2 * ((k / 20) % 50)) }
    }

    func play(
        _ size: String, slots: [(String, Int, Int)], fills: Int, equity: Double, units: Double,
        lanes: Int = 1,
        includingSetUp: Bool = false
    ) throws -> Double {
        let tape = try data.bars(size)
        let text = configuration(
            tape, slots.map { strategy($0.0, $0.1, $0.2, symbols: "all", cash: 100_000_000) },
            lanes: lanes)
        var played: (result: RunResult, processor: Double)?
        let whole = try seconds(.wall) { played = try self.played(text) }
        guard let played else { throw BenchmarkFailure("nothing was played") }
        try expect(played.result, fills: fills, equity: equity)
        return (includingSetUp ? whole : played.processor) / units * 1e9
    }

    func strategy(_ name: String, _ fast: Int, _ slow: Int, symbols: String, cash: Int) -> String {
        """
          - { name: \(name), plugin: org.tapedeck.sma-cross, symbols: \(symbols), cash: \(cash) USD,
              params: { fast: \(fast), slow: \(slow), quantity: 10, signal: state } }
        """
    }

    func configuration(
        _ tape: TapeFile, _ strategies: [String], lanes: Int, isolation: String = "host"
    ) -> String {
        """
        feed: { source: tape, path: \(tape.path) }
        plugins: { folder: Plugins }
        lanes: \(lanes)
        defaults:
          isolation: \(isolation)
          execution: { commission: 10bps }
          risk: { max_drawdown: 90% }
        strategies:
        \(strategies.joined(separator: "\n"))
        """
    }

    /// The result, and the processor time of the playing alone.
    func played(
        _ text: String, _ clock: Clock = .processor, into sink: (any RecordSink)? = nil
    ) throws -> (result: RunResult, processor: Double) {
        let path = FileManager.default.currentDirectoryPath + "/bench.yaml"
        let configuration = try DeckConfiguration.load(text: text, path: path).get()
        let deck = try TapeDeck(configuration, plugins: PluginStore(probe: nil))
        var outcome: RunResult?
        let time = try seconds(clock) { outcome = try deck.play(into: sink) }
        guard let result = outcome else { throw BenchmarkFailure("nothing was played") }
        if let fault = result.slots.compactMap(\.fault).first {
            throw BenchmarkFailure(fault.message)
        }
        return (result, time)
    }

    func expect(_ result: RunResult, fills: Int, equity: Double) throws {
        let seen = result.slots.reduce(0) { $0 + $1.counts.fills }
        let money = result.slots.reduce(0) { $0 + $1.account.equity }
        guard seen == fills, abs(money - equity) < 0.001 else {
            throw BenchmarkFailure(
                "\(seen) fills and \(money), not \(fills) and \(equity): the figure does not count")
        }
    }

    // MARK: Data

    private var csvImport: Task {
        Task(
            name: "csv_import", goal: "ns a row to a validated tape, 10M rows; at most 2x",
            limit: ["csv", data.path("bars_10M.csv"), "1"]
        ) {
            let target = data.path("imported.tape")
            defer { unlink(target) }
            let time = try seconds {
                let result = try CSVImport.run(data.path("bars_10M.csv"), to: .file(target))
                guard result.tape?.count == 10_000_000 else {
                    throw BenchmarkFailure("the import has lost rows")
                }
            }
            return time / 1e7 * 1e9
        }
    }

    private var tapeOpen: Task {
        Task(
            name: "tape_open", goal: "ns to the first of 10M events; at most 5,000,000", limit: nil
        ) {
            let path = try data.bars("10M").path
            var first: Event?
            let time = try seconds(.wall) {
                let tape = try TapeFile(path)
                first = tape.events.first
            }
            guard first?.time == 946_857_660_000_000_000 else {
                throw BenchmarkFailure("not the first event")
            }
            return time * 1e9
        }
    }

    private var tradesToBars: Task {
        Task(
            name: "trades_to_bars", goal: "ns a trade to bars of 1m, 5m, 15m and 1h; at most 2x",
            limit: ["ticks", data.path("ticks_5M.bin")]
        ) {
            let trades = try data.trades()
            let instrument = Instrument(
                id: 0, symbol: "S", currency: Currency(code: "USD", exponent: 6), priceExponent: -2,
                quantityExponent: 0, priceStep: Price(1), quantityStep: Quantity(1))
            var builder = try BarBuilder(
                instrument, from: .trades,
                frames: [60, 300, 900, 3600].map { TimeFrame(rawValue: $0) })
            var counts: [UInt32: Int] = [:]
            var total = 0.0
            let buffer = UnsafeMutableBufferPointer<Event>.allocate(capacity: 32_768)
            defer { buffer.deallocate() }
            let time = seconds {
                var from = 0
                while from < trades.count {
                    var out = OutputSpan(buffer: buffer, initializedCount: 0)
                    from = builder.add(trades.span, from: from, into: &out)
                    let made = out.finalize(for: buffer)
                    for index in 0..<made { gather(buffer[index], &counts, &total) }
                }
            }
            var out = OutputSpan(buffer: buffer, initializedCount: 0)
            _ = builder.advance(to: .distantFuture, into: &out)
            for index in 0..<out.finalize(for: buffer) { gather(buffer[index], &counts, &total) }
            guard counts == [60: 16_672, 300: 3_335, 900: 1_112, 3600: 278],
                abs(total - 458_589_863.75) < 1e-3
            else {
                throw BenchmarkFailure("\(counts) bars adding up to \(total)")
            }
            return time / 5e6 * 1e9
        }
    }

    private func gather(_ event: Event, _ counts: inout [UInt32: Int], _ total: inout Double) {
        counts[event.timeframe, default: 0] += 1
        total +=
            event.bar.open + event.bar.high + event.bar.low + event.bar.close + event.bar.volume
    }

    private var metrics: Task {
        Task(
            name: "metrics", goal: "ns a return for the whole table, 1M returns; at most 20",
            limit: ["metrics", data.path("returns_1M.f64")]
        ) {
            let returns = try data.returns()
            var sharpe: Double?
            let time = seconds {
                sharpe =
                    Metrics(
                        returns: returns, MetricConventions(periodsPerYear: 252, riskFreeAnnual: 0))[
                        .sharpe]
            }
            guard let sharpe, abs(sharpe - 0.315985968) < 1e-8 else {
                throw BenchmarkFailure("a wrong Sharpe ratio")
            }
            return time / 1e6 * 1e9
        }
    }

    /// Nanoseconds of a whole run of a program whose output nobody sees. Waited for by the system
    /// call: `Process` looks only every 50 ms.
    private func run(_ program: String, _ arguments: [String]) throws -> Double {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        var words = ([program] + arguments).map { strdup($0) }
        defer { for word in words { free(word) } }
        words.append(nil)
        var child: pid_t = 0
        var status: Int32 = -1
        let time = seconds(.wall) {
            guard posix_spawn(&child, program, &actions, nil, words, environ) == 0 else { return }
            while waitpid(child, &status, 0) < 0 && errno == EINTR {}
        }
        guard status == 0 else { throw BenchmarkFailure("\(program) failed") }
        return time * 1e9
    }

    private var start: Task {
        Task(
            name: "start",
            goal: "ns of a whole run of the program over 10k bars; at most 50,000,000", limit: nil
        ) {
            let tape = try data.bars("10k")
            let here = FileManager.default.currentDirectoryPath
            let path = here + "/.build-bench/start.yaml"
            let text = configuration(
                tape, [strategy("a", 10, 30, symbols: "all", cash: 100_000_000)], lanes: 1
            ).replacingOccurrences(of: "folder: Plugins", with: "folder: \(here)/Plugins")
                .replacingOccurrences(of: "path: .build-bench", with: "path: \(here)/.build-bench")
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            return try run(".build/release/tapedeck", ["backtest", path, "--no-journal", "--json"])
        }
    }
}
