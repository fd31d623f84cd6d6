import CTapedeck
import Market

extension TrialHost {
    typealias Context = OpaquePointer?

    /// The table that plug-ins are given in a trial; `context` is always a `TrialHost` that
    /// outlives the instance.
    static var table: td_host {
        unsafe td_host(
            struct_size: UInt32(MemoryLayout<td_host>.size), abi_major: UInt16(TD_ABI_MAJOR),
            abi_minor: UInt16(TD_ABI_MINOR), now: { unsafe TrialHost.of($0)?.now() ?? 0 },
            random: { unsafe TrialHost.of($0)?.draw() ?? 0 },
            submit: submit, replace: replace,
            cancel: { unsafe TrialHost.of($0)?.cancel($1) ?? HostTable.invalid },
            set_timer: { unsafe TrialHost.of($0)?.setTimer($1, $2) ?? HostTable.invalid },
            position: position,
            account: account,
            instrument: instrument, history: history, signal: signal, plot: plot, log: log,
            extension: { _, _ in nil })
    }

    private static func of(_ context: Context) -> TrialHost? {
        guard let context = unsafe context else { return nil }
        return unsafe Unmanaged<TrialHost>.fromOpaque(UnsafeRawPointer(context))
            .takeUnretainedValue()
    }

    private static let submit:
        @convention(c) (
            Context, UnsafePointer<td_order>?, UnsafeMutablePointer<UInt64>?
        ) -> td_status = { context, order, number in
            guard let host = unsafe TrialHost.of(context), let order = unsafe order else {
                return HostTable.invalid
            }
            let answer = unsafe host.submit(order.pointee)
            unsafe number?.pointee = answer.1
            return answer.0
        }

    private static let replace:
        @convention(c) (Context, UInt64, UnsafePointer<td_order>?) -> td_status = {
            context, number, order in
            guard let host = unsafe TrialHost.of(context), let order = unsafe order else {
                return HostTable.invalid
            }
            return unsafe host.replace(number, order.pointee)
        }

    private static let position:
        @convention(c) (Context, UInt16, UnsafeMutablePointer<td_position>?) -> td_status = {
            context, instrument, out in
            guard let host = unsafe TrialHost.of(context), let out = unsafe out else {
                return HostTable.invalid
            }
            if unsafe out.pointee.struct_size < UInt32(MemoryLayout<td_position>.size) {
                host.note("it asked for a position without setting struct_size")
                return HostTable.invalid
            }
            let answer = host.position(instrument)
            if let found = answer.1 { unsafe out.pointee = found }
            return answer.0
        }

    private static let account:
        @convention(c) (Context, UnsafeMutablePointer<td_account>?) -> td_status = {
            context, out in
            guard let host = unsafe TrialHost.of(context), let out = unsafe out else {
                return HostTable.invalid
            }
            if unsafe out.pointee.struct_size < UInt32(MemoryLayout<td_account>.size) {
                host.note("it asked for the account without setting struct_size")
                return HostTable.invalid
            }
            let answer = host.account()
            if let found = answer.1 { unsafe out.pointee = found }
            return answer.0
        }

    private static let instrument:
        @convention(c) (
            Context, UInt16, UnsafeMutablePointer<td_instrument>?
        ) -> td_status = { context, instrument, out in
            guard let host = unsafe TrialHost.of(context), let out = unsafe out else {
                return HostTable.invalid
            }
            if unsafe out.pointee.struct_size < UInt32(MemoryLayout<td_instrument>.size) {
                host.note("it asked for an instrument without setting struct_size")
                return HostTable.invalid
            }
            let answer = host.instrument(instrument)
            if let found = answer.1 { unsafe out.pointee = found }
            return answer.0
        }

    private static let history:
        @convention(c) (
            Context, UInt16, UInt32, UnsafeMutablePointer<Bar>?, UInt64,
            UnsafeMutablePointer<UInt64>?
        ) -> td_status = { context, instrument, frame, bars, capacity, count in
            guard let host = unsafe TrialHost.of(context), let count = unsafe count,
                unsafe bars != nil || capacity == 0
            else { return HostTable.invalid }
            unsafe count.pointee = 0
            let answer = host.bars(instrument, frame, most: Int(clamping: capacity))
            guard let bars = unsafe bars else { return answer.0 }
            // No more than the caller has room for: `most`.
            for (place, bar) in answer.1.enumerated() { unsafe bars[place] = bar }
            unsafe count.pointee = UInt64(answer.1.count)
            return answer.0
        }

    private static let signal: @convention(c) (Context, UInt16, Double, Double) -> td_status = {
        context, instrument, forecast, confidence in
        guard let host = unsafe TrialHost.of(context) else { return HostTable.invalid }
        let isValid = forecast >= -1 && forecast <= 1 && confidence >= 0 && confidence <= 1
        return host.say(.signal, [forecast, confidence], UInt64(instrument), isValid: isValid)
    }

    private static let plot: @convention(c) (Context, td_string, Double) -> td_status = {
        context, name, value in
        guard let host = unsafe TrialHost.of(context) else { return HostTable.invalid }
        let bytes = unsafe TrialHost.bytes(name)
        let isValid =
            !bytes.isEmpty && bytes.count <= StrategyOutput.longestName && !value.isInfinite
        return host.say(.plot, [value], TrialHost.fingerprint(bytes), isValid: isValid)
    }

    private static let log: @convention(c) (Context, Int32, td_string) -> Void = {
        context, level, text in
        // Allowed from any thread; nothing is noted of it, so that there is nothing to lock.
        _ = unsafe (context, level, TrialHost.bytes(text))
    }

    /// A copy, at most as long as the longest line.
    private static func bytes(_ text: td_string) -> [UInt8] {
        guard let data = unsafe text.data else { return [] }
        let count = unsafe Int(min(text.length, UInt64(LogLines.longest)))
        return unsafe UnsafeRawBufferPointer(start: data, count: count).map { $0 }
    }

    /// FNV-1a.
    private static func fingerprint(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
