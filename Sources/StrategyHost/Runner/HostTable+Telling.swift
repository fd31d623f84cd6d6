import CTapedeck
import Glibc
import Kernel
import Market
import Synchronization

extension HostTable {
    static let signal: @convention(c) (Context, UInt16, Double, Double) -> td_status = {
        context, instrument, forecast, confidence in
        guard case .granted(let state, let stage) = unsafe access(context) else { return unsafe refusal(context) }
        guard stage == .events, let event = unsafe state.pointee.presentEvent() else { return td_status(TD_E_STATE) }
        // False for NaN as well.
        guard forecast >= -1, forecast <= 1, confidence >= 0, confidence <= 1,
            unsafe state.pointee.wires(instrument)
        else { return invalid }
        guard unsafe state.pointee.output.signals.count < StrategyOutput.mostSignals else {
            return td_status(TD_E_LIMIT)
        }
        unsafe state.pointee.output.signals.append(SignalRecord(
            sequence: event.pointee.sequence, time: Timestamp(nanoseconds: event.pointee.time),
            instrument: instrument, forecast: forecast, confidence: confidence))
        return ok
    }

    static let plot: @convention(c) (Context, td_string, Double) -> td_status = { context, name, value in
        guard case .granted(let state, let stage) = unsafe access(context) else { return unsafe refusal(context) }
        guard stage == .events, let event = unsafe state.pointee.presentEvent() else { return td_status(TD_E_STATE) }
        guard let bytes = unsafe bytes(name), !bytes.isEmpty,
            bytes.count <= StrategyOutput.longestName, !value.isInfinite
        else { return invalid }
        guard let place = unsafe state.pointee.plotName(bytes),
            unsafe state.pointee.output.points.count < StrategyOutput.mostPoints
        else { return td_status(TD_E_LIMIT) }
        unsafe state.pointee.output.points.append(PlotPoint(
            sequence: event.pointee.sequence, time: Timestamp(nanoseconds: event.pointee.time), name: place,
            value: value))
        return ok
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

    private static func refusal(_ context: Context) -> td_status {
        guard case .refused(let status) = unsafe access(context) else { return td_status(TD_E_STATE) }
        return status
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
    /// The number of a plotted name, new or known; nil when there is no room, or when it is not UTF-8.
    mutating func plotName(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32? {
        for index in plotNames.indices where unsafe plotNames[index].elementsEqual(bytes) { return UInt32(index) }
        guard plotNames.count < StrategyOutput.mostNames,
            unsafe String(validating: bytes, as: UTF8.self) != nil
        else { return nil }
        unsafe plotNames.append(Array(bytes))
        return UInt32(plotNames.count - 1)
    }
}
