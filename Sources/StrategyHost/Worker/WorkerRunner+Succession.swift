package import CTapedeck
package import CTapedeck
package import Market

extension WorkerRunner {
    package func lookBack(at past: [Event]) {
        guard standing == .running, !past.isEmpty else { return }
        for event in past { unsafe state.pointee.warmUp.count(event) }
        let most = channel.textSize / MemoryLayout<Event>.stride
        var rest = past[...]
        while !rest.isEmpty {
            let part = ContiguousArray(rest.prefix(most))
            _ = ask(.lookBack, text: unsafe part.withUnsafeBytes { unsafe Array($0) })
            rest = rest.dropFirst(most)
        }
        noteBetween()
    }

    package func savedForRehearsal() -> StrategyState? {
        guard standing == .running || standing == .done, placement.manifest.state != nil, let bytes = ask(.save)
        else { return nil }
        do { return try StrategyState(decoding: bytes) } catch { return nil }
    }

    package func handOver(
        to successor: Successor, time: Timestamp
    ) throws(HandOverFailure) -> Inheritance {
        throw HandOverFailure(stage: .asked, reason: "a strategy in a worker cannot be replaced yet")
    }

    package var probation: Probation? { nil }
    package func endProbation() {}
    package func rollBack() throws(HandOverFailure) -> RollBack {
        throw HandOverFailure(stage: .asked, reason: "the one before it has left")
    }
    package func takeRollBack() -> RollBack? { nil }
}
