extension DecimalText {
    /// How many decimals are written.
    package enum Decimals: Hashable, Sendable {
        /// As many as the unit has: `1.50` for 150 at -2.
        case all
        /// Without trailing zeros: `1.5`.
        case trimmed
    }

    /// The text of `count * 10^exponent` (-38...18).
    package static func string(
        _ count: some FixedWidthInteger, exponent: Int, decimals: Decimals = .all
    ) -> String {
        var bytes: [UInt8] = []
        append(count, exponent: exponent, decimals: decimals, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends that text; allocates only when `bytes` must grow.
    package static func append(
        _ count: some FixedWidthInteger, exponent: Int, decimals: Decimals = .all,
        to bytes: inout [UInt8]
    ) {
        if count < 0 { bytes.append(UInt8(ascii: "-")) }
        if let magnitude = UInt64(exactly: count.magnitude) {
            append(magnitude: magnitude, exponent, decimals, &bytes)
        } else {
            append(magnitude: UInt128(count.magnitude), exponent, decimals, &bytes)
        }
    }

    private static func append<Magnitude: FixedWidthInteger & UnsignedInteger>(
        magnitude: Magnitude, _ exponent: Int, _ decimals: Decimals, _ bytes: inout [UInt8]
    ) {
        var rest = magnitude
        var places = max(0, -exponent)
        if decimals == .trimmed {
            while places > 0, rest % 10 == 0 {
                rest /= 10
                places -= 1
            }
        }
        let start = bytes.count
        var written = 0
        // Backward, then turned: the number of digits is not known before.
        while rest != 0 || written <= places {
            if written == places, places > 0 { bytes.append(UInt8(ascii: ".")) }
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
            written += 1
        }
        bytes[start...].reverse()
        if exponent > 0, magnitude != 0 {
            bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: exponent))
        }
    }
}
