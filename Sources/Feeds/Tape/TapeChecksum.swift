package import CTapedeck

/// The checksum of events on a tape: two 64-bit sums, of a strong mix of each event's first and
/// second half. Each mix depends on the event's place, so a sum can be taken in any order and in
/// parts, and still notices a changed, lost, repeated or moved event.
package struct TapeChecksum: Hashable, Sendable {
    package var first: UInt64 = 0
    package var second: UInt64 = 0

    package init() {}

    package static func += (sum: inout TapeChecksum, other: TapeChecksum) {
        sum.first &+= other.first
        sum.second &+= other.second
    }

    /// Adds `count` events, the first of which stands at `place` on the tape.
    @inlinable package mutating func add(_ events: UnsafePointer<Event>, count: Int, at place: Int)
    {
        let words = unsafe UnsafeRawPointer(events)
        var first: UInt64 = 0
        var second: UInt64 = 0
        for index in 0..<count {
            let w = unsafe words + index &* 64
            let key = UInt64(truncatingIfNeeded: place &+ index) &* Self.odd
            first &+= Self.mix(
                unsafe w.load(as: UInt64.self) ^ Self.k0,
                unsafe w.load(fromByteOffset: 8, as: UInt64.self) ^ Self.k1 ^ key)
            first &+= Self.mix(
                unsafe w.load(fromByteOffset: 16, as: UInt64.self) ^ Self.k2 ^ key,
                unsafe w.load(fromByteOffset: 24, as: UInt64.self) ^ Self.k3)
            second &+= Self.mix(
                unsafe w.load(fromByteOffset: 32, as: UInt64.self) ^ Self.k0 ^ key,
                unsafe w.load(fromByteOffset: 40, as: UInt64.self) ^ Self.k2)
            second &+= Self.mix(
                unsafe w.load(fromByteOffset: 48, as: UInt64.self) ^ Self.k1 ^ key,
                unsafe w.load(fromByteOffset: 56, as: UInt64.self) ^ Self.k3)
        }
        self.first &+= first
        self.second &+= second
    }

    /// Adds the bytes of a table, in words of eight; the last one is filled up with zeros.
    package mutating func add(_ bytes: [UInt8]) {
        var place: UInt64 = 0
        for start in stride(from: 0, to: bytes.count, by: 8) {
            var word: UInt64 = 0
            for index in start..<min(start + 8, bytes.count) {
                word |= UInt64(bytes[index]) << UInt64((index - start) * 8)
            }
            let key = place &* Self.odd
            first &+= Self.mix(word ^ Self.k0 ^ key, Self.k1 ^ key)
            second &+= Self.mix(word ^ Self.k2 ^ key, Self.k3 &+ key)
            place += 1
        }
    }

    /// The two halves of the 128-bit product, folded.
    @inlinable static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }

    // The fractional bits of the square roots of 2, 3, 5, 7, made odd, and of the golden ratio.
    @usableFromInline static let k0: UInt64 = 0x6a09_e667_f3bc_c909
    @usableFromInline static let k1: UInt64 = 0xbb67_ae85_84ca_a73b
    @usableFromInline static let k2: UInt64 = 0x3c6e_f372_fe94_f82b
    @usableFromInline static let k3: UInt64 = 0xa54f_f53a_5f1d_36f1
    @usableFromInline static let odd: UInt64 = 0x9e37_79b9_7f4a_7c15
}
