import Deck
import Feeds
import Journal
import Kernel
import Market
import StrategyHost
import Testing

/// Plays a configuration over a tape of its own.
struct PlayTests {
    let folder = DeckFolder()

    init() throws { try folder.writeTape(bars: 3_000) }

    func configuration(_ strategies: String, top: String = "") throws -> DeckConfiguration {
        try DeckConfiguration.load(
            text: """
                feed: { source: tape, path: small.tape }
                plugins: { folder: plugins }
                \(top)
                strategies:
                \(strategies)
                """, path: folder.file("c.yaml"), overrides: DeckFolder.inHost
        ).get()
    }

    func play(
        _ configuration: DeckConfiguration, lanes: Int = 1, block: Int = 4_096,
        into sink: (any RecordSink)? = nil
    ) throws -> RunResult {
        var options = PlayOptions()
        options.lanes = lanes
        options.blockSize = block
        let deck = try TapeDeck(
            configuration, plugins: PluginStore(probe: nil), options: options)
        return try deck.play(into: sink)
    }

    /// Takes so much, and then nothing more.
    private final class FullSink: RecordSink {
        private let journal: JournalSink
        private var left = 3

        init(_ journal: JournalSink) { self.journal = journal }

        func begin(
            _ identity: RunIdentity, slots: [SlotIdentity], instruments: [Instrument],
            at started: Timestamp
        ) throws(DeckFailure) {
            try journal.begin(identity, slots: slots, instruments: instruments, at: started)
        }
        func take(slot: Int, _ records: inout Records) throws(DeckFailure) {
            left -= 1
            if left == 0 { throw DeckFailure("the disk is full") }
            try journal.take(slot: slot, &records)
        }
        func take(slot: Int, _ output: inout StrategyOutput) throws(DeckFailure) {}
        func fault(slot: Int, sequence: UInt64, time: Timestamp, text: String) throws(DeckFailure) {
        }
        func command(_ record: CommandRecord) throws(DeckFailure) {}
        func slot(_ slot: SlotIdentity, at index: Int) throws(DeckFailure) {}
        func end(_ result: RunResult, at finished: Timestamp) throws(DeckFailure) {}
        func fail(at finished: Timestamp) { journal.fail(at: finished) }
    }

    @Test func `a run that cannot go on is noted as failed`() throws {
        let configuration = try configuration(
            """
              - { name: hold, plugin: org.tapedeck.buy-and-hold, symbols: AAA, timeframe: 1m }
            """)
        let journal = try JournalWriter(path: folder.file("runs.db"))
        #expect(throws: DeckFailure.self) {
            _ = try play(configuration, block: 100, into: FullSink(JournalSink(journal)))
        }
        #expect(try JournalReader(path: folder.file("runs.db")).runs().map(\.status) == [.failed])
    }

    @Test func `buying and holding is worth what the price makes of it`() throws {
        let result = try play(
            try configuration(
                """
                  - { name: hold, plugin: org.tapedeck.buy-and-hold, symbols: AAA, timeframe: 1m, params: { quantity: 10 } }
                """))
        let slot = try #require(result.slots.first)
        #expect(result.status == .complete)
        #expect(result.events == 6_050)
        #expect(slot.fault == nil)
        #expect(slot.counts.fills == 1)
        #expect(slot.counts.orders == 1)
        #expect(slot.positions.count == 1)
        // Bought at the second bar's open, 102; the last of 3,000 bars closes at 100 + 3000 mod 17
        // + 0.5.
        #expect(slot.account.equity == 100_065)
    }
}
