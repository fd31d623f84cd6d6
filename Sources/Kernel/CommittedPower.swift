/// What working orders will do to buying power, in money: kept as sums, so that no order is asked
/// twice.
struct CommittedPower {
    /// Taken by orders that open or add.
    private(set) var taken: Int64 = 0
    /// Given back by orders in flight that close; not above zero.
    private(set) var released: Int64 = 0

    /// Counts an order's share anew.
    @inline(__always)
    mutating func replace(_ before: Int64, with after: Int64) {
        if before > 0 { taken &-= before } else { released &-= before }
        if after > 0 { taken &+= after } else { released &+= after }
    }
}
