import Dispatch
import Foundation
import Journal
import Kernel
import Market
import StrategyHost
import Synchronization
import TestGround
import Testing

@testable import Deck

/// Whatever way a file is edited in, and whatever else is written beside it, the last edit counts.
@Suite(.serialized) struct FollowingTests {
    private func bursts(_ seed: UInt64, _ count: Int) -> [[Edit]] {
        var random = SplitMix(seed)
        return (0..<count).map { _ in
            (0..<Int(random.next() % 3 + 1)).map { _ in
                Edit.allCases[Int(random.next() % UInt64(Edit.allCases.count))]
            }
        }
    }

    @Test(arguments: [1, 2])
    func `the last of every few edits is told, however it was made, beside a file that never rests`(
        seed: UInt64
    ) throws {
        let file = try EditedFile("deck.yaml", holds: "0")
        let last = Mutex<SHA256.Digest?>(nil)
        let told = DispatchSemaphore(value: 0)
        let path = file.path
        let watch = try FolderWatch([file.folder], quietMilliseconds: 10) {
            $0 == path
        } tell: { _, change in
            switch change {
            case .appeared(let digest), .changed(let digest): last.withLock { $0 = digest }
            case .gone: last.withLock { $0 = nil }
            }
            told.signal()
            return true
        }
        watch.start()
        let noise = Noise { [folder = file.folder] in folder + "/journal.db" }
        defer {
            watch.stop()
            noise.end()
        }
        for (number, burst) in bursts(seed, 150).enumerated() {
            for (step, how) in burst.enumerated() {
                try file.edit(how, to: "\(seed) \(number) \(step) \(how)")
            }
            let text = "\(seed) \(number) \(burst.count - 1) \(burst[burst.count - 1])"
            let wanted = SHA256.hash(Array(text.utf8))
            while last.withLock({ $0 }) != wanted {
                guard told.wait(timeout: .now() + 20) == .success else {
                    Issue.record("\(burst) was not told (seed \(seed), burst \(number))")
                    return
                }
            }
        }
    }

    @Test func `what was not followed is told again when the same is written again`() throws {
        let file = try EditedFile("deck.yaml", holds: "good")
        let count = Mutex(0)
        let told = DispatchSemaphore(value: 0)
        let watch = try FolderWatch([file.folder], quietMilliseconds: 10) {
            $0.hasSuffix(".yaml")
        } tell: { _, _ in
            defer { told.signal() }
            return count.withLock { count in
                count += 1
                return count > 2
            }
        }
        watch.start()
        defer { watch.stop() }
        for how in [Edit.renamed, .inPlace, .deleted] {
            try file.edit(how, to: "bad")
            #expect(told.wait(timeout: .now() + 20) == .success, "\(how)")
        }
        // Now it has been followed, and the same is no news: the next that is told is another.
        try file.edit(.inPlace, to: "bad")
        try file.edit(.renamed, to: "other")
        #expect(told.wait(timeout: .now() + 20) == .success)
        #expect(count.withLock { $0 } == 4)
    }

    @Test func `what has changed since it was read is told, though it was before the watch`() throws
    {
        let file = try EditedFile("deck.yaml", holds: "newer")
        let found = Mutex<FolderWatch.Change?>(nil)
        let told = DispatchSemaphore(value: 0)
        let watch = try FolderWatch(
            [file.folder], quietMilliseconds: 10,
            knowing: [file.path: SHA256.hash(Array("older".utf8))]
        ) {
            $0.hasSuffix(".yaml")
        } tell: { _, change in
            found.withLock { $0 = change }
            told.signal()
            return true
        }
        watch.start()
        defer { watch.stop() }
        #expect(told.wait(timeout: .now() + 20) == .success)
        #expect(found.withLock { $0 } == .changed(SHA256.hash(Array("newer".utf8))))
    }

    @Test(arguments: [3])
    func `every last edit of a configuration is followed while a deck plays`(seed: UInt64) throws {
        let live = try LiveDeck()
        let plugin = try LiveModules.recorder()
        func text(_ every: Int) -> String {
            """
            feed: { source: tape, path: \(live.folder.file("one.tape")) }
            plugins: { folder: \(live.folder.file("plugins")) }
            strategies:
              - { name: s0, plugin: \(plugin), isolation: host, symbols: AAA, timeframe: 1m, params: { every: \(every) } }
              - { name: s1, plugin: \(plugin), isolation: host, symbols: AAA, timeframe: 1m, params: { every: 9 } }
            """
        }
        let file = try EditedFile("deck.yaml", holds: text(10))
        let noise = Noise { [folder = file.folder] in folder + "/journal.db" }
        defer { noise.end() }
        let (result, keeper) = try FollowedDeck.follow(live, file, told: { print("told: \($0)") }) {
            hands in
            for (number, burst) in bursts(seed, 60).enumerated() {
                for (step, how) in burst.enumerated() {
                    try file.edit(how, to: text(100 + 10 * number + step))
                }
                let wanted = "set every \(100 + 10 * number + burst.count - 1)"
                while hands.log.last != wanted {
                    guard hands.news.wait(timeout: .now() + 20) == .success else {
                        Issue.record("\(burst) was not followed (seed \(seed), burst \(number))")
                        return
                    }
                }
            }
        }
        #expect(result.slots.map(\.fault) == [nil, nil])
        #expect(
            keeper.commands.allSatisfy { $0.isDone && $0.slot == 0 },
            "no half of a file was ever taken for a whole one, and the other strategy left alone")
    }

    @Test func `a module that comes back as it runs is told so, and nothing is done`() throws {
        let live = try LiveDeck()
        let module = try EditedFile("mine.so", holds: "")
        try live.folder.copy(LiveModules.recorder(), to: "first.so")
        try FileManager.default.removeItem(atPath: module.path)
        try FileManager.default.copyItem(atPath: live.folder.file("first.so"), toPath: module.path)
        let file = try EditedFile(
            "deck.yaml",
            holds: """
                feed: { source: tape, path: \(live.folder.file("one.tape")) }
                plugins: { folder: \(module.folder) }
                strategies:
                  - { name: s0, plugin: \(module.path), isolation: host, symbols: AAA, timeframe: 1m }
                """)
        let words = Mutex<[String]>([])
        let heard = DispatchSemaphore(value: 0)
        let told: @Sendable (String) -> Void = { line in
            words.withLock { $0.append(line) }
            heard.signal()
        }
        let (result, keeper) = try FollowedDeck.follow(live, file, told: told) { hands in
            try FileManager.default.removeItem(atPath: module.path)
            #expect(heard.wait(timeout: .now() + 20) == .success)
            try FileManager.default.copyItem(
                atPath: live.folder.file("first.so"), toPath: module.path)
            #expect(heard.wait(timeout: .now() + 20) == .success)
            // What is really another one is followed all the same.
            let next = try LiveModules.recorder("VERSION=\"2.0.0\"")
            try FileManager.default.copyItem(atPath: next, toPath: module.path + ".new")
            #expect(rename(module.path + ".new", module.path) == 0)
            #expect(hands.news.wait(timeout: .now() + 20) == .success)
        }
        let digest = try PluginFile.read(live.folder.file("first.so")).digest
        #expect(
            words.withLock { $0 } == [
                "\(module.path) is gone; what runs of it goes on",
                "\(module.path) holds what s0 runs, 1.0.0 (\(digest.description.prefix(8))): nothing is changed",
            ])
        #expect(keeper.commands.map(\.command) == ["reload s0"])
        #expect(result.slots[0].plugin.version == "2.0.0")
    }

    private func deck(
        _ plugin: String, _ isolation: String, _ warmUp: Int, _ live: LiveDeck
    ) -> String {
        """
        feed: { source: tape, path: \(live.folder.file("one.tape")) }
        plugins: { folder: \(live.folder.file("plugins")) }
        strategies:
          - { name: s0, plugin: \(plugin), isolation: \(isolation), symbols: AAA, timeframe: 1m, schedule: { warm_up: \(warmUp) } }
        """
    }

    @Test(arguments: ["host", "worker"])
    func `a changed warm-up builds a strategy without a state anew from that much of the past`(
        isolation: String
    ) throws {
        let live = try LiveDeck()
        let plugin = try LiveModules.recorder("STATELESS")
        let file = try EditedFile("deck.yaml", holds: deck(plugin, isolation, 40, live))
        // 4,000 bars in a tenth of a second: it stays at the end of its tape.
        let (result, keeper) = try FollowedDeck.follow(live, file, speed: 2_400_000) { hands in
            while case let answer = hands.room.answer(ControlRequest(.status), from: "a test"),
                answer.status?.state != "staying"
            {}
            try file.edit(.renamed, to: deck(plugin, isolation, 75, live))
            while hands.log.last != "reload s0" {
                guard hands.news.wait(timeout: .now() + 20) == .success else {
                    Issue.record("it was not followed")
                    return
                }
            }
        }
        #expect(result.slots[0].fault == nil)
        #expect(
            keeper.commands.last?.answer.contains("75 events of the past") == true,
            "\(keeper.commands)")
        #expect(LiveDeck.words(keeper)[0].hasSuffix(" muted 75"), "\(LiveDeck.words(keeper))")
    }

    @Test func `a changed warm-up of a strategy with a state is followed, and that goes on`() throws
    {
        let live = try LiveDeck()
        let plugin = try LiveModules.recorder()
        let file = try EditedFile("deck.yaml", holds: deck(plugin, "worker", 40, live))
        let (result, keeper) = try FollowedDeck.follow(live, file, speed: 600_000) { hands in
            try file.edit(.inPlace, to: deck(plugin, "worker", 75, live))
            while hands.log.last != "reload s0" {
                guard hands.news.wait(timeout: .now() + 20) == .success else {
                    Issue.record("it was not followed")
                    return
                }
            }
            while case let answer = hands.room.answer(ControlRequest(.status), from: "a test"),
                answer.status?.state != "staying"
            {}
        }
        #expect(result.slots[0].fault == nil)
        let words = LiveDeck.words(keeper)[0]
        #expect(words.contains("count 4000 last 3999 ") && words.hasSuffix(" muted 0"), "\(words)")
    }

    @Test(arguments: ["host", "worker"])
    func `one without a state is shown all that came while it was made ready`(
        isolation: String
    ) throws {
        let live = try LiveDeck()
        let old = try LiveModules.recorder("STATELESS")
        let new = try LiveModules.recorder("STATELESS", "VERSION=\"2.0.0\"", "SLOW=1", "BURNS=20")
        let file = try EditedFile("deck.yaml", holds: deck(old, isolation, 40, live))
        // 2,000 bars a second: some come while it is tried.
        let (result, keeper) = try FollowedDeck.follow(live, file, speed: 120_000) { hands in
            var request = ControlRequest(.reload, strategy: "s0")
            request.plugin = new
            let answer = hands.room.answer(request, from: "a test")
            #expect(answer.ok, "\(answer.text)")
            while case let answer = hands.room.answer(ControlRequest(.status), from: "a test"),
                answer.status?.state != "staying"
            {}
        }
        #expect(result.slots[0].fault == nil)
        #expect(result.slots[0].plugin.version == "2.0.0")
        #expect(LiveDeck.words(keeper)[0].contains(" last 3999 "))
    }
}

/// Numbers that a seed repeats.
private struct SplitMix {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
