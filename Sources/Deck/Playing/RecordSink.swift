package import Journal
package import Kernel
package import Market
package import StrategyHost

/// Where everything goes that slots have to tell, besides into results. All calls come from the
/// thread that plays, slot after slot, in an order that does not depend on the number of lanes.
package protocol RecordSink: AnyObject {
    /// Before the first event.
    func begin(
        _ identity: RunIdentity, slots: [SlotIdentity], instruments: [Instrument],
        at started: Timestamp
    ) throws(DeckFailure)
    /// Takes what one slot has recorded; `records` is left empty, with room to go on.
    func take(slot: Int, _ records: inout Records) throws(DeckFailure)
    /// Takes what one strategy said; `output` may be left as it is.
    func take(slot: Int, _ output: inout StrategyOutput) throws(DeckFailure)
    /// A strategy was stopped.
    func fault(slot: Int, sequence: UInt64, time: Timestamp, text: String) throws(DeckFailure)
    /// Something was done to the run between two events.
    func command(_ record: CommandRecord) throws(DeckFailure)
    /// A slot has come, or is now another plug-in's.
    func slot(_ slot: SlotIdentity, at index: Int) throws(DeckFailure)
    /// After the last event.
    func end(_ result: RunResult, at finished: Timestamp) throws(DeckFailure)
    /// Instead of `end`: the run cannot go on.
    func fail(at finished: Timestamp)
}

extension RecordSink {
    package func fail(at finished: Timestamp) {}
}
