import CTapedeck
package import Kernel
package import Market

/// A slot whose strategy failed before it was shown anything: its portfolio goes on alone, as after
/// any fault.
package final class AbsentRunner: PluglessRunner {
    package let placement: Placement
    package let settings: StrategyRunner.Settings
    package var portfolio: Portfolio
    package let standing: StrategyRunner.Standing
    package private(set) var lastSequence: UInt64 = 0
    private let fault: StrategyFault

    package init(
        _ placement: Placement, settings: StrategyRunner.Settings, portfolio: consuming Portfolio,
        fault: StrategyFault
    ) {
        self.placement = placement
        self.settings = settings
        self.portfolio = portfolio
        self.fault = fault
        standing = .faulted(fault)
    }

    package func start(_ reason: StrategyRunner.Start, nextSequence: UInt64, time: Timestamp) {}
    package func stop(_ reason: StrategyRunner.Stop) {}

    package func play(_ run: EventRun, from start: Int, to end: Int) -> Int {
        let part = unsafe EventRun(
            events: run.events + start, prices: run.prices + start, count: end - start)
        _ = unsafe portfolio.follow(part, from: 0, to: part.count)
        if end > start { lastSequence = unsafe run.events[end - 1].sequence }
        return end
    }

    package func takeOutput(into output: inout StrategyOutput) { output.removeAll() }

    package func restart(_ reason: StrategyRunner.Start, time: Timestamp) throws(StrategyFault) {
        throw fault
    }

    package func handOver(
        to successor: Successor, time: Timestamp
    ) throws(HandOverFailure) -> Inheritance {
        throw HandOverFailure(
            stage: .asked, reason: "it has never played: another is put in its place")
    }
}
