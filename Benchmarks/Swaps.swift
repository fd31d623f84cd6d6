import Deck
import Foundation
import Market
import StrategyHost

/// A strategy that is replaced a thousand times while fifty others play at full speed.
struct Swaps {
    let data: BenchmarkData
    /// Where the strategy runs that is replaced; the fifty others run in the host.
    let isolation: Isolation
    static let swaps = 1_000
    private static let slots = 51

    var task: Task {
        let (name, most) =
            isolation == .host ? ("thousand_swaps", "1,000,000") : ("worker_swaps", "5,000,000")
        return Task(
            name: name,
            goal: "ns in which nobody plays the swapped one, the 99th of 100; at most \(most)",
            limit: nil, clock: .wall
        ) { try measure() }
    }

    private func measure() throws -> Double {
        var blocks = 0
        var undisturbed: [Int] = []
        let expected = try run { _ in
            blocks += 1
            if blocks % 100 == 0 { undisturbed.append(Self.resident) }
        }
        var pauses: [Int64] = []
        let store = PluginStore(probe: nil)
        let versions = ["recorder.so", "recorder2.so"].map { "\(data.folder)/\($0)" }
        var memory: [Int] = []
        let seen = try run(store) { deck in
            let sketch = try deck.sketch("s0")
            var plan = sketch.plan
            let next = versions[pauses.count % 2 == 0 ? 1 : 0]
            plan.plugin = try PluginFile.read(next)
            let placement: Placement =
                isolation == .host
                ? .host(try store.open(next)) : .worker(try StagedModule.read(next))
            let reply = Reply<HandOverReport>()
            deck.handOver(
                SlotChange(
                    name: "s0", plan: plan, placement: placement, past: [],
                    reserve: try sketch.reserve(placement, plan), command: "reload",
                    who: "benchmark"), reply)
            deck.handOverAtOnce()
            pauses.append(try reply.wait().pauseNanoseconds)
            if pauses.count % 100 == 0 { memory.append(Self.resident) }
        }
        guard pauses.count >= Self.swaps else {
            throw BenchmarkFailure("only \(pauses.count) swaps")
        }
        guard seen.slots.map(\.digest) == expected.slots.map(\.digest) else {
            throw BenchmarkFailure("a swap has changed what a strategy did")
        }
        // Results grow with the tape, swapped or not.
        let growth = Self.growth(memory) - Self.growth(undisturbed)
        guard growth < 1 << 20 else {
            throw BenchmarkFailure("memory grew by \(growth) bytes over the last 700 swaps")
        }
        pauses.sort()
        let (middle, most) = (pauses[pauses.count / 2], pauses[pauses.count - 1])
        let line =
            "\(pauses.count) swaps in the \(isolation): pause p50 \(middle) ns, "
            + "p99 \(pauses[pauses.count * 99 / 100]) ns, most \(most) ns; memory grew by \(growth) bytes\n"
        FileHandle.standardError.write(Data(line.utf8))
        return Double(pauses[pauses.count * 99 / 100])
    }

    private func run(
        _ store: PluginStore = PluginStore(probe: nil), _ act: @escaping (TapeDeck) throws -> Void
    ) throws -> RunResult {
        let strategies = (0..<Self.slots).map {
            "  - { name: s\($0), plugin: \(data.folder)/recorder.so, params: { every: \(20 + $0) }, isolation: \($0 == 0 ? isolation : .host) }"
        }.joined(separator: "\n")
        let configuration = try DeckConfiguration.load(
            text: """
                feed: { source: tape, path: \(try data.bars("1M").path) }
                defaults: { isolation: host }
                lanes: 1
                strategies:
                \(strategies)
                """, path: FileManager.default.currentDirectoryPath + "/bench.yaml"
        ).get()
        var options = PlayOptions()
        // One more than enough: after the last block there is nothing left to hand over.
        options.blockSize = 990
        let deck = try TapeDeck(configuration, plugins: store, options: options)
        var failure: (any Error)?
        let result = try deck.play { progress in
            guard failure == nil, progress.done < progress.total else { return }
            do { try act(deck) } catch { failure = error }
        }
        if let failure { throw failure }
        if let fault = result.slots.compactMap(\.fault).first {
            throw BenchmarkFailure(fault.message)
        }
        return result
    }

    private static func growth(_ memory: [Int]) -> Int {
        (memory.last ?? 0) - (memory.dropFirst(2).first ?? 0)
    }

    /// Bytes of this process in memory.
    private static var resident: Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
    }
}
