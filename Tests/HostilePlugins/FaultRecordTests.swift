import Deck
import Journal
import StrategyHost
import TestGround
import Testing

/// What ends a strategy is named, and the name stands in the result, the status and the journal.
@Suite(.serialized) struct FaultRecordTests {
    @Test(arguments: [
        (
            "segfault_in_constructor",
            "crash: its worker died of signal 11 (Segmentation fault): while its module was opened"
        ),
        (
            "segfault_in_create",
            "crash: its worker died of signal 11 (Segmentation fault): in create"
        ),
        ("segfault_at_event", "crash: its worker died of signal 11 (Segmentation fault) at event"),
        ("exit_at_event", "exit: its worker ended its own process with status 7 at event"),
        ("endless_loop", "hang: it used"), ("sleeps", "hang: it made no progress for"),
        ("memory_bomb", "memory limit: its worker wanted more than 128 MiB"),
        ("opens_socket", "refused system call: it called socket, which its sandbox forbids"),
        ("forged_kind", "protocol breach: an entry of an unknown kind (99)"),
        ("forged_flood", "order flood: 5121 commands at one event"),
        (
            "forged_digest",
            "mirror mismatch: its worker's portfolio is not what its commands make of the tape"
        ),
    ])
    func `a fault is in the journal, in the result and in the status`(
        misdeed: String, words: String
    ) throws {
        let folder = ScratchFolder()
        let text = """
            seed: 5
            feed: { source: synthetic, calendar: XNYS, timeframe: 1m, start: 2024-01-02, sessions: 1 }
            assets: [ALFA]
            defaults: { cash: 100000 USD, timeframe: 1m, sizing: 40%, limits: { memory: 128MB, call: 300ms } }
            strategies:
              - { name: good, plugin: \(Checkout.plugins)/sma-cross.so }
              - { name: bad, plugin: \(try HostileModule.path(misdeed)) }
            """
        let deck = try TapeDeck(
            try DeckConfiguration.load(text: text, path: folder.file("c.yaml")).get(),
            plugins: PluginStore(probe: nil))
        let journal = try JournalWriter(path: folder.file("runs.db"))
        let result = try deck.play(into: JournalSink(journal))
        let fault = try #require(result.slots[1].fault)
        #expect(fault.message.hasPrefix(words), "\(fault)")
        #expect(result.slots[0].fault == nil)
        let status = try deck.status().slots
        #expect(status.map(\.state) == ["stopped", "stopped"])
        #expect(status.map(\.fault) == [nil, fault.message])
        let reader = try JournalReader(path: folder.file("runs.db"))
        let stored = try reader.records(run: 1, slot: 1).faults
        #expect(stored.map(\.text) == [fault.message])
        #expect(stored.first?.sequence == fault.sequence ?? 0)
        #expect(stored.first?.time == fault.time?.time)
        #expect(try reader.records(run: 1, slot: 0).faults.isEmpty)
        #expect(try reader.runs()[0].faults == 1)
    }
}
