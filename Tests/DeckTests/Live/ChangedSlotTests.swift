import Dispatch
import Kernel
import TestGround
import Testing

@testable import Deck

/// Strategies whose block of the configuration is edited while they play.
@Suite(.serialized) struct ChangedSlotTests {
    private let live: LiveDeck

    init() throws { live = try LiveDeck() }

    private func deck(_ slot: String) -> String {
        """
        feed: { source: tape, path: \(live.folder.file("one.tape")) }
        plugins: { folder: \(live.folder.file("plugins")) }
        strategies:
          - { name: s0, symbols: AAA, timeframe: 1m, \(slot) }
        """
    }

    /// Edits the configuration when all bars have been played.
    private func edited(
        from first: String, to second: String, until command: String
    ) throws -> (result: RunResult, keeper: RecordKeeper) {
        let file = try EditedFile("deck.yaml", holds: deck(first))
        return try FollowedDeck.follow(live, file, speed: 2_400_000) { hands in
            while case let answer = hands.room.answer(ControlRequest(.status), from: "a test"),
                answer.status?.state != "staying"
            {}
            try file.edit(.renamed, to: deck(second))
            while hands.log.last != command {
                guard hands.news.wait(timeout: .now() + 20) == .success else {
                    Issue.record("it was not followed")
                    return
                }
            }
        }
    }

    @Test(arguments: ["worker", "sealed"])
    func `what cannot begin takes nobody's place`(isolation: String) throws {
        let (good, bad) = (
            try LiveModules.recorder(), try LiveModules.recorder("FAILS=1", "VERSION=\"2.0.0\"")
        )
        func slot(_ plugin: String, _ cash: Int) -> String {
            "plugin: \(plugin), isolation: \(isolation), cash: \(cash), schedule: { warm_up: 9999 }"
        }
        let (result, keeper) = try edited(
            from: slot(good, 100_000), to: slot(bad, 50_000), until: "load s0")
        #expect(result.slots.count == 1)
        #expect(result.slots[0].fault == nil)
        #expect(result.slots[0].plugin.version == "1.0.0")
        #expect(
            keeper.commands.map(\.answer).last?.contains("create failed with TD_E_INTERNAL")
                == true,
            "\(keeper.commands)")
    }
}
