package import CTapedeck
package import Kernel
package import Market

/// A slot's runner that no plug-in stands behind: what only an instance can do, it does not do.
package protocol PluglessRunner: SlotRunner {}

extension PluglessRunner {
    package var depth: Int { 0 }
    package var plotNames: [String] { [] }
    package var probation: Probation? { nil }
    package var walls: WorkerWalls? { nil }
    package var ground: WorkerGround? { nil }
    package var lingering: [String] { [] }
    package var warmUp: WarmUp { WarmUp(bars: 0, instruments: [], timeFrames: []) }

    package func destroy() {}
    package func hold(before block: Int?) {}
    package var queueTape: SharedTape? { nil }
    package func prepare(_ question: SlotQuestion) {}
    package var isAnswered: Bool { true }
    package func isReady(for block: Int) -> Bool { true }
    package func lookBack(at past: [Event]) {}
    package func savedForRehearsal() -> StrategyState? { nil }
    package func endProbation() {}
    package func takeRollBack() -> RollBack? { nil }

    package func restart(_ reason: StrategyRunner.Start, time: Timestamp) throws(StrategyFault) {
        throw refusal(.create)
    }

    package func save() throws(StrategyFault) -> StrategyState { throw refusal(.save) }
    package func load(_ saved: StrategyState) throws(StrategyFault) { throw refusal(.load) }

    package func setParameter(_ name: String, text: String) throws(ParameterProblem) {
        _ = try placement.manifest.liveValue(name, text: text, instruments: [])
    }

    package func handOver(
        to successor: Successor, time: Timestamp
    ) throws(HandOverFailure) -> Inheritance {
        throw HandOverFailure(
            stage: .asked, reason: "\(placement.manifest.name) is no plug-in that could be replaced"
        )
    }

    package func handDown(to successor: Successor) throws(HandOverFailure) -> StrategyLegacy? {
        nil
    }
    package func goOn() {}
    package func take(words: LogLines) {}
    package func begin(
        insteadOf old: any SlotRunner, _ successor: Successor, _ legacy: StrategyLegacy?,
        time: Timestamp
    ) throws(HandOverFailure) -> Inheritance {
        throw HandOverFailure(
            stage: .asked, reason: "\(placement.manifest.name) takes no other's place")
    }
    package func comeBack(
        from failed: any SlotRunner, missed: [Event], in run: EventRun?, at place: Int,
        of stand: QueueStand?
    ) {}

    package func rollBack() throws(HandOverFailure) -> RollBack {
        throw HandOverFailure(stage: .rollBack, reason: "there is none before it")
    }

    private func refusal(_ call: StrategyFault.Call) -> StrategyFault {
        StrategyFault(
            call: call, cause: .answered(td_status(TD_E_UNSUPPORTED)),
            text: "\(placement.manifest.name) is no plug-in")
    }

    /// What its portfolio can go no further for.
    package func fault(of portfolio: Fault, at sequence: UInt64) -> StrategyFault {
        StrategyFault(call: .onEvents, cause: .portfolio(portfolio), text: "", sequence: sequence)
    }
}
