/// A running digest of 128 bits, fed record by record in the order in which things happened. It
/// tells two runs apart; it is no defence against somebody who wants a collision.
package struct Digest: Hashable, Sendable {
    private var low: UInt64 = 0x243F_6A88_85A3_08D3
    private var high: UInt64 = 0x1319_8A2E_0370_7344

    package init() {}

    /// Two words into two lanes that do not wait for each other; each step is a bijection of its
    /// lane.
    @inline(__always) package mutating func feed(_ first: UInt64, _ second: UInt64) {
        low = Self.rotate((low ^ first) &* 0x9E37_79B9_7F4A_7C15, by: 31)
        high = Self.rotate((high ^ second) &* 0xD6E8_FEB8_6659_FD93, by: 29)
    }

    @inline(__always) package mutating func feed(_ first: Int64, _ second: Int64) {
        feed(UInt64(bitPattern: first), UInt64(bitPattern: second))
    }

    /// Ends a record of this kind: crosses the lanes, so that words cannot change places between
    /// records.
    @inline(__always) package mutating func close(_ kind: UInt64) {
        low = (low ^ kind) &* 0x9E37_79B9_7F4A_7C15
        low ^= low &>> 32
        high = (high &+ low) &* 0xD6E8_FEB8_6659_FD93
        high ^= high &>> 29
        low &+= high
    }

    /// Both lanes as they stand.
    package var words: (UInt64, UInt64) { (low, high) }

    /// 32 hexadecimal digits.
    package var text: String {
        var last = self
        last.close(0)
        last.close(1)
        return Self.hexadecimal(last.high) + Self.hexadecimal(last.low)
    }

    @inline(__always) private static func rotate(_ x: UInt64, by n: UInt64) -> UInt64 {
        (x &<< n) | (x &>> (64 &- n))
    }

    private static func hexadecimal(_ word: UInt64) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
