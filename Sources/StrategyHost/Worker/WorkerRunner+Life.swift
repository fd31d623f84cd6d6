import CTapedeck
import Kernel
package import Market

extension WorkerRunner {
    package func start(_ reason: StrategyRunner.Start, nextSequence: UInt64, time: Timestamp) {
        guard standing == .created else { return }
        unsafe state.pointee.startTime = time
        standing = .running
        let words = [UInt64(reason.code), nextSequence, UInt64(bitPattern: time.rawValue)]
        if isQueued {
            // It plays when it has started; what it said is told with its first block.
            instance.post(.start, words)
        } else {
            guard ask(.start, words) != nil else { return }
            take(noteBetween(instance))
        }
        goOn()
    }

    package func stop(_ reason: StrategyRunner.Stop) {
        guard standing == .running || standing == .done else { return }
        for instance in leaving { _ = instance.wait { instance.stage == .left } }
        reapLeaving()
        guard ask(.stop, [UInt64(reason.code)]) != nil else { return }
        standing = .stopped
        if let fault = noteBetween(instance, hasFailed: true) { standing = .faulted(fault) }
    }

    package func destroy() {
        if standing != .stopped { stop(.unload) }
        if let predecessor { retire(predecessor.instance) }
        predecessor = nil
        instance.lose(.byOperator)
        // The tape need not keep for it what others have played.
        detach(instance)
        for instance in leaving { instance.lose(.byOperator) }
        leaving = []
    }

    package func setParameter(_ name: String, text: String) throws(ParameterProblem) {
        guard standing == .running, !instance.isLost else {
            throw ParameterProblem(parameter: name, message: "the strategy is not running")
        }
        let wired = settings.setup.instruments.map {
            unsafe state.pointee.portfolio.instruments[Int($0)]
        }
        let (declaration, value) = try placement.manifest.liveValue(
            name, text: text, instruments: wired)
        tell(.setParameter, [UInt64(name.utf8.count)], text: Array((name + text).utf8))
        take(noteBetween(instance))
        if standing == .running { instance.settings.setup.parameters.set(declaration, value) }
    }

    package func save() throws(StrategyFault) -> StrategyState {
        guard placement.manifest.state != nil, standing == .running || standing == .done else {
            throw StrategyFault(
                call: .save, cause: .answered(td_status(TD_E_UNSUPPORTED)),
                text: "it keeps no state")
        }
        guard let bytes = ask(.save) else { throw lost(.save) }
        do throws(StrategyState.Damage) {
            return try StrategyState(decoding: bytes)
        } catch {
            take(noteBetween(instance))
            if let fault = standing.fault { throw fault }
            throw StrategyFault(
                call: .save, cause: .answered(td_status(TD_E_FORMAT)), text: error.description)
        }
    }

    package func load(_ saved: StrategyState) throws(StrategyFault) {
        guard ask(.load, text: saved.encoded) != nil else { throw lost(.load) }
        take(noteBetween(instance))
        if let fault = standing.fault { throw fault }
    }

    private func lost(_ call: StrategyFault.Call) -> StrategyFault {
        standing.fault ?? StrategyFault(call: call, cause: .worker(.byOperator), text: "")
    }

    /// A new worker in the place of one that is gone: its mirror is what the portfolio is now, its
    /// strategy has its last saved state and is shown what came after it, muted.
    /// - Throws: why there is none; the portfolio goes on alone.
    package func restart(_ reason: StrategyRunner.Start, time: Timestamp) throws(StrategyFault) {
        guard standing.fault != nil, unsafe state.pointee.portfolio.fault == nil else {
            throw Self.notStarted("there is nothing to start again")
        }
        do throws(StrategyFault) {
            var ground = own
            // Others need not be endangered once more.
            if hasEndedItsWorker { ground.sharing = nil }
            let next = WorkerInstance(
                try WorkerReserve(placement, settings, on: ground), settings, on: own)
            var beginning = beginning(settings)
            beginning.saved = memory.saved?.state ?? []
            beginning.chance = memory.saved?.chance ?? []
            beginning.history = memory.saved?.history ?? []
            let missed = memory.events
            beginning.start = WorkerBeginning.Start(
                reason: reason.code, nextSequence: missed.first?.sequence ?? lastSequence + 1,
                time: time)
            try begin(next, beginning)
            let flags = beginning.saved.isEmpty ? TD_FLAG_REPLAY | TD_FLAG_WARM_UP : TD_FLAG_REPLAY
            try show(missed, to: next, flags: flags)
            putIn(next)
        } catch {
            standing = .faulted(error)
            throw error
        }
    }

    /// It is to blame for the end of its worker, or nobody knows who is.
    private var hasEndedItsWorker: Bool {
        guard case .worker(let ending)? = standing.fault?.cause else { return false }
        if case .bySharer = ending { return false }
        return true
    }

    /// What an instance begins with that goes on from here.
    func beginning(_ settings: StrategyRunner.Settings) -> WorkerBeginning {
        var beginning = WorkerBeginning(settings, block: block)
        beginning.place = placeInBlock
        beginning.archive = unsafe state.pointee.portfolio.archive()
        beginning.warmUp = unsafe state.pointee.warmUp
        beginning.lastSequence = lastSequence
        return beginning
    }

    /// It plays from now on.
    func putIn(_ next: WorkerInstance) {
        detach(instance)
        instance = next
        attach(next)
        standing = .running
        goOn()
    }

    /// Shows it events of the past; see `WorkerSeat.lookBack`.
    /// - Throws: its fault.
    func show(
        _ past: some Collection<Event>, to instance: WorkerInstance, flags: Int,
        counts: Bool = false
    ) throws(StrategyFault) {
        let most = instance.channel.textSize / MemoryLayout<Event>.stride
        var rest = ContiguousArray(past)[...]
        while !rest.isEmpty {
            let part = ContiguousArray(rest.prefix(most))
            let text = unsafe part.withUnsafeBytes { unsafe Array($0) }
            let isAlive =
                instance.ask(.lookBack, [UInt64(flags), counts ? 1 : 0], text: text) != nil
            if let fault = noteBetween(instance) { throw fault }
            guard isAlive else {
                instance.lose(.byOperator)
                throw StrategyFault(
                    call: .onEvents, cause: .worker(instance.ending), text: "")
            }
            rest = rest.dropFirst(most)
        }
    }

    func take(_ fault: StrategyFault?) {
        guard let fault, standing.fault == nil else { return }
        standing = .faulted(fault)
        instance.lose(.byOperator)
    }

    /// Takes what was said between two blocks, and answers its fault; commands are left to the next
    /// block.
    /// - Parameter hasFailed: nothing of what it asked for will be done.
    func noteBetween(_ instance: WorkerInstance, hasFailed: Bool = false) -> StrategyFault? {
        var fault: StrategyFault?
        while let kind = instance.nextKind,
            hasFailed || ![.submit, .replace, .cancel, .timer].contains(kind),
            let entry = instance.take()
        {
            let time = unsafe state.pointee.portfolio.now.rawValue
            switch note(entry, of: instance, upTo: 0, lastTime: time, lastSequence: lastSequence) {
            case .ended(let found?, _): fault = found
            case .senseless(let what):
                instance.lose(.breach(what))
                return StrategyFault(
                    call: .onEvents, cause: .worker(instance.ending), text: "",
                    sequence: lastSequence)
            default: continue
            }
        }
        return fault
    }
}

extension Manifest {
    /// The value that a live parameter is to have.
    package func liveValue(
        _ name: String, text: String, instruments: [Instrument]
    ) throws(ParameterProblem) -> (ParameterDeclaration, ParameterValue) {
        guard let declaration = parameters.first(where: { $0.name == name }) else {
            throw ParameterProblem(
                parameter: name,
                message: "no such parameter"
                    + Suggestion.clause(for: name, among: parameters.map(\.name)))
        }
        guard declaration.isLive else {
            throw declaration.problem(
                "it cannot change while the strategy runs; restart it with the new value")
        }
        return (declaration, try declaration.value(text, instruments: instruments))
    }
}
