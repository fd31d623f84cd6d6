// What makes a library of a strategy: compiled with the author's file, which names it in one line,
// `typealias Plugin = ...`. Not generic, because the contract's table holds C functions.

nonisolated(unsafe) private var table = td_plugin(
    struct_size: UInt32(MemoryLayout<td_plugin>.size),
    abi_major: UInt16(TD_ABI_MAJOR), abi_minor: UInt16(TD_ABI_MINOR),
    create: { host, context, setup, this, error in
        guard let host, let setup, let this else { return td_status(TD_E_INVALID) }
        return Instance<Plugin>.create(host, context, setup, this, error)
    },
    destroy: { this in
        if let this { Instance<Plugin>.destroy(this) }
    },
    start: { this, start, error in
        guard let this, let start else { return td_status(TD_E_INVALID) }
        return Instance<Plugin>.start(this, start, error)
    },
    stop: { this, reason, error in
        guard let this else { return td_status(TD_E_INVALID) }
        return Instance<Plugin>.stop(this, reason, error)
    },
    on_events: { this, events, count, consumed, error in
        guard let this, let consumed else { return td_status(TD_E_INVALID) }
        guard let events, count > 0 else { return td_status(TD_OK) }
        return Instance<Plugin>.onEvents(this, events, count, consumed, error)
    },
    set_parameter: { this, parameter, error in
        guard let this, let parameter else { return td_status(TD_E_INVALID) }
        return Instance<Plugin>.setParameter(this, parameter, error)
    },
    save: { this, sink, error in
        guard let this, let sink else { return td_status(TD_E_INVALID) }
        return Instance<Plugin>.save(this, sink, error)
    },
    load: { this, blob, error in
        guard let this, let blob else { return td_status(TD_E_INVALID) }
        return Instance<Plugin>.load(this, blob, error)
    },
    extension: nil)

@c @implementation
public func tapedeck_plugin_v1() -> UnsafePointer<td_plugin>! {
    // Stored before anything runs and never written: its address is the library's for life.
    withUnsafePointer(to: &table) { UnsafePointer($0) }
}

/// Called once by `sdk/build`, never by a host: writes the manifest, or why there is none.
@c(tapedeck_describe)
public func describe(_ write: @convention(c) (UnsafeRawPointer?, Int) -> Void) -> Int32 {
    var text: String
    var status: Int32 = 0
    do throws(Refusal) {
        text = try Plugin.describe()
    } catch {
        text = "its own defaults are refused: " + error.text
        status = 1
    }
    text.withUTF8 { write($0.baseAddress, $0.count) }
    return status
}
