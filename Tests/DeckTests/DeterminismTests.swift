import Deck
import Feeds
import Glibc
import Market
import StrategyHost
import Testing

/// Results depend on the tape and a slot's own plan, and on nothing else.
struct DeterminismTests {
    let folder = DeckFolder()
    static let seed: UInt64 = 20_270_311

    /// Six strategies of different tempo, subscription and money over four symbols.
    private var mixed: String {
        """
          - { name: a, plugin: org.tapedeck.sma-cross, symbols: S0, timeframe: 1m, params: { fast: 3, slow: 9 } }
          - name: b
            plugin: org.tapedeck.sma-cross
            symbols: [S1, S2]
            timeframe: 5m
            params: { fast: 2, slow: 5 }
            sizing: 20%
            execution: { slippage: 5bps, commission: { per_trade: 1 USD, rate: 2bps } }
          - name: c
            plugin: org.tapedeck.sma-cross
            symbols: S0
            timeframe: 15m
            execution: { intrabar: detail }
            params: { fast: 2, slow: 4 }
            risk: { stop_loss: 1%, take_profit: 2%, max_drawdown: { limit: 30%, action: disable } }
          - { name: d, plugin: org.tapedeck.buy-and-hold, symbols: all, timeframe: 1h, sizing: 10% }
          - { name: e, plugin: org.tapedeck.sma-cross, symbols: S3, timeframe: 1m, schedule: { calendar: XNYS } }
          - { name: f, plugin: org.tapedeck.sma-cross, symbols: S3, timeframe: 1d, params: { fast: 1, slow: 2 } }
        """
    }

    init() throws {
        print("seed \(Self.seed)")
        try RandomTape.write(folder.file("random.tape"), seed: Self.seed, instruments: 4, bars: 400)
        try RandomTape.write(folder.file("short.tape"), seed: Self.seed, instruments: 4, bars: 80)
    }

    private func play(
        _ strategies: String, tape: String = "random.tape", lanes: Int = 1, block: Int = 4_096
    ) throws -> RunResult {
        let configuration = try DeckConfiguration.load(
            text: """
                feed: { source: tape, path: \(tape) }
                plugins: { folder: plugins }
                strategies:
                \(strategies)
                """, path: folder.file("c.yaml"), overrides: DeckFolder.inHost
        ).get()
        var options = PlayOptions()
        options.lanes = lanes
        options.blockSize = block
        let deck = try TapeDeck(
            configuration, plugins: PluginStore(probe: nil), options: options)
        return try deck.play()
    }

    private func digests(_ result: RunResult) -> [String] {
        result.slots.map { "\($0.name) \($0.digest)" }
    }

    @Test func `blocks of any size and any number of lanes give the same results`() throws {
        let first = try play(mixed)
        #expect(first.slots.allSatisfy { $0.fault == nil })
        #expect(
            first.slots.map(\.counts.fills).filter { $0 > 0 }.count >= 5,
            "the strategies must do something")
        for block in [1, 7, 64, 100_000] {
            var other = try play(mixed, block: block)
            other.seconds = first.seconds
            #expect(other == first, "block size \(block)")
        }
        for lanes in [2, 3] {
            var other = try play(mixed, lanes: lanes)
            (other.seconds, other.lanes) = (first.seconds, first.lanes)
            #expect(other == first, "\(lanes) lanes")
        }
    }

    @Test func `a slot alone does what it does among others`() throws {
        let together = try play(mixed, lanes: 2)
        let entries = mixed.split(separator: "\n  - ").map {
            $0.hasPrefix("  - ") ? String($0) : "  - \($0)"
        }
        #expect(entries.count == 6)
        for (index, entry) in entries.enumerated() {
            let alone = try play(entry)
            #expect(alone.slots == [together.slots[index]])
        }
    }

    @Test func `trap 38: one slot among five hundred does what it does alone`() throws {
        let many = (0..<500).map { index in
            """
              - name: n\(index)
                plugin: org.tapedeck.sma-cross
                symbols: S\(index % 4)
                timeframe: \(["1m", "5m", "15m"][index % 3])
                params: { fast: \(2 + index % 7), slow: \(10 + index % 11) }
            """
        }
        let result = try play(many.joined(separator: "\n"), tape: "short.tape", lanes: 2)
        #expect(result.slots.count == 500)
        for index in [0, 137, 499] {
            #expect(try play(many[index], tape: "short.tape").slots == [result.slots[index]])
        }
    }

    @Test func `two processes give the same digest`() throws {
        let digest = try play(mixed, lanes: 2).digest
        if let path = getenv("TAPEDECK_DIGEST_FILE") {
            let file = open(String(cString: path), O_CREAT | O_WRONLY | O_TRUNC, 0o600)
            _ = write(file, digest, digest.utf8.count)
            close(file)
            return
        }
        let path = folder.file("digest")
        #expect(try spawnThisTest(writingTo: path) == 0)
        var bytes = [UInt8](repeating: 0, count: 100)
        let file = open(path, O_RDONLY)
        let count = read(file, &bytes, bytes.count)
        close(file)
        #expect(String(decoding: bytes.prefix(max(0, count)), as: UTF8.self) == digest)
    }

    /// Runs this test alone in a process of its own; answers its exit status.
    private func spawnThisTest(writingTo path: String) throws -> Int32 {
        var arguments = try #require(Self.commandLine)
        if let filter = arguments.firstIndex(of: "--filter") {
            arguments.removeSubrange(filter...filter + 1)
        }
        arguments += ["--filter", "DeterminismTests.+two processes"]
        let environment = ["TAPEDECK_DIGEST_FILE=\(path)", "LD_LIBRARY_PATH=\(Self.libraryPath)"]
        var child = pid_t()
        let pointers = arguments.map { strdup($0) } + [nil]
        let variables = environment.map { strdup($0) } + [nil]
        defer { for pointer in pointers + variables { free(pointer) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in 1...2 as ClosedRange<Int32> {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_WRONLY, 0)
        }
        #expect(posix_spawn(&child, "/proc/self/exe", &actions, nil, pointers, variables) == 0)
        var status: Int32 = 0
        waitpid(child, &status, 0)
        return status
    }

    private static var libraryPath: String {
        getenv("LD_LIBRARY_PATH").map { String(cString: $0) } ?? ""
    }

    private static var commandLine: [String]? {
        let file = open("/proc/self/cmdline", O_RDONLY)
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = read(file, &bytes, bytes.count)
        guard count > 0 else { return nil }
        return bytes.prefix(count).split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }
}
