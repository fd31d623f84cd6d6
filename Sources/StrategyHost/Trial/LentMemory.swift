import CTapedeck
import Market

/// What a plug-in is lent for a call, in plain memory or in pages that tell how it is used.
@safe final class LentMemory {
    /// Members that a later minor may append; never read by whoever keeps to the sizes that it
    /// knows.
    private static let later = 16

    private struct Pages {
        var table, setup, parameters, texts, instruments, timeFrames, start, error, parameter, sink,
            blob, consumed: GuardedPages
        /// In turns, so that a pointer to an earlier run does not find a later one.
        var events: [GuardedPages]
        var bytes: GuardedPages
    }

    private let pages: Pages?
    private let isOfLaterMinor: Bool
    /// The table, for the whole life of an instance.
    let host: UnsafePointer<td_host>

    // In plain memory: one place each, never given back.
    private let plainError = UnsafeMutablePointer<td_error>.allocate(capacity: 1)
    private let plainConsumed = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)
    private let plainBlock = UnsafeMutableRawPointer.allocate(byteCount: 256, alignment: 16)
    private var plainEvents = UnsafeMutablePointer<Event>.allocate(capacity: 1)
    private var plainCapacity = 1
    private var plainBytes: UnsafeMutableRawPointer?
    private var lastError: UnsafeMutablePointer<td_error>
    private var turn = 0

    /// The most events in one call of a guarded instance.
    static let mostEvents = 1024

    init(_ manner: TrialInstance.Manner) throws(CheckOutcome) {
        isOfLaterMinor = manner.isOfLaterMinor
        pages = manner.isGuarded ? try Self.guarded() : nil
        var table = TrialHost.table
        if manner.isOfLaterMinor {
            table.struct_size += UInt32(Self.later)
            table.abi_minor += 1
        }
        if let pages {
            unsafe host = UnsafePointer(pages.table.fill(table))
            pages.table.protect(.reading)
        } else {
            let size = MemoryLayout<td_host>.size + Self.later
            let place = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
            unsafe place.initializeMemory(as: UInt8.self, repeating: 0xAA, count: size)
            unsafe place.storeBytes(of: table, as: td_host.self)
            unsafe host = UnsafePointer(place.assumingMemoryBound(to: td_host.self))
        }
        unsafe lastError = plainError
        unsafe plainError.initialize(to: StrategyInstance.emptyError)
    }

    deinit {
        guard pages == nil else { return }
        unsafe plainError.deallocate()
        unsafe plainConsumed.deallocate()
        unsafe plainBlock.deallocate()
        unsafe plainEvents.deallocate()
        unsafe plainBytes?.deallocate()
        unsafe UnsafeMutableRawPointer(mutating: host).deallocate()
    }

    private static func guarded() throws(CheckOutcome) -> Pages {
        func pages(_ bytes: Int, _ name: String) throws(CheckOutcome) -> GuardedPages {
            try GuardedPages(
                bytes: bytes, name: name,
                use: "wrote to \(name), or used it after the call that it was lent for")
        }
        return Pages(
            table: try GuardedPages(
                bytes: 120, name: "the host's table", use: "wrote to the host's table"),
            setup: try pages(48, "the setup"), parameters: try pages(4096, "the parameters"),
            texts: try pages(65_536, "the texts of the parameters"),
            instruments: try pages(4096, "the list of instruments"),
            timeFrames: try pages(4096, "the list of time frames"),
            start: try pages(24, "td_start"),
            error: try pages(256, "the error buffer"), parameter: try pages(32, "the parameter"),
            sink: try pages(24, "the sink"), blob: try pages(24, "td_blob"),
            consumed: try pages(8, "consumed"),
            events: [
                try pages(mostEvents * 64, "the events"), try pages(mostEvents * 64, "the events"),
                try pages(mostEvents * 64, "the events"),
            ],
            bytes: try pages(1 << 20, "the bytes of a state"))
    }

    /// After a call: nothing that was lent may be used any more.
    func takeBack() {
        guard let pages else { return }
        for part in [
            pages.setup, pages.parameters, pages.texts, pages.instruments, pages.timeFrames,
            pages.start,
            pages.parameter, pages.sink, pages.blob, pages.bytes, pages.consumed,
        ] + pages.events { part.protect(.none) }
    }

    func error() -> UnsafeMutablePointer<td_error> {
        if let pages {
            unsafe lastError = pages.error.fill(StrategyInstance.emptyError)
        } else {
            unsafe plainError.pointee = StrategyInstance.emptyError
        }
        return unsafe lastError
    }

    /// What the last call left in the error; the buffer cannot be used after this.
    func errorAfterCall() -> td_error {
        defer { pages?.error.protect(.none) }
        pages?.error.protect(.reading)
        return unsafe lastError.pointee
    }

    func consumed() -> UnsafeMutablePointer<UInt64> {
        if let pages { return unsafe pages.consumed.fill(0 as UInt64) }
        unsafe plainConsumed.pointee = 0
        return unsafe plainConsumed
    }

    func events(_ events: ArraySlice<Event>) throws(CheckOutcome) -> UnsafePointer<Event> {
        if let pages {
            turn = (turn + 1) % pages.events.count
            let place = unsafe events.withUnsafeBytes { unsafe pages.events[turn].fill($0) }
            pages.events[turn].protect(.reading)
            return unsafe UnsafePointer(place.assumingMemoryBound(to: Event.self))
        }
        if events.count > plainCapacity {
            unsafe plainEvents.deallocate()
            plainCapacity = events.count
            unsafe plainEvents = .allocate(capacity: plainCapacity)
        }
        for (place, event) in events.enumerated() {
            unsafe (plainEvents + place).initialize(to: event)
        }
        return unsafe UnsafePointer(plainEvents)
    }

    func start(_ value: td_start) -> UnsafePointer<td_start> { unsafe lend(value, \.start) }
    func parameter(_ value: td_parameter) -> UnsafePointer<td_parameter> {
        unsafe lend(value, \.parameter)
    }
    func sink(_ value: td_sink) -> UnsafePointer<td_sink> { unsafe lend(value, \.sink) }

    private func lend<T>(_ value: T, _ part: KeyPath<Pages, GuardedPages>) -> UnsafePointer<T> {
        if let pages {
            let place = unsafe pages[keyPath: part].fill(value)
            pages[keyPath: part].protect(.reading)
            return unsafe UnsafePointer(place)
        }
        // Room for what a later minor appends.
        unsafe plainBlock.initializeMemory(as: UInt8.self, repeating: 0xAA, count: 256)
        unsafe plainBlock.storeBytes(of: value, as: T.self)
        return unsafe UnsafePointer(plainBlock.assumingMemoryBound(to: T.self))
    }

    func blob(_ bytes: [UInt8], version: UInt32) throws(CheckOutcome) -> UnsafePointer<td_blob> {
        var place: UnsafeMutableRawPointer
        if let pages {
            guard bytes.count <= 1 << 20 else {
                throw .skip("its state has \(bytes.count) bytes; tried are at most 1 MiB")
            }
            unsafe place = bytes.withUnsafeBytes { unsafe pages.bytes.fill($0) }
            pages.bytes.protect(.reading)
        } else {
            unsafe plainBytes?.deallocate()
            unsafe place = .allocate(byteCount: max(1, bytes.count), alignment: 16)
            unsafe bytes.withUnsafeBytes { source in
                if let start = source.baseAddress {
                    unsafe place.copyMemory(from: start, byteCount: source.count)
                }
            }
            unsafe plainBytes = place
        }
        return unsafe lend(
            td_blob(
                struct_size: UInt32(MemoryLayout<td_blob>.size), state_version: version,
                bytes: place,
                count: UInt64(bytes.count)), \.blob)
    }

    /// The setup with everything that it points to.
    func setup(_ setup: UnsafePointer<td_setup>) -> UnsafePointer<td_setup> {
        var copy = unsafe setup.pointee
        if isOfLaterMinor { unsafe copy.struct_size += UInt32(Self.later) }
        guard let pages else {
            unsafe plainBlock.initializeMemory(as: UInt8.self, repeating: 0xAA, count: 256)
            unsafe plainBlock.storeBytes(of: copy, as: td_setup.self)
            return unsafe UnsafePointer(plainBlock.assumingMemoryBound(to: td_setup.self))
        }
        var entries = unsafe Array(
            UnsafeBufferPointer(start: copy.parameters, count: Int(copy.parameter_count)))
        var texts: [UInt8] = []
        for index in unsafe entries.indices {
            let entry = unsafe entries[index]
            unsafe texts += unsafe UnsafeRawBufferPointer(
                start: entry.text.data, count: Int(entry.text.length))
        }
        var next = unsafe texts.withUnsafeBytes { unsafe pages.texts.fill($0) }
        for index in unsafe entries.indices {
            unsafe entries[index].text.data = UnsafePointer(
                next.assumingMemoryBound(to: CChar.self))
            unsafe next += Int(entries[index].text.length)
        }
        unsafe copy.parameters = UnsafePointer(
            entries.withUnsafeBytes { unsafe pages.parameters.fill($0) }
                .assumingMemoryBound(to: td_parameter.self))
        let instruments = unsafe UnsafeRawBufferPointer(
            start: copy.instruments, count: Int(copy.instrument_count) * 2)
        let frames = unsafe UnsafeRawBufferPointer(
            start: copy.timeframes, count: Int(copy.timeframe_count) * 4)
        unsafe copy.instruments = UnsafePointer(
            pages.instruments.fill(instruments).assumingMemoryBound(to: UInt16.self))
        unsafe copy.timeframes = UnsafePointer(
            pages.timeFrames.fill(frames).assumingMemoryBound(to: UInt32.self))
        for part in [pages.texts, pages.parameters, pages.instruments, pages.timeFrames] {
            part.protect(.reading)
        }
        return unsafe lend(copy, \.setup)
    }
}
