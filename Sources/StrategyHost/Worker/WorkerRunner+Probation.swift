import CTapedeck
import Kernel
import Market

extension WorkerRunner {
    package func endProbation() {
        probation = nil
        if let predecessor { retire(predecessor.instance) }
        predecessor = nil
    }

    package func rollBack() throws(HandOverFailure) -> RollBack {
        try probation.checkRollBack(predecessor != nil)
        let done = comeBack(because: nil)
        if let fault = standing.fault {
            throw HandOverFailure(stage: .rollBack, reason: fault.description)
        }
        return done
    }

    package func takeRollBack() -> RollBack? {
        defer { ownRollBack = nil }
        return ownRollBack
    }

    /// After a part of a run: counts what the one before has missed, and brings it back should the
    /// new one have failed. Answers whether it plays on.
    func watchProbation(_ run: EventRun, _ places: Range<Int>) -> Bool {
        unsafe probation?.miss(run, places, shownBy: settings.filter)
        guard let fault = standing.fault, unsafe state.pointee.portfolio.fault == nil,
            probation?.isOver == false,
            predecessor != nil
        else { return false }
        ownRollBack = comeBack(because: fault)
        return standing == .running
    }

    /// Puts the one before back, with the portfolio as it is now, and shows it what it has missed.
    private func comeBack(because fault: StrategyFault?) -> RollBack {
        let (failed, events) = (instance, probation?.missed ?? [])
        let sequence = events.last?.sequence ?? lastSequence
        let done = RollBack(
            fault: fault, sequence: sequence, events: events.count, placement: failed.placement)
        probation = nil
        guard let before = predecessor.take() else { return done }
        failed.mayPlay = false
        detach(failed)
        if failed.isLost { failed.lose(.byOperator) } else { retire(failed) }
        instance = before.instance
        standing = before.standing
        unsafe state.pointee.warmUp = before.warmUp
        memory = before.memory
        unsafe state.pointee.wire(settings.setup.instruments)
        resume(behind: Array(events))
        return done
    }

    /// Goes on with the portfolio as it is now, having been shown what it has missed.
    func resume(behind events: [Event]) {
        memory.remember(events)
        attach(instance)
        do throws(StrategyFault) {
            try restore(instance)
            try show(events, to: instance, flags: TD_FLAG_REPLAY)
            goOn()
        } catch {
            instance.lose(.byOperator)
            standing = .faulted(error)
        }
    }

    private func restore(_ instance: WorkerInstance) throws(StrategyFault) {
        let text: [UInt8]
        do { text = try PlainEncoding.bytes(beginning(settings)) } catch {
            throw Self.notStarted("\(error)")
        }
        let isThere = instance.ask(.restore, text: text) != nil
        if let fault = noteBetween(instance) { throw fault }
        guard !isThere else { return }
        instance.lose(.byOperator)
        throw StrategyFault(call: .load, cause: .worker(instance.ending), text: "")
    }

    /// Tells it to stop and to leave, and does not wait for it.
    func retire(_ instance: WorkerInstance) {
        detach(instance)
        guard !instance.isLost else { return }
        instance.mayPlay = false
        instance.isLeaving = true
        instance.post(.leave)
        leaving.append(instance)
    }

    /// Takes the last words of those that have left, and ends those that do not.
    func reapLeaving() {
        guard !leaving.isEmpty else { return }
        leaving.removeAll { instance in
            let reason = instance.departure
            if let reason { instance.lose(reason) }
            _ = noteBetween(instance, hasFailed: true)
            return reason != nil
        }
    }

    /// Processes that were told to leave and are still there.
    package var lingering: [String] {
        reapLeaving()
        return leaving.map {
            "worker \($0.child.process) with \($0.placement.manifest.version) has not ended yet"
        }
    }
}
