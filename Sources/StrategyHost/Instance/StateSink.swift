import CTapedeck

/// Where `save` writes: bytes up to a limit.
struct StateSink {
    private(set) var bytes: [UInt8] = []
    private(set) var isOver = false
    let limit: Int

    init(limit: Int) { self.limit = limit }

    /// `td_sink.write`; `handle` is the sink, for the length of the call to `save`.
    static let write:
        @convention(c) (UnsafeMutableRawPointer?, UnsafeRawPointer?, UInt64) -> td_status = {
            handle, source, count in
            guard let sink = unsafe handle?.assumingMemoryBound(to: StateSink.self) else {
                return td_status(TD_E_INVALID)
            }
            guard count > 0 else { return td_status(TD_OK) }
            guard let source = unsafe source else { return td_status(TD_E_INVALID) }
            guard !(unsafe sink.pointee.isOver),
                count <= UInt64(unsafe sink.pointee.limit - sink.pointee.bytes.count)
            else {
                unsafe sink.pointee.isOver = true
                return td_status(TD_E_LIMIT)
            }
            unsafe sink.pointee.bytes.append(
                contentsOf: UnsafeRawBufferPointer(start: source, count: Int(count)))
            return td_status(TD_OK)
        }
}
