/// One portfolio's own generator: xoshiro256**, its state drawn from the seed by SplitMix64, so that adding a
/// strategy changes no other strategy's draws.
package struct RandomNumbers: Hashable, Sendable {
    private var a: UInt64
    private var b: UInt64
    private var c: UInt64
    private var d: UInt64

    package init(seed: UInt64) {
        var state = seed
        func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z &>> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z &>> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z &>> 31)
        }
        a = next()
        b = next()
        c = next()
        d = next()
    }

    package mutating func next() -> UInt64 {
        let scrambled = Self.rotate(b &* 5, by: 7) &* 9
        let shifted = b &<< 17
        c ^= a
        d ^= b
        b ^= c
        a ^= d
        c ^= shifted
        d = Self.rotate(d, by: 45)
        return scrambled
    }

    private static func rotate(_ x: UInt64, by n: UInt64) -> UInt64 { (x &<< n) | (x &>> (64 &- n)) }
}
