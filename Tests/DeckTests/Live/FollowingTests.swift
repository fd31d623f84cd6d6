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

    /// Passes on what is done to a run.
    final class Commands: RecordSink {
        let keeper = RecordKeeper()
        let done: @Sendable (CommandRecord) -> Void

        init(_ done: @escaping @Sendable (CommandRecord) -> Void) { self.done = done }

        func begin(
            _ identity: RunIdentity, slots: [SlotIdentity], instruments: [Instrument],
            at started: Timestamp
        ) throws(DeckFailure) {
            try keeper.begin(identity, slots: slots, instruments: instruments, at: started)
        }
        func take(slot: Int, _ records: inout Records) throws(DeckFailure) {
            try keeper.take(slot: slot, &records)
        }
        func take(slot: Int, _ output: inout StrategyOutput) throws(DeckFailure) {
            try keeper.take(slot: slot, &output)
        }
        func fault(
            slot: Int, sequence: UInt64, time: Timestamp, text: String
        ) throws(DeckFailure) {
            try keeper.fault(slot: slot, sequence: sequence, time: time, text: text)
        }
        func command(_ record: CommandRecord) throws(DeckFailure) {
            try keeper.command(record)
            done(record)
        }
        func slot(_ slot: SlotIdentity, at index: Int) throws(DeckFailure) {
            try keeper.slot(slot, at: index)
        }
        func end(_ result: RunResult, at finished: Timestamp) throws(DeckFailure) {
            try keeper.end(result, at: finished)
        }
    }

    /// Plays a deck of `file` on another thread until `body` has ended.
    private func follow(
        _ live: LiveDeck, _ file: EditedFile, told: @escaping @Sendable (String) -> Void,
        _ body: (DispatchSemaphore, CommandLog) throws -> Void
    ) throws -> (RunResult, Commands) {
        let configuration = try DeckConfiguration.load(file.path).get()
        var options = PlayOptions()
        options.lanes = 1
        // A minute of the market a second: it plays all the while.
        options.speed = .times(60)
        let deck = try TapeDeck(configuration, plugins: live.store, options: options)
        let stop = StopSwitch()
        let news = DispatchSemaphore(value: 0)
        let log = CommandLog()
        let sink = Commands { record in
            log.add(record)
            news.signal()
        }
        let room = try ControlRoom(deck, plugins: live.store, stop: stop)
        let watch = try DeckWatch(room, tell: told)
        let play = Player(deck, sink, stop)
        play.start()
        watch.start()
        defer { watch.stop() }
        try body(news, log)
        stop.set()
        return (try play.result(), sink)
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
        let (result, sink) = try follow(live, file, told: { print("told: \($0)") }) { news, log in
            for (number, burst) in bursts(seed, 60).enumerated() {
                for (step, how) in burst.enumerated() {
                    try file.edit(how, to: text(100 + 10 * number + step))
                }
                let wanted = "set every \(100 + 10 * number + burst.count - 1)"
                while log.last != wanted {
                    guard news.wait(timeout: .now() + 20) == .success else {
                        Issue.record("\(burst) was not followed (seed \(seed), burst \(number))")
                        return
                    }
                }
            }
        }
        #expect(result.slots.map(\.fault) == [nil, nil])
        #expect(
            sink.keeper.commands.allSatisfy { $0.isDone && $0.slot == 0 },
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
        let (result, sink) = try follow(live, file) { line in
            words.withLock { $0.append(line) }
            heard.signal()
        } _: { news, log in
            try FileManager.default.removeItem(atPath: module.path)
            #expect(heard.wait(timeout: .now() + 20) == .success)
            try FileManager.default.copyItem(
                atPath: live.folder.file("first.so"), toPath: module.path)
            #expect(heard.wait(timeout: .now() + 20) == .success)
            // What is really another one is followed all the same.
            let next = try LiveModules.recorder("VERSION=\"2.0.0\"")
            try FileManager.default.copyItem(atPath: next, toPath: module.path + ".new")
            #expect(rename(module.path + ".new", module.path) == 0)
            #expect(news.wait(timeout: .now() + 20) == .success)
        }
        let digest = try PluginFile.read(live.folder.file("first.so")).digest
        #expect(
            words.withLock { $0 } == [
                "\(module.path) is gone; what runs of it goes on",
                "\(module.path) holds what s0 runs, 1.0.0 (\(digest.description.prefix(8))): nothing is changed",
            ])
        #expect(sink.keeper.commands.map(\.command) == ["reload s0"])
        #expect(result.slots[0].plugin.version == "2.0.0")
    }
}

/// What has been done to a run, as another thread sees it.
private final class CommandLog: Sendable {
    private let commands = Mutex<[String]>([])

    func add(_ record: CommandRecord) { commands.withLock { $0.append(record.command) } }

    var last: String? { commands.withLock { $0.last } }
}

/// Plays a deck on a thread of its own.
private final class Player: @unchecked Sendable {
    private let deck: TapeDeck
    private let sink: any RecordSink
    private let stop: StopSwitch
    private let isOver = DispatchSemaphore(value: 0)
    private var outcome: Result<RunResult, any Error>?

    init(_ deck: TapeDeck, _ sink: any RecordSink, _ stop: StopSwitch) {
        (self.deck, self.sink, self.stop) = (deck, sink, stop)
    }

    func start() {
        ControlServer.thread { [self] in
            outcome = Result { try deck.play(into: sink, stop: stop) }
            isOver.signal()
        }
    }

    func result() throws -> RunResult {
        stop.set()
        isOver.wait()
        return try #require(outcome).get()
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
