import CTapedeck
import Glibc
import Kernel
import Market

/// What the host asks of an instance between two blocks.
extension WorkerSeat {
    /// Makes the instance, with all that it inherits. The host hears of a failure in the ring, and
    /// at which step it was.
    func begin(_ text: [UInt8]) {
        guard let image, runner == nil else { return }
        do throws(StrategyFault) {
            let beginning = try Self.decode(WorkerBeginning.self, text)
            go(to: Int(beginning.block), place: beginning.place)
            let runner = try StrategyRunner(
                .host(image), settings: beginning.settings(image.manifest),
                portfolio: try portfolio(beginning),
                channel: channel)
            self.runner = runner
            reach(.created)
            if let warmUp = beginning.warmUp { unsafe runner.state.pointee.warmUp = warmUp }
            unsafe runner.state.pointee.history.take(beginning.history)
            runner.lastSequence = beginning.lastSequence
            if !beginning.saved.isEmpty { try load(beginning.saved, into: runner) }
            reach(.loaded)
            if beginning.isRemembered {
                unsafe runner.onSave = { [outbox] in unsafe outbox.pointee.put($0, place: $1) }
            }
            unsafe runner.state.pointee.outbox = outbox
            guard let start = beginning.start else { return }
            runner.start(
                StrategyRunner.Start(code: start.reason), nextSequence: start.nextSequence,
                time: start.time)
            if runner.standing.fault == nil { reach(.started) }
        } catch {
            tellEnd(error, at: 0)
        }
    }

    private func portfolio(_ beginning: WorkerBeginning) throws(StrategyFault) -> Portfolio {
        var portfolio = plan.portfolio.make()
        if !beginning.archive.isEmpty, !portfolio.restore(beginning.archive) {
            throw Self.damage("the portfolio cannot be taken over")
        }
        portfolio.chance.take(beginning.chance)
        return portfolio
    }

    func start(_ words: [UInt64]) {
        runner?.start(
            StrategyRunner.Start(code: UInt32(truncatingIfNeeded: words[0])),
            nextSequence: words[1],
            time: Timestamp(nanoseconds: Int64(bitPattern: words[2])))
        if runner?.standing.fault == nil { reach(.started) }
    }

    /// Shows it events of the past, marked so; without a mark they come into `history` and nowhere
    /// else.
    /// - Parameter counts: they are a warm-up that it has not had.
    func lookBack(at past: [Event], flags: Int32, counts: Bool) {
        guard let runner else { return }
        if flags == 0 {
            unsafe past.withUnsafeBufferPointer { past in
                guard let first = past.baseAddress else { return }
                unsafe runner.state.pointee.history.append(first, count: past.count)
            }
        } else if flags & Int32(TD_FLAG_WARM_UP) != 0 {
            if counts { runner.lookBack(at: past) } else { runner.replay(past, flags: Int(flags)) }
        } else {
            runner.replay(past, flags: Int(flags))
        }
    }

    /// Goes on where another one has been at work meanwhile: with the portfolio as it has become.
    func restore(_ text: [UInt8]) {
        guard let runner else { return }
        do throws(StrategyFault) {
            let beginning = try Self.decode(WorkerBeginning.self, text)
            let chance = runner.portfolio.chance
            guard runner.portfolio.restore(beginning.archive) else {
                throw Self.damage("the portfolio cannot be taken over")
            }
            runner.portfolio.chance = chance
            if let warmUp = beginning.warmUp { unsafe runner.state.pointee.warmUp = warmUp }
            runner.lastSequence = beginning.lastSequence
            go(to: Int(beginning.block), place: beginning.place)
        } catch {
            tellEnd(error, at: 0)
        }
    }

    /// Its time is over: whoever has taken its place plays.
    func leave() {
        if runner?.standing == .running || runner?.standing == .done { runner?.stop(.reload) }
        tellOutput()
        runner?.destroy()
        guard isShared else { _exit(0) }
        runner = nil
        hasLeft = true
    }

    func setParameter(_ text: [UInt8], nameLength: Int) {
        let name = String(decoding: text.prefix(nameLength), as: UTF8.self)
        do throws(ParameterProblem) {
            try runner?.setParameter(
                name, text: String(decoding: text.dropFirst(nameLength), as: UTF8.self))
        } catch {
            // The host has checked the same before it asked.
            return
        }
    }

    func save() -> Result<[UInt8], StrategyFault> {
        do throws(StrategyFault) {
            return .success(try runner?.save().encoded ?? [])
        } catch {
            return .failure(error)
        }
    }

    func load(_ text: [UInt8]) -> Result<[UInt8], StrategyFault> {
        guard let runner else { return .success([]) }
        do throws(StrategyFault) {
            try load(text, into: runner)
            return .success([])
        } catch {
            return .failure(error)
        }
    }

    private func load(_ encoded: [UInt8], into runner: StrategyRunner) throws(StrategyFault) {
        let state: StrategyState
        do throws(StrategyState.Damage) {
            state = try StrategyState(decoding: encoded)
        } catch {
            throw StrategyFault(
                call: .load, cause: .answered(td_status(TD_E_FORMAT)), text: error.description)
        }
        try runner.load(state)
    }

    private static func decode<Value: Decodable>(
        _ type: Value.Type, _ text: [UInt8]
    ) throws(StrategyFault) -> Value {
        do { return try PlainDecoding.value(type, from: text) } catch {
            throw damage("what it was told cannot be read")
        }
    }

    private static func damage(_ what: String) -> StrategyFault {
        StrategyFault(call: .create, cause: .answered(td_status(TD_E_FORMAT)), text: what)
    }
}
