import CTapedeck
import Glibc
import Kernel
import Market
import Synchronization

extension HostTable {
    static let signal: @convention(c) (Context, UInt16, Double, Double) -> td_status = {
        context, instrument, forecast, confidence in
        switch unsafe telling(context) {
        case .refused(let status): return status
        case .granted(let state, _):
            // False for NaN as well.
            guard forecast >= -1, forecast <= 1, confidence >= 0, confidence <= 1,
                unsafe state.pointee.wires(instrument)
            else { return invalid }
            return unsafe state.pointee.noteSignal(instrument, forecast, confidence)
        }
    }

    static let plot: @convention(c) (Context, td_string, Double) -> td_status = {
        context, name, value in
        switch unsafe telling(context) {
        case .refused(let status): return status
        case .granted(let state, _):
            guard let bytes = unsafe bytes(name), !bytes.isEmpty,
                bytes.count <= StrategyOutput.longestName,
                !value.isInfinite
            else { return invalid }
            return unsafe state.pointee.notePoint(bytes, value)
        }
    }

    /// From any thread, at any time.
    static let log: @convention(c) (Context, Int32, td_string) -> Void = { context, level, text in
        guard let context = unsafe context, let bytes = unsafe bytes(text) else { return }
        let known = unsafe UnsafeMutablePointer<HostContext>(context)
        let level = LogLine.Level(rawValue: min(max(level, 1), 4)) ?? .info
        let sequence = unsafe sequence(known)
        unsafe known.pointee.log.withLock { unsafe $0.append(level, sequence: sequence, bytes) }
    }

    /// The event that the caller is at; zero from outside a call.
    private static func sequence(_ context: UnsafeMutablePointer<HostContext>) -> UInt64 {
        guard unsafe context.pointee.thread.load(ordering: .relaxed) == pthread_self(),
            unsafe context.pointee.stage == .events, let state = unsafe context.pointee.state
        else { return 0 }
        let count = unsafe state.pointee.consumed.pointee
        guard count > 0, unsafe count <= state.pointee.sliceCount else { return 0 }
        return unsafe state.pointee.slice[Int(count - 1)].sequence
    }

    private static func nothing(_ text: td_string) -> UnsafeBufferPointer<UInt8>? {
        guard unsafe text.length == 0 else { return nil }
        return unsafe UnsafeBufferPointer(start: nil, count: 0)
    }

    /// A caller's text; nil for one that says it has bytes and gives none.
    private static func bytes(_ text: td_string) -> UnsafeBufferPointer<UInt8>? {
        guard unsafe text.length <= UInt64(Int32.max) else { return nil }
        guard let data = unsafe text.data else { return unsafe nothing(text) }
        let start = unsafe UnsafeRawPointer(data).assumingMemoryBound(to: UInt8.self)
        return unsafe UnsafeBufferPointer(start: start, count: Int(text.length))
    }
}

extension RunnerState {
    /// The event that the strategy is at; only where `presentEvent` has just answered.
    private var present: Event { unsafe slice[Int(seen - 1)] }

    mutating func noteSignal(
        _ instrument: InstrumentID, _ forecast: Double, _ confidence: Double
    ) -> td_status {
        if isMuted { return td_status(TD_OK) }
        guard output.signals.count < StrategyOutput.mostSignals else {
            return td_status(TD_E_LIMIT)
        }
        output.signals.append(
            SignalRecord(
                sequence: present.sequence, time: Timestamp(nanoseconds: present.time),
                instrument: instrument,
                forecast: forecast, confidence: confidence))
        return td_status(TD_OK)
    }

    mutating func notePoint(_ name: UnsafeBufferPointer<UInt8>, _ value: Double) -> td_status {
        if isMuted { return td_status(TD_OK) }
        var place = 0
        while place < plotNames.count, unsafe !plotNames[place].elementsEqual(name) { place += 1 }
        if place == plotNames.count {
            guard place < StrategyOutput.mostNames else { return td_status(TD_E_LIMIT) }
            guard unsafe String(validating: name, as: UTF8.self) != nil else {
                return td_status(TD_E_INVALID)
            }
            unsafe plotNames.append(Array(name))
        }
        guard output.points.count < StrategyOutput.mostPoints else { return td_status(TD_E_LIMIT) }
        output.points.append(
            PlotPoint(
                sequence: present.sequence, time: Timestamp(nanoseconds: present.time),
                name: UInt32(place),
                value: value))
        return td_status(TD_OK)
    }
}
