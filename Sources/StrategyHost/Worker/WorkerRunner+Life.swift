import CTapedeck
import Kernel
package import Market

extension WorkerRunner {
    package func start(_ reason: StrategyRunner.Start, nextSequence: UInt64, time: Timestamp) {
        guard standing == .created else { return }
        unsafe state.pointee.startTime = time
        standing = .running
        if ask(.start, [UInt64(reason.code), nextSequence, UInt64(bitPattern: time.rawValue)]) == nil { return }
    }

    package func stop(_ reason: StrategyRunner.Stop) {
        guard standing == .running || standing == .done else { return }
        guard ask(.stop, [UInt64(reason.code)]) != nil else { return }
        standing = .stopped
        noteBetween()
    }

    package func destroy() {
        if standing != .stopped { stop(.unload) }
        child?.finish(.byOperator)
        child = nil
    }

    package func setParameter(_ name: String, text: String) throws(ParameterProblem) {
        guard standing == .running, child != nil else {
            throw ParameterProblem(parameter: name, message: "the strategy is not running")
        }
        let wired = settings.setup.instruments.map { unsafe state.pointee.portfolio.instruments[Int($0)] }
        _ = try placement.manifest.liveValue(name, text: text, instruments: wired)
        _ = ask(.setParameter, [UInt64(name.utf8.count)], text: Array((name + text).utf8))
    }

    package func save() throws(StrategyFault) -> StrategyState {
        guard placement.manifest.state != nil, standing == .running || standing == .done else {
            throw StrategyFault(call: .save, cause: .answered(td_status(TD_E_UNSUPPORTED)), text: "it keeps no state")
        }
        guard let bytes = ask(.save) else { throw lost(.save) }
        do throws(StrategyState.Damage) {
            return try StrategyState(decoding: bytes)
        } catch {
            noteBetween()
            if let fault = standing.fault { throw fault }
            throw StrategyFault(call: .save, cause: .answered(td_status(TD_E_FORMAT)), text: error.description)
        }
    }

    package func load(_ saved: StrategyState) throws(StrategyFault) {
        guard ask(.load, text: saved.encoded) != nil else { throw lost(.load) }
        noteBetween()
        if let fault = standing.fault { throw fault }
    }

    private func lost(_ call: StrategyFault.Call) -> StrategyFault {
        standing.fault ?? StrategyFault(call: call, cause: .worker(.byOperator), text: "")
    }

    /// Takes what was said between two blocks; commands are left to the next block.
    func noteBetween() {
        while let kind = nextKind, ![.submit, .replace, .cancel, .timer].contains(kind), let entry = take() {
            let time = unsafe state.pointee.portfolio.now.rawValue
            switch note(entry, upTo: 0, lastTime: time, lastSequence: lastSequence) {
            case .ended(let fault?, _): standing = .faulted(fault)
            case .senseless(let what): lose(.breach(what), at: lastSequence)
            default: continue
            }
        }
    }

    private var nextKind: WorkerChannel.Entry.Kind? {
        guard unsafe channel.word64(WorkerChannel.Layout.head).value != tail else { return nil }
        return unsafe WorkerChannel.Entry.Kind(rawValue: channel.slot(tail).pointee.kind)
    }
}

extension Manifest {
    /// The value that a live parameter is to have.
    func liveValue(
        _ name: String, text: String, instruments: [Instrument]
    ) throws(ParameterProblem) -> (ParameterDeclaration, ParameterValue) {
        guard let declaration = parameters.first(where: { $0.name == name }) else {
            throw ParameterProblem(
                parameter: name,
                message: "no such parameter" + Suggestion.clause(for: name, among: parameters.map(\.name)))
        }
        guard declaration.isLive else {
            throw declaration.problem("it cannot change while the strategy runs; restart it with the new value")
        }
        return (declaration, try declaration.value(text, instruments: instruments))
    }
}
