import Market

/// When equity is sampled, and what waits to be.
struct EquityCurve {
    let sampling: PortfolioSettings.EquitySampling
    /// The last event that no sample covers yet; nil when all are covered.
    var pending: (sequence: UInt64, time: Int64)?

    init(_ sampling: PortfolioSettings.EquitySampling) { self.sampling = sampling }
}

extension Portfolio {
    /// Samples what equity was after the last event, as of `time`.
    mutating func sample(at time: Int64) {
        guard let pending = curve.pending else { return }
        let exposure = books.openPositions == 0 ? Money.zero : books.exposure.gross
        let sample = EquitySample(
            sequence: pending.sequence, time: Timestamp(nanoseconds: time), equity: books.equity,
            cash: books.cash, exposure: exposure)
        records.equity.append(sample)
        digest.feed(sample.equity.rawValue, sample.cash.rawValue)
        digest.feed(UInt64(bitPattern: time), sample.sequence)
        digest.close(RecordKind.equity)
        curve.pending = nil
    }
}
