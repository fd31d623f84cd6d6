import CTapedeck
import Kernel
import Market

extension HostTable {
    static let now: @convention(c) (Context) -> Int64 = { context in
        guard case .granted(let state, let stage) = unsafe access(context) else { return 0 }
        if stage == .events { return unsafe state.pointee.presentEvent()?.pointee.time ?? 0 }
        return unsafe max(state.pointee.portfolio.now, state.pointee.startTime).rawValue
    }

    static let random: @convention(c) (Context) -> UInt64 = { context in
        // Drawn by `save` or `destroy`, a number would change what comes after.
        guard case .granted(let state, let stage) = unsafe access(context),
            [.create, .start, .events, .setParameter].contains(stage)
        else { return 0 }
        return unsafe state.pointee.portfolio.random()
    }

    static let position:
        @convention(c) (Context, UInt16, UnsafeMutablePointer<td_position>?) -> td_status = {
            context, instrument, out in
            let state: UnsafeMutablePointer<RunnerState>
            switch unsafe asking(context) {
            case .granted(let granted, _): unsafe state = granted
            case .refused(let status): return status
            }
            guard let out = unsafe out,
                unsafe out.pointee.struct_size >= UInt32(MemoryLayout<td_position>.size),
                unsafe state.pointee.wires(instrument)
            else { return invalid }
            unsafe out.pointee = td_position()
            unsafe state.pointee.portfolio.position(of: instrument, into: &out.pointee)
            return ok
        }

    static let account: @convention(c) (Context, UnsafeMutablePointer<td_account>?) -> td_status = {
        context, out in
        let state: UnsafeMutablePointer<RunnerState>
        switch unsafe asking(context) {
        case .granted(let granted, _): unsafe state = granted
        case .refused(let status): return status
        }
        guard let out = unsafe out,
            unsafe out.pointee.struct_size >= UInt32(MemoryLayout<td_account>.size)
        else { return invalid }
        unsafe out.pointee = state.pointee.portfolio.account()
        unsafe out.pointee.struct_size = UInt32(MemoryLayout<td_account>.size)
        return ok
    }

    static let instrument:
        @convention(c) (Context, UInt16, UnsafeMutablePointer<td_instrument>?) -> td_status = {
            context, instrument, out in
            let state: UnsafeMutablePointer<RunnerState>
            switch unsafe access(context) {
            case .granted(let granted, _): unsafe state = granted
            case .refused(let status): return status
            }
            guard let out = unsafe out,
                unsafe out.pointee.struct_size >= UInt32(MemoryLayout<td_instrument>.size),
                unsafe state.pointee.wires(instrument)
            else { return invalid }
            unsafe out.pointee = td_instrument(state.pointee.portfolio.instruments[Int(instrument)])
            return ok
        }

    static let history:
        @convention(c) (
            Context, UInt16, UInt32, UnsafeMutablePointer<Bar>?, UInt64,
            UnsafeMutablePointer<UInt64>?
        ) -> td_status = { context, instrument, timeFrame, bars, capacity, count in
            let state: UnsafeMutablePointer<RunnerState>
            switch unsafe asking(context) {
            case .granted(let granted, _): unsafe state = granted
            case .refused(let status): return status
            }
            guard let count = unsafe count, unsafe bars != nil || capacity == 0,
                let ring = unsafe state.pointee.history.ring(instrument, timeFrame)
            else { return invalid }
            unsafe count.pointee = 0
            guard unsafe state.pointee.history.depth > 0 else { return td_status(TD_E_LIMIT) }
            guard let bars = unsafe bars else { return ok }
            unsafe state.pointee.remember()
            // The caller's buffer has room for `capacity` bars; no more than that are written.
            unsafe count.pointee = UInt64(
                state.pointee.history.copy(
                    ring: ring, into: bars, capacity: Int(clamping: capacity)))
            return ok
        }

    /// Optional powers: this version of the host has none.
    static let power: @convention(c) (Context, td_string) -> UnsafeRawPointer? = { _, _ in nil }
}

extension RunnerState {
    /// Whether an instrument is one of this instance's.
    @inline(__always)
    func wires(_ instrument: InstrumentID) -> Bool {
        Int(instrument) < isWired.count && isWired[Int(instrument)]
    }
}

extension td_instrument {
    /// Names that are too long are cut.
    init(_ instrument: Instrument) {
        self.init()
        struct_size = UInt32(MemoryLayout<td_instrument>.size)
        id = UInt32(instrument.id)
        price_step = instrument.priceScale.value(of: instrument.priceStep.rawValue)
        quantity_step = instrument.quantityScale.value(of: instrument.quantityStep.rawValue)
        multiplier = Double(instrument.multiplier)
        minimum_notional = DecimalScale(exponent: -instrument.currency.exponent)
            .value(of: instrument.minimumNotional.rawValue)
        price_exponent = Int32(instrument.priceExponent)
        quantity_exponent = Int32(instrument.quantityExponent)
        Self.copy(instrument.symbol, to: &symbol)
        Self.copy(instrument.venue, to: &venue)
        Self.copy(instrument.currency.code, to: &currency)
        Self.copy(instrument.calendar, to: &calendar)
    }

    /// Copies a text into a C array of characters that is all zero; its last byte stays zero.
    private static func copy<Characters>(_ text: String, to characters: inout Characters) {
        // The bytes of a tuple of C characters, which is what `Characters` is.
        unsafe withUnsafeMutableBytes(of: &characters) { bytes in
            unsafe bytes.copyBytes(from: text.utf8.prefix(bytes.count - 1))
        }
    }
}
