import Deck
import Foundation
import Market
import StrategyHost

/// Decks whose strategies run in workers.
struct Workers {
    let tasks: Tasks
    private var data: BenchmarkData { tasks.data }

    var all: [Task] { [beside, sealed, twoHundred, drop(.host), drop(.worker)] }

    // MARK: Backtests

    private var beside: Task {
        Task(
            name: "worker_beside_host",
            goal: "ns a bar of wall time, beside the same in the host; at most 1.5x",
            limit: nil, clock: .wall, run: { try million("worker") },
            without: { try million("host") })
    }

    private func million(_ isolation: String) throws -> Double {
        try played("1M", isolation, fills: 38_763, equity: 98_018_430.7950, bars: 1_000_000)
    }

    private var sealed: Task {
        Task(
            name: "sealed",
            goal: "ns a bar of wall time, beside the same in the host; at most 500 with two cores",
            limit: nil, clock: .wall, run: { try hundredThousand("sealed") },
            without: { try hundredThousand("host") })
    }

    private func hundredThousand(_ isolation: String) throws -> Double {
        try played("100k", isolation, fills: 3_914, equity: 99_842_998.5925, bars: 100_000)
    }

    private func played(
        _ size: String, _ isolation: String, fills: Int, equity: Double, bars: Double
    ) throws -> Double {
        let text = tasks.configuration(
            try data.bars(size), [tasks.strategy("a", 10, 30, symbols: "all", cash: 100_000_000)],
            lanes: 1,
            isolation: isolation)
        let (result, time) = try tasks.played(text, .wall)
        try tasks.expect(result, fills: fills, equity: equity)
        return time / bars * 1e9
    }

    // MARK: A live feed

    private static let workers = 200
    private static let rate = 10_000.0
    private static let seconds = 5

    private var twoHundred: Task {
        Task(
            name: "workers_200",
            goal:
                "ns that 200 workers on one feed of 10,000 events a second lag behind it, the 99th of 100; it must "
                + "not grow",
            limit: nil, clock: .wall
        ) { try lag() }
    }

    private func lag() throws -> Double {
        let pairs = tasks.pairs.prefix(Self.workers)
        let text = tasks.configuration(
            try data.bars("100k"),
            pairs.map { tasks.strategy($0.0, $0.1, $0.2, symbols: "all", cash: 100_000_000) },
            lanes: 2,
            isolation: "worker")
        let configuration = try DeckConfiguration.load(
            text: text, path: FileManager.default.currentDirectoryPath + "/bench.yaml"
        ).get()
        var options = PlayOptions()
        // Bars of a minute.
        options.speed = .times(60 * Self.rate)
        let spent = Spent.now
        let behind = try follow(configuration, options)
        let busy = Double(Spent.now - spent) / 1e9 / Double(Self.seconds)
        // The feed's clock began when the deck was least behind it.
        let lags = behind.map { $0 - (behind.min() ?? 0) }
        let half = lags.count / 2
        let (early, late) = (Spread(Array(lags.prefix(half))), Spread(Array(lags.suffix(half))))
        Spread(lags).tell(
            "workers_200",
            "; p99 of the first half \(early.percentile(99)) ns, of the second \(late.percentile(99)) ns; "
                + "\(String(format: "%.2f", busy)) processors busy, workers included")
        return Double(Spread(lags).percentile(99))
    }

    /// How far the deck was behind the tape's clock after each block, by any zero. The workers end
    /// with it.
    private func follow(
        _ configuration: DeckConfiguration, _ options: PlayOptions
    ) throws -> [Int64] {
        let deck = try TapeDeck(configuration, plugins: PluginStore(probe: nil), options: options)
        let (stop, wanted) = (StopSwitch(), Self.seconds * Int(Self.rate))
        var behind: [Int64] = []
        let result = try deck.play(stop: stop) { progress in
            behind.append(monotonic() - Int64(Double(progress.done) / Self.rate * 1e9))
            if progress.done >= wanted { stop.set() }
        }
        if let fault = result.slots.compactMap(\.fault).first {
            throw BenchmarkFailure(fault.message)
        }
        return behind
    }

    // MARK: A module that is dropped into the folder

    private func drop(_ isolation: Isolation) -> Task {
        Task(
            name: "drop_in_\(isolation)",
            goal:
                "ns from a module's rename into the folder to the first event that it has played; at most "
                + "1,000,000,000",
            limit: nil, clock: .wall
        ) { try dropped(isolation) }
    }

    private func dropped(_ isolation: Isolation) throws -> Double {
        func whole(_ path: String) -> String {
            path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
        }
        let folder = whole("\(data.folder)/drop-\(isolation)")
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.copyItem(
            atPath: "\(data.folder)/recorder.so", toPath: "\(folder)/recorder.so")
        try FileManager.default.copyItem(
            atPath: "\(data.folder)/recorder2.so", toPath: "\(folder)/next")
        let path = "\(folder)/drop.yaml"
        try """
        feed: { source: tape, path: \(whole(try data.bars("100k").path)) }
        plugins: { folder: \(folder) }
        defaults: { isolation: \(isolation) }
        control: none
        strategies:
          - { name: a, plugin: org.tapedeck.test.recorder, params: { every: 20 } }
        """.write(toFile: path, atomically: true, encoding: .utf8)
        let plugins = PluginStore(probe: ProbeProcess(executable: ".build/release/tapedeck"))
        var options = PlayOptions()
        options.speed = .times(60_000)
        let deck = try TapeDeck(
            try DeckConfiguration.load(path).get(), plugins: plugins, options: options)
        let stop = StopSwitch()
        let watch = try DeckWatch(try ControlRoom(deck, plugins: plugins, stop: stop)) {
            FileHandle.standardError.write(Data("\($0)\n".utf8))
        }
        watch.start()
        defer { watch.stop() }
        var (dropped, taken): (Int64, Int64) = (0, 0)
        var failure: (any Error)?
        _ = try deck.play(stop: stop) { progress in
            do {
                if dropped == 0, progress.done >= 500 {
                    dropped = monotonic()
                    guard rename("\(folder)/next", "\(folder)/recorder.so") == 0 else {
                        throw BenchmarkFailure("nothing was dropped")
                    }
                } else if dropped > 0, try deck.status().slots[0].version == "2.0.0" {
                    taken = monotonic() - dropped
                    stop.set()
                }
            } catch {
                failure = error
                stop.set()
            }
        }
        if let failure { throw failure }
        guard taken > 0 else { throw BenchmarkFailure("the new module never took over") }
        return Double(taken)
    }
}
