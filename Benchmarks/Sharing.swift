import Deck
import Foundation
import Market
import StrategyHost

/// Two hundred instances of one module: in one worker, beside a worker each.
struct Sharing {
    let tasks: Tasks

    private static let slots = 200

    var all: [Task] { [start, play] }

    private var start: Task {
        Task(
            name: "share_start",
            goal: "ns until 200 instances of one module stand in one worker, beside a worker each",
            limit: nil, clock: .wall, run: { try started(isShared: true) },
            without: { try started(isShared: false) })
    }

    private var play: Task {
        Task(
            name: "share_play",
            goal:
                "ns a bar and slot of 200 instances over 100k bars in one worker, beside a worker each",
            limit: nil, clock: .wall, run: { try played(isShared: true) },
            without: { try played(isShared: false) })
    }

    private func deck(isShared: Bool) throws -> TapeDeck {
        let text = tasks.configuration(
            try tasks.data.bars("100k"),
            tasks.pairs.prefix(Self.slots).map {
                tasks.strategy($0.0, $0.1, $0.2, symbols: "all", cash: 100_000_000)
            }, lanes: 2, isolation: "worker\n  share_worker: \(isShared)")
        let configuration = try DeckConfiguration.load(
            text: text, path: FileManager.default.currentDirectoryPath + "/bench.yaml"
        ).get()
        return try TapeDeck(
            configuration, plugins: PluginStore(probe: nil), options: PlayOptions())
    }

    private func started(isShared: Bool) throws -> Double {
        let begun = monotonic()
        let deck = try deck(isShared: isShared)
        let time = monotonic() - begun
        try tell(deck, "share_start", isShared)
        return Double(time)
    }

    private func played(isShared: Bool) throws -> Double {
        let deck = try deck(isShared: isShared)
        let begun = monotonic()
        var told: Result<Void, any Error>?
        let result = try deck.play { progress in
            guard told == nil, progress.done >= 90_000 else { return }
            told = Result { try tell(deck, "share_play", isShared) }
        }
        try told?.get()
        if let fault = result.slots.compactMap(\.fault).first {
            throw BenchmarkFailure(fault.message)
        }
        return Double(monotonic() - begun) / 100_000 / Double(Self.slots)
    }

    /// How many processes there are, and what they have in memory: of their own, and all of it.
    private func tell(_ deck: TapeDeck, _ name: String, _ isShared: Bool) throws {
        let processes = Set(try deck.status().slots.compactMap(\.process))
        var (own, all) = (0, 0)
        for process in processes {
            let text = try String(contentsOfFile: "/proc/\(process)/statm", encoding: .utf8)
            let pages = text.split(separator: " ").compactMap { Int($0) }
            own += (pages[1] - pages[2]) * 4096
            all += pages[1] * 4096
        }
        let words =
            "\(name), \(isShared ? "shared" : "a worker each"): \(processes.count) processes, "
            + "\(own >> 20) MiB of their own, \(all >> 20) MiB with what they share\n"
        FileHandle.standardError.write(Data(words.utf8))
    }
}
