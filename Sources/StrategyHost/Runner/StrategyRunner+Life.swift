import CTapedeck
import Kernel
package import Market

extension StrategyRunner {
    /// Starts it before the event `nextSequence`, at `time`.
    package func start(_ reason: Start, nextSequence: UInt64, time: Timestamp) {
        guard standing == .created else { return }
        unsafe state.pointee.startTime = time
        do throws(StrategyFault) {
            try instance?.start(reason, nextSequence: nextSequence, time: time)
            standing = .running
        } catch {
            fail(error)
        }
    }

    /// Stops it; it may not act any more. A fault of its `stop` is remembered like any other.
    package func stop(_ reason: Stop) {
        guard standing == .running || standing == .done else { return }
        do throws(StrategyFault) {
            try instance?.stop(reason)
            standing = .stopped
        } catch {
            fail(error)
        }
    }

    /// Changes a live parameter between two events. The strategy is told, and may act.
    /// - Throws: `ParameterProblem` when the value, or the moment, is not right; nothing has
    ///   changed then.
    package func setParameter(_ name: String, text: String) throws(ParameterProblem) {
        guard isRunning else {
            throw ParameterProblem(parameter: name, message: "the strategy is not running")
        }
        let (declaration, value) = try placement.manifest.liveValue(
            name, text: text, instruments: wiredInstruments)
        do throws(StrategyFault) {
            try instance?.setParameter(declaration, value)
            settings.setup.parameters.set(declaration, value)
            deliver(declaration, value)
        } catch {
            fail(error)
        }
    }

    /// It has seen enough of the past.
    func endWarmUp() {
        unsafe state.pointee.warmUp = WarmUp(
            bars: 0, instruments: [], timeFrames: [], until: settings.warmUpUntil)
    }

    /// Tells it that a parameter has changed: a private event of the last event's place on the
    /// tape.
    private func deliver(_ declaration: ParameterDeclaration, _ value: ParameterValue) {
        var event = Event()
        event.type = UInt8(TD_EVENT_PARAMETER)
        event.flags = UInt8(TD_FLAG_PRIVATE)
        event.sequence = lastSequence
        event.time = unsafe state.pointee.portfolio.now.rawValue
        event.parameter = td_parameter_change(
            id: declaration.id, type: declaration.kind.code, number: value.number,
            reserved: (0, 0, 0))
        playPrivate(event)
    }

    private var wiredInstruments: [Instrument] {
        settings.setup.instruments.map { unsafe state.pointee.portfolio.instruments[Int($0)] }
    }

    /// Its state: the plug-in's bytes in the host's wrapper. Between two events, after `start`.
    /// - Throws: its fault, which also stops it.
    package func save() throws(StrategyFault) -> StrategyState {
        guard let declared = placement.manifest.state, standing == .running || standing == .done
        else {
            throw StrategyFault(
                call: .save, cause: .answered(td_status(TD_E_UNSUPPORTED)),
                text: "it keeps no state")
        }
        do throws(StrategyFault) {
            return try stateBytes(declared)
        } catch {
            fail(error)
            throw error
        }
    }

    /// The same, without consequences.
    func stateBytes(_ declared: Manifest.State) throws(StrategyFault) -> StrategyState {
        let bytes = try instance?.save(limit: declared.maximumBytes) ?? []
        return StrategyState(
            plugin: placement.manifest.id, pluginVersion: placement.manifest.version.description,
            stateVersion: declared.version, parameters: settings.setup.parameters.text,
            sequence: lastSequence, bytes: bytes)
    }

    /// Gives it a state, between `create` and `start`.
    /// - Throws: why it is not this plug-in's state; or its fault, which also ends it.
    package func load(_ saved: StrategyState) throws(StrategyFault) {
        func refusal(_ status: Int, _ text: String) -> StrategyFault {
            StrategyFault(call: .load, cause: .answered(td_status(status)), text: text)
        }
        guard standing == .created else {
            throw refusal(Int(TD_E_STATE), "a state is loaded before the start")
        }
        guard let declared = placement.manifest.state else {
            throw refusal(Int(TD_E_UNSUPPORTED), "it keeps no state")
        }
        guard saved.plugin == placement.manifest.id else {
            throw refusal(
                Int(TD_E_FORMAT),
                "the state belongs to \(saved.plugin), not to \(placement.manifest.id)")
        }
        guard declared.reads.contains(saved.stateVersion) else {
            let list = declared.reads.map(String.init).joined(separator: ", ")
            throw refusal(
                Int(TD_E_FORMAT), "the state has version \(saved.stateVersion); it reads \(list)")
        }
        do throws(StrategyFault) {
            try instance?.load(saved.bytes, version: saved.stateVersion)
        } catch {
            fail(error)
            throw error
        }
    }
}
