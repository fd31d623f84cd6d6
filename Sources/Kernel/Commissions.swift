package import Market

/// The fees of one portfolio's instruments, with what it has traded this month where tiers ask for
/// it.
package struct Commissions: Hashable, Sendable {
    private let schedules: ContiguousArray<Commission>
    private let scales: ContiguousArray<ValueScale>
    /// Of each instrument: what most fees are, ready at hand.
    private let shares: ContiguousArray<PlainFee>
    private var traded: ContiguousArray<Int64>
    /// When the month ends that `traded` belongs to.
    private var monthEnds = Timestamp.distantPast

    package init(settings: PortfolioSettings, instruments: [Instrument]) {
        schedules = ContiguousArray(
            instruments.map { instrument in
                let id = Int(instrument.id)
                let own =
                    id < settings.commissions.count
                    ? settings.commissions[id] : CommissionSettings()
                return Commission(own, instrument)
            })
        scales = ContiguousArray(instruments.map(ValueScale.init))
        shares = ContiguousArray(schedules.map(\.plain))
        traded = ContiguousArray(repeating: 0, count: instruments.count)
    }

    /// The fee of a fill that happens at `time`; counts it for the tiers.
    package mutating func charge(
        _ instrument: InstrumentID, _ quantity: Quantity, at price: Price, isMaker: Bool,
        time: Timestamp
    ) throws(Fault) -> Money {
        let id = Int(instrument)
        if let fee = try shares[id].fee(quantity, at: price, isMaker: isMaker) { return fee }
        guard schedules[id].hasTiers else {
            return try schedules[id].fee(quantity, at: price, isMaker: isMaker)
        }
        if time >= monthEnds { startMonth(of: time) }
        let fee = try schedules[id].fee(
            quantity, at: price, isMaker: isMaker, traded: Money(traded[id]))
        let value = try scales[id].money(quantity.rawValue, at: price.rawValue)
        traded[id] = try Books.sum(traded[id], Int64(value.magnitude))
        return fee
    }

    /// Whether a fill has to be counted because later ones depend on it.
    @inline(__always)
    func hasTiers(_ instrument: InstrumentID) -> Bool {
        !shares[Int(instrument)].isAll && schedules[Int(instrument)].hasTiers
    }

    /// What a fill would cost now.
    package func estimate(
        _ instrument: InstrumentID, _ quantity: Quantity, at price: Price, isMaker: Bool = false
    ) throws(Fault) -> Money {
        if let fee = try shares[Int(instrument)].fee(quantity, at: price, isMaker: isMaker) {
            return fee
        }
        return try schedules[Int(instrument)].fee(
            quantity, at: price, isMaker: isMaker, traded: Money(traded[Int(instrument)]))
    }

    private mutating func startMonth(of time: Timestamp) {
        for id in traded.indices { traded[id] = 0 }
        let day = Int64(86_400_000_000_000)
        let number = time.rawValue >= 0 ? time.rawValue / day : (time.rawValue + 1) / day - 1
        let next = CivilDate(dayNumber: Int32(number)).startOfNextMonth
        let (ends, overflow) = Int64(next.dayNumber).multipliedReportingOverflow(by: day)
        monthEnds = overflow ? .distantFuture : Timestamp(nanoseconds: ends)
    }
}

extension Commissions {
    mutating func visit(_ archive: inout StateArchive) {
        archive.visit(&traded)
        archive.visit(&monthEnds)
    }
}
