/// A running digest of 128 bits, fed word by word in the order in which things happened. It tells two runs
/// apart; it is no defence against somebody who wants a collision.
package struct Digest: Hashable, Sendable {
    private var high: UInt64 = 0x243F_6A88_85A3_08D3
    private var low: UInt64 = 0x1319_8A2E_0370_7344

    package init() {}

    @inline(__always) package mutating func feed(_ word: UInt64) {
        // Two lanes, each a bijection of its state, crossed so that the order of words counts.
        low = (low ^ word) &* 0x9E37_79B9_7F4A_7C15
        low ^= low &>> 32
        high = ((high &<< 29 | high &>> 35) ^ low) &* 0xD6E8_FEB8_6659_FD93
    }

    @inline(__always) package mutating func feed(_ word: Int64) { feed(UInt64(bitPattern: word)) }

    /// The two words, mixed once more so that short runs differ in every bit.
    package var words: (UInt64, UInt64) {
        var last = self
        last.feed(0x4528_21E6_38D0_1377 as UInt64)
        last.feed(0xBE54_66CF_34E9_0C6C as UInt64)
        return (last.high, last.low)
    }

    /// 32 hexadecimal digits.
    package var text: String {
        let (high, low) = words
        return Self.hexadecimal(high) + Self.hexadecimal(low)
    }

    private static func hexadecimal(_ word: UInt64) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
