import Deck
import Foundation
import StrategyHost
import TestGround
import Testing

/// Whatever a strategy does in its worker: host, feed and the other strategies are as if it had
/// never been there.
@Suite(.serialized) struct NeighbourTests {
    struct Played {
        /// Of the two good neighbours.
        var digests: [String] = []
        var events = 0
        /// Of the third.
        var fault: String?
        /// Why nothing was played.
        var refusal: String?
    }

    /// Two good strategies, one inside the host and one in a worker, and a third one beside them.
    static func play(beside third: String?, isolation: String = "worker") throws -> Played {
        let folder = ScratchFolder()
        let lines =
            third.map {
                "  - { name: third, plugin: \($0), symbols: [ALFA], isolation: \(isolation), limits: { memory: 128MB } }"
            } ?? ""
        let text = """
            seed: 5
            feed: { source: synthetic, calendar: XNYS, timeframe: 1m, start: 2024-01-02, sessions: 2 }
            assets: [ALFA, BRAVO]
            defaults: { cash: 100000 USD, timeframe: 1m, allow_short: true, sizing: 40% }
            strategies:
              - { name: one, plugin: \(Checkout.plugins)/sma-cross.so, symbols: [ALFA], isolation: host }
              - { name: two, plugin: \(Checkout.plugins)/zscore.so, symbols: [BRAVO], isolation: worker }
            \(lines)
            """
        let configuration = try DeckConfiguration.load(text: text, path: folder.file("c.yaml"))
            .get()
        var played = Played()
        do {
            let result = try TapeDeck(
                configuration, plugins: PluginStore(probe: nil), options: PlayOptions()
            ).play()
            played.digests = result.slots.prefix(2).map { "\($0.digest)" }
            played.events = result.events
            #expect(result.slots.prefix(2).allSatisfy { $0.fault == nil })
            if third != nil { played.fault = result.slots[2].fault?.message }
        } catch {
            played.refusal = "\(error)"
        }
        return played
    }

    static let alone = Result { try play(beside: nil) }

    @Test func `the neighbours trade, so that there is something to disturb`() throws {
        let alone = try Self.alone.get()
        #expect(alone.refusal == nil)
        #expect(alone.digests.count == 2 && Set(alone.digests).count == 2)
        #expect(alone.events > 1500)
        let honest = try Self.play(beside: HostileModule.path("honest"))
        #expect(
            honest.digests == alone.digests && honest.fault == nil && honest.refusal == nil,
            "\(honest)")
    }

    @Test(arguments: Misdeed.all)
    func `nobody else notices, and the fault has a name`(misdeed: Misdeed) throws {
        let alone = try Self.alone.get()
        let path = try HostileModule.path(misdeed.name)
        let played = try Self.play(beside: path)
        switch misdeed.fate {
        case .stopped(let words):
            #expect(played.fault?.contains(words) == true, "\(played)")
        case .plays:
            #expect(played.fault == nil, "\(played)")
        }
        #expect(played.refusal == nil)
        #expect(played.digests == alone.digests, "\(played)")
        #expect(played.events == alone.events)
    }
}
