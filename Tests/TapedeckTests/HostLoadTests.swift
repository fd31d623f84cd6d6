import Dispatch
import Foundation
import Testing

@testable import Deck
@testable import StrategyHost

/// What is loaded into the host while others play there is tried in a process of its own first.
@Suite(.serialized) struct HostLoadTests {
    private let workshop = Workshop()

    private func configure(_ names: [(String, String)]) throws {
        try workshop.write(
            """
            feed: { source: tape, path: AAA.tape }
            plugins: { folder: . }
            defaults: { isolation: host }
            strategies:
            \(names.map { "  - { name: \($0.0), plugin: \($0.1), timeframe: 1m, params: { every: 40 } }" }.joined(separator: "\n"))
            """, "deck.yaml")
    }

    private func deck(_ store: PluginStore, _ options: PlayOptions) throws -> TapeDeck {
        try TapeDeck(
            DeckConfiguration.load(workshop.path("deck.yaml")).get(), plugins: store,
            options: options)
    }

    /// What is wrong with it, and what an operator is told.
    static let bad = [
        ("DIES=8", "while it was being opened: one of its constructors did that"),
        ("DIES=1", "in create"),
        ("DIES=3", "in start"),
        ("STAYS=8", "did not answer within 1.0 s, while it was being opened"),
        ("STAYS=1", "did not answer within 1.0 s, in create"),
        ("STAYS=3", "did not answer within 1.0 s, in start"),
        ("FAILS=1", "create failed with TD_E_INTERNAL: no hands"),
        ("FAILS=3", "start failed with TD_E_INTERNAL: no legs"),
    ]

    @Test func `what crashes or hangs there is refused by its cause, and nobody else notices`()
        throws
    {
        try workshop.tape(3_000)
        let good = try Modules.recorder()
        let beside = [("a", good), ("b", good)]
        try configure(beside)
        var options = PlayOptions()
        options.lanes = 1
        let expected = try deck(PluginStore(probe: nil), options).play()

        // Some 250 bars a second: it plays while they are tried.
        options.speed = .times(15_000)
        let store = PluginStore(
            probe: ProbeProcess(executable: Program.path, secondsAllowed: 1))
        let deck = try deck(store, options)
        let stop = StopSwitch()
        let room = try ControlRoom(deck, plugins: store, stop: stop)
        let keeper = RecordKeeper()
        let play = Play(deck, keeper)
        play.start()
        for (define, words) in Self.bad {
            try configure(beside + [("c", try Modules.recorder(define))])
            let answer = room.answer(ControlRequest(.load, strategy: "c"), from: "a test")
            #expect(!answer.ok && answer.text.contains(words), "\(define): \(answer.text)")
            #expect(answer.text.contains(try Modules.recorder(define)), "\(answer.text)")
        }
        #expect(store.open.count == 1, "none of them was opened here")
        try configure(beside + [("c", good)])
        let answer = room.answer(ControlRequest(.load, strategy: "c"), from: "a test")
        #expect(answer.ok && answer.text.contains("is loaded"), "\(answer.text)")
        let result = try play.wait()
        #expect(result.slots.map(\.name) == ["a", "b", "c"])
        #expect(result.slots.map(\.fault) == [nil, nil, nil])
        #expect(result.slots.prefix(2).map(\.digest) == expected.slots.map(\.digest))
        #expect(keeper.commands.filter(\.isDone).map(\.command) == ["load c"])
    }
}

/// A run on a thread of its own.
private final class Play: @unchecked Sendable {
    private let deck: TapeDeck
    private let keeper: RecordKeeper
    private let isOver = DispatchSemaphore(value: 0)
    private var result: Result<RunResult, any Error>?

    init(_ deck: TapeDeck, _ keeper: RecordKeeper) { (self.deck, self.keeper) = (deck, keeper) }

    func start() {
        ControlServer.thread { [self] in
            result = Result { try deck.play(into: keeper) }
            isOver.signal()
        }
    }

    func wait() throws -> RunResult {
        isOver.wait()
        return try #require(result).get()
    }
}
