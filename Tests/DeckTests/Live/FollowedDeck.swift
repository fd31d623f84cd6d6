import Dispatch
import Journal
import Kernel
import Market
import StrategyHost
import Synchronization
import Testing

@testable import Deck

/// A deck that plays on a thread of its own, commanded and edited from another.
enum FollowedDeck {
    /// What a test has in hand while it plays.
    struct Hands {
        let room: ControlRoom
        let log: CommandLog
        /// Signalled at each command.
        let news: DispatchSemaphore
    }

    /// Plays the configuration of `file` until `body` has ended, with the files followed.
    static func follow(
        _ live: LiveDeck, _ file: EditedFile, speed: Double = 60,
        told: @escaping @Sendable (String) -> Void = { _ in }, _ body: (Hands) throws -> Void
    ) throws -> (result: RunResult, keeper: RecordKeeper) {
        var options = PlayOptions()
        options.lanes = 1
        options.speed = .times(speed)
        options.stays = true
        let deck = try TapeDeck(
            try DeckConfiguration.load(file.path).get(), plugins: live.store, options: options)
        let stop = StopSwitch()
        let (news, log) = (DispatchSemaphore(value: 0), CommandLog())
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
        let ended = Result { try body(Hands(room: room, log: log, news: news)) }
        let result = try play.result()
        try ended.get()
        return (result, sink.keeper)
    }
}

/// What has been done to a run, as another thread sees it.
final class CommandLog: Sendable {
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

/// Passes on what is done to a run.
private final class Commands: RecordSink {
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
