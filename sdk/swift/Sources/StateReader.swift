/// Reads what a `StateWriter` wrote. Never trusts it: a damaged blob is refused before `load` sees
/// it, and a read past the end, like every value that cannot be, is a `Refusal`.
struct StateReader {
    /// The layout's number, as the strategy of that time declared it.
    let version: Int
    private let bytes: UnsafeRawBufferPointer
    private var place = 0

    init(_ blob: td_blob) throws(Refusal) {
        version = Int(blob.state_version)
        let all = UnsafeRawBufferPointer(start: blob.bytes, count: Int(clamping: blob.count))
        guard blob.bytes != nil, all.count >= 16 else {
            throw Refusal("this state is too short to be one")
        }
        var hash = StateHash()
        for byte in all[0..<(all.count - 8)] { hash.add(byte) }
        bytes = UnsafeRawBufferPointer(rebasing: all[0..<(all.count - 8)])
        var tail = UnsafeRawBufferPointer(rebasing: all[(all.count - 8)...]).makeIterator()
        var sum: UInt64 = 0
        for shift in 0..<8 { sum |= UInt64(tail.next() ?? 0) << UInt64(8 * shift) }
        guard sum == hash.value else {
            throw Refusal("this state is damaged: its check sum differs")
        }
        guard try readBits() == StateWriter.mark else {
            throw Refusal("this is not a state of a strategy")
        }
    }

    mutating func readDouble() throws(Refusal) -> Double { Double(bitPattern: try readBits()) }

    mutating func readBool() throws(Refusal) -> Bool {
        let byte = try readByte()
        guard byte <= 1 else { throw Refusal("this state is damaged: neither yes nor no") }
        return byte == 1
    }

    /// A whole number in a range: counts and places that memory depends on.
    mutating func readInteger(in range: ClosedRange<Int>) throws(Refusal) -> Int {
        let value = Int(truncatingIfNeeded: Int64(bitPattern: try readBits()))
        guard range.contains(value) else {
            throw Refusal(
                "this state is of other parameters or damaged: \(value) where "
                    + "\(range.lowerBound)...\(range.upperBound) is expected")
        }
        return value
    }

    mutating func readBits() throws(Refusal) -> UInt64 {
        var value: UInt64 = 0
        for shift in 0..<8 { value |= UInt64(try readByte()) << UInt64(8 * shift) }
        return value
    }

    /// Refuses bytes that nobody read.
    func finish() throws(Refusal) {
        guard place == bytes.count else {
            throw Refusal("this state is longer than this version reads")
        }
    }

    private mutating func readByte() throws(Refusal) -> UInt8 {
        guard place < bytes.count else { throw Refusal("this state ends too early") }
        place += 1
        return bytes[place - 1]
    }
}
