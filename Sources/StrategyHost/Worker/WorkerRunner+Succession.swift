package import CTapedeck
package import Market

extension WorkerRunner {
    package func handOver(
        to successor: Successor, time: Timestamp
    ) throws(HandOverFailure) -> Inheritance {
        throw HandOverFailure(stage: .asked, reason: "a strategy in a worker cannot be replaced yet")
    }

    package func lookBack(at past: [Event]) {}
    package func savedForRehearsal() -> StrategyState? { nil }
    package var probation: Probation? { nil }
    package func endProbation() {}
    package func rollBack() throws(HandOverFailure) -> RollBack {
        throw HandOverFailure(stage: .asked, reason: "the one before it has left")
    }
    package func takeRollBack() -> RollBack? { nil }
}
