import CTapedeck
import Glibc
import Market
import Synchronization

/// One instance of a plug-in: created, and destroyed exactly once. Not for two threads at once.
@safe struct StrategyInstance: ~Copyable {
    let image: PluginImage
    private let table: td_plugin
    /// The plug-in's own; only ever handed back to it.
    private let pointer: UnsafeMutableRawPointer
    let context: UnsafeMutablePointer<HostContext>

    init(
        _ image: PluginImage, _ setup: StrategySetup, state: UnsafeMutablePointer<RunnerState>
    ) throws(StrategyFault) {
        self.image = image
        // Checked when the image was opened; a copy, so that nothing of it can change later.
        unsafe table = image.table.pointee
        unsafe context = image.makeContext()
        unsafe context.pointee.state = state
        unsafe HostCalls.add(
            context, label: setup.label,
            module: "\(image.manifest.name) \(image.manifest.version)")
        var made: UnsafeMutableRawPointer?
        var error = Self.emptyError
        let create = unsafe table.create!
        let context = unsafe self.context
        unsafe Self.enter(.create, context)
        let status = unsafe setup.withSetup { setup in
            unsafe create(HostTable.pointer, OpaquePointer(context), setup, &made, &error)
        }
        unsafe Self.leave(context)
        guard status >= 0, let made = unsafe made else {
            // A failed create that leaves an instance behind has nothing that may be destroyed.
            let cause: StrategyFault.Cause =
                status >= 0
                ? .breach(.noInstance)
                : unsafe made != nil ? .breach(.instanceOfFailure) : .answered(status)
            unsafe Self.retire(context)
            throw StrategyFault(
                call: .create, cause: cause, text: StrategyFault.words(error), sequence: nil)
        }
        unsafe pointer = made
        image.retainInstance()
    }

    deinit {
        unsafe Self.enter(.destroy, unsafe context)
        unsafe table.destroy!(pointer)
        unsafe Self.leave(unsafe context)
        unsafe Self.retire(unsafe context)
        image.releaseInstance()
    }

    /// A call of `on_events`, without marking the context: the caller does that once for many
    /// calls.
    @inline(__always)
    var onEvents: OnEvents { unsafe OnEvents(function: table.on_events!, pointer: pointer) }

    /// What the hot loop needs of an instance; valid as long as it.
    @unsafe struct OnEvents {
        let function:
            @convention(c) (
                UnsafeMutableRawPointer?, UnsafePointer<Event>?, UInt64,
                UnsafeMutablePointer<UInt64>?,
                UnsafeMutablePointer<td_error>?
            ) -> td_status
        let pointer: UnsafeMutableRawPointer
    }

    borrowing func start(
        _ reason: StrategyRunner.Start, nextSequence: UInt64, time: Timestamp
    ) throws(StrategyFault) {
        var start = td_start(
            struct_size: UInt32(MemoryLayout<td_start>.size), reason: reason.code,
            next_sequence: nextSequence, time: time.rawValue)
        let function = unsafe table.start!
        try unsafe call(.start, .start) { unsafe function(pointer, &start, $0) }
    }

    borrowing func stop(_ reason: StrategyRunner.Stop) throws(StrategyFault) {
        let function = unsafe table.stop!
        try unsafe call(.stop, .stop) { unsafe function(pointer, reason.code, $0) }
    }

    /// Only for parameters that the manifest marks live; the table has the function then.
    borrowing func setParameter(
        _ declaration: ParameterDeclaration, _ value: ParameterValue
    ) throws(StrategyFault) {
        let function = unsafe table.set_parameter!
        try unsafe call(.setParameter, .setParameter) { error in
            unsafe value.withEntry(declaration) { unsafe function(pointer, $0, error) }
        }
    }

    /// Its state, at most `limit` bytes; the table has the function where the manifest declares a
    /// state.
    borrowing func save(limit: Int) throws(StrategyFault) -> [UInt8] {
        var sink = StateSink(limit: limit)
        let function = unsafe table.save!
        do throws(StrategyFault) {
            try unsafe call(.save, .save) { error in
                unsafe withUnsafeMutablePointer(to: &sink) { sink in
                    var out = unsafe td_sink(
                        struct_size: UInt32(MemoryLayout<td_sink>.size), reserved: 0, handle: sink,
                        write: StateSink.write)
                    return unsafe function(pointer, &out, error)
                }
            }
        } catch {
            if sink.isOver {
                throw StrategyFault(call: .save, cause: .breach(.tooMuchState), text: error.text)
            }
            throw error
        }
        // Whoever swallows the sink's refusal has not saved everything.
        if sink.isOver { throw StrategyFault(call: .save, cause: .breach(.tooMuchState), text: "") }
        return sink.bytes
    }

    borrowing func load(_ bytes: [UInt8], version: UInt32) throws(StrategyFault) {
        let function = unsafe table.load!
        try unsafe call(.load, .load) { error in
            unsafe bytes.withUnsafeBytes { bytes in
                var blob = unsafe td_blob(
                    struct_size: UInt32(MemoryLayout<td_blob>.size), state_version: version,
                    bytes: bytes.baseAddress, count: UInt64(bytes.count))
                return unsafe function(pointer, &blob, error)
            }
        }
    }

    private borrowing func call(
        _ call: StrategyFault.Call, _ stage: HostContext.Stage,
        _ body: (UnsafeMutablePointer<td_error>) -> td_status
    ) throws(StrategyFault) {
        var error = Self.emptyError
        unsafe Self.enter(stage, unsafe context)
        let status = unsafe body(&error)
        unsafe Self.leave(unsafe context)
        guard status < 0 else { return }
        throw StrategyFault(call: call, cause: .answered(status), text: StrategyFault.words(error))
    }

    static var emptyError: td_error {
        var error = td_error()
        error.struct_size = UInt32(MemoryLayout<td_error>.size)
        return error
    }

    static func enter(_ stage: HostContext.Stage, _ context: UnsafeMutablePointer<HostContext>) {
        unsafe context.pointee.stage = stage
        unsafe context.pointee.thread.store(pthread_self(), ordering: .relaxed)
    }

    static func leave(_ context: UnsafeMutablePointer<HostContext>) {
        unsafe context.pointee.thread.store(0, ordering: .relaxed)
        unsafe context.pointee.stage = .outside
    }

    private static func retire(_ context: UnsafeMutablePointer<HostContext>) {
        unsafe HostCalls.remove(context)
        unsafe context.pointee.thread.store(HostContext.retired, ordering: .relaxed)
        unsafe context.pointee.state = nil
    }
}
