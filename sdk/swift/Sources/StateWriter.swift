/// Writes an instance's state: little-endian, canonical (same state, same bytes), checked at the
/// end.
///
/// Layout: mark, then what `save` writes, then a 64-bit FNV-1a hash of all that.
struct StateWriter: ~Copyable {
    private static var capacity: Int { 4096 }
    static var mark: UInt64 { 0x3153_4B44_4550_4154 }  // "TAPEDKS1"

    private let sink: td_sink
    private let buffer: UnsafeMutablePointer<UInt8>
    private var used = 0
    private var hash = StateHash()
    private(set) var status = td_status(TD_OK)

    init(_ sink: td_sink) {
        self.sink = sink
        buffer = .allocate(capacity: Self.capacity)
        write(Self.mark)
    }

    deinit { buffer.deallocate() }

    mutating func write(_ value: UInt64) {
        for shift in 0..<8 { append(UInt8(truncatingIfNeeded: value >> UInt64(8 * shift))) }
    }

    mutating func write(_ value: Int) { write(UInt64(bitPattern: Int64(value))) }
    mutating func write(_ value: Bool) { append(value ? 1 : 0) }

    /// All NaNs are one, and the two zeros are one: the same state gives the same bytes.
    mutating func write(_ value: Double) {
        write(value.isNaN ? Double.nan.bitPattern : value == 0 ? 0 : value.bitPattern)
    }

    mutating func finish() {
        let sum = hash.value
        write(sum)
        flush()
    }

    private mutating func append(_ byte: UInt8) {
        if used == Self.capacity { flush() }
        buffer[used] = byte
        used += 1
        hash.add(byte)
    }

    private mutating func flush() {
        guard used > 0, status == td_status(TD_OK) else { return }
        status = sink.write(sink.handle, buffer, UInt64(used))
        used = 0
    }
}

struct StateHash {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325
    mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
}
