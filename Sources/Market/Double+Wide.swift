extension Double {
    /// A 128-bit integer as the nearest double, to within one unit in its last place. The standard
    /// conversion is generic and costs a hundred times as much.
    @inlinable public init(wide value: Int128) {
        let high = Int64(truncatingIfNeeded: value &>> 64)
        let low = UInt64(truncatingIfNeeded: value)
        // Small values fit one conversion, which is exact to rounding.
        if high == Int64(bitPattern: low) &>> 63 {
            self = Double(Int64(bitPattern: low))
        } else {
            self = Double(high) * 0x1p64 + Double(low)
        }
    }
}
