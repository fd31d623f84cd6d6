import Deck
import Foundation
import Glibc
import Journal

/// What slots cost beside each other, what they hold, and what writing everything down costs.
extension Tasks {
    /// The first pairs of the sweep on one feed of 100k bars.
    func slots(_ count: Int, fills: Int, equity: Double) -> Task {
        Task(
            name: "slots_\(count)", goal: "ns a slot and bar, one lane; at most 1.2x",
            limit: ["multi", data.path("bars_100k.bin"), limit.plugin, "\(count)", "1", "256"]
        ) {
            try play(
                "100k", slots: Array(pairs.prefix(count)), fills: fills, equity: equity,
                units: Double(count) * 100_000)
        }
    }

    /// Bytes that each of a thousand slots holds after 100k bars, its plug-in's own and its result
    /// included; what all share is no part of it.
    var memoryPerSlot: Task {
        Task(
            name: "memory_per_slot", goal: "bytes of a slot beside its journal; at most 65,536",
            limit: nil
        ) {
            let tape = try data.bars("100k")
            let text = configuration(
                tape, pairs.map { strategy($0.0, $0.1, $0.2, symbols: "all", cash: 100_000_000) },
                lanes: 1)
            let one = try held(
                configuration(
                    tape,
                    pairs.prefix(1).map {
                        strategy($0.0, $0.1, $0.2, symbols: "all", cash: 100_000_000)
                    },
                    lanes: 1))
            return (try held(text) - one) / 999
        }
    }

    private func held(_ text: String) throws -> Double {
        let path = FileManager.default.currentDirectoryPath + "/bench.yaml"
        let before = try Self.ownMemory()
        let deck = try TapeDeck(
            try DeckConfiguration.load(text: text, path: path).get(), plugins: .init(probe: nil))
        let result = try deck.play()
        let after = try Self.ownMemory()
        return try withExtendedLifetime((deck, result)) {
            guard result.slots.allSatisfy({ $0.fault == nil }) else {
                throw BenchmarkFailure("a slot has failed")
            }
            return after - before
        }
    }

    /// Bytes of memory that are this process's alone: what is resident, less what files and others
    /// share.
    private static func ownMemory() throws -> Double {
        let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        let pages = text.split(separator: " ").compactMap { Double($0) }
        guard pages.count > 2 else { throw BenchmarkFailure("/proc/self/statm says \(text)") }
        return (pages[1] - pages[2]) * Double(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// The playing thread's own time with a journal, against the same run without one.
    var journal: Task {
        Task(
            name: "journal",
            goal: "ns a bar of the playing thread, beside the same without; at most 1.1x",
            limit: nil,
            run: { try journalled(true) }, without: { try journalled(false) })
    }

    private func journalled(_ keeps: Bool) throws -> Double {
        let path = data.path("journal.db")
        func remove() { for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) } }
        remove()
        defer { remove() }
        let tape = try data.bars("1M")
        let text = configuration(
            tape, [strategy("a", 10, 30, symbols: "all", cash: 100_000_000)], lanes: 1)
        let sink = keeps ? JournalSink(try JournalWriter(path: path)) : nil
        let (result, time) = try played(text, .thread, into: sink)
        try expect(result, fills: 38_763, equity: 98_018_430.7950)
        return time / 1e6 * 1e9
    }
}
