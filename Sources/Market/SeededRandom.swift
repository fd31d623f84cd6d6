/// Draws that a seed repeats on every machine. The only chance there is: no room asks the system
/// for any.
package protocol SeededRandom: RandomNumberGenerator, Sendable {
    init(seed: UInt64)
}

extension SeededRandom {
    /// A number in 0..<n: the high 64 bits of next() x n. One draw, whatever comes.
    @inlinable package mutating func below(_ n: UInt64) -> UInt64 {
        next().multipliedFullWidth(by: n).high
    }

    /// A number in [0, 1): the upper 53 bits of one draw.
    @inlinable package mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Fisher-Yates from the end, one draw a place.
    @inlinable package mutating func shuffle<Element>(_ elements: inout [Element]) {
        var last = elements.count - 1
        while last > 0 {
            elements.swapAt(last, Int(below(UInt64(last) + 1)))
            last -= 1
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): 64 bits of state, good for seeding others.
package struct SplitMix64: SeededRandom, Hashable {
    @usableFromInline var state: UInt64
    @inlinable package init(seed: UInt64) { state = seed }

    @inlinable package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z &>> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z &>> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z &>> 31)
    }
}

/// xoshiro256** (Blackman, Vigna 2018), its state drawn from SplitMix64.
package struct Xoshiro256StarStar: SeededRandom, Hashable {
    @usableFromInline var a, b, c, d: UInt64

    @inlinable package init(seed: UInt64) {
        var source = SplitMix64(seed: seed)
        a = source.next()
        b = source.next()
        c = source.next()
        d = source.next()
    }

    @inlinable package mutating func next() -> UInt64 {
        let product = b &* 5
        let result = ((product &<< 7) | (product &>> 57)) &* 9
        let shifted = b &<< 17
        c ^= a
        d ^= b
        b ^= c
        a ^= d
        c ^= shifted
        d = (d &<< 45) | (d &>> 19)
        return result
    }
}
