/// Exponential and logarithm made of additions, multiplications, divisions and bit patterns alone.
/// Those round the same everywhere, which a system's mathematics library does not: a seed makes the
/// same market on every machine. Good to about one unit in the fifteenth digit.
enum PortableMath {
    private static let high = 0x1.62e42fee00000p-1
    private static let low = 0x1.a39ef35793c76p-33
    private static let perLogarithm = 0x1.71547652b82fep0

    /// e^x for -700...700; held to that range.
    static func exponential(_ x: Double) -> Double {
        let x = max(-700, min(700, x))
        let power = (x * perLogarithm).rounded()
        // What is left is at most half the logarithm of 2.
        let rest = (x - power * high) - power * low
        var sum = 1.0
        for divisor in stride(from: 14.0, through: 1, by: -1) { sum = 1 + rest * sum / divisor }
        return sum * Double(bitPattern: UInt64(Int64(power) + 1023) << 52)
    }

    /// The natural logarithm of a normal number above zero.
    static func logarithm(_ x: Double) -> Double {
        let bits = x.bitPattern
        var power = Double(Int64(bits >> 52) - 1023)
        var mantissa = Double(bitPattern: bits & 0x000f_ffff_ffff_ffff | 0x3ff0_0000_0000_0000)
        if mantissa > 1.414_213_562_373_095_1 {
            mantissa *= 0.5
            power += 1
        }
        // log m = 2 artanh((m - 1) / (m + 1)), whose argument is below 0.172.
        let s = (mantissa - 1) / (mantissa + 1)
        let square = s * s
        var sum = 0.0
        for odd in stride(from: 23.0, through: 1, by: -2) { sum = sum * square + 1 / odd }
        return 2 * s * sum + power * low + power * high
    }
}
