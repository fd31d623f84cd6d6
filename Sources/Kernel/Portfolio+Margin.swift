import Market

/// Maintenance margin: what equity must be of the worth of all positions.
extension Portfolio {
    /// The margin call. Equity below the limit ends all orders that could open; then whole
    /// positions are closed at the market, the largest first, until equity covers what is left.
    mutating func watchMargin() {
        guard fault == nil, let limit = settings.risk.maintenanceMargin else { return }
        let gross = Int128(unclosedWorth)
        let equity = Int128(books.equity.rawValue)
        guard Self.isShort(equity, gross, limit) else { return }
        let breach = RiskBreach(
            rule: .maintenanceMargin, action: settings.risk.action(for: .maintenanceMargin),
            reason: .marginCall,
            instrument: .max, measured: Double(wide: equity) / Double(wide: gross),
            allowed: Double(limit.rawValue) / 1e9)
        guard breach.action == .reduce else { return enforce(breach) }
        write(breach)
        forEachOrder(after: 0) { portfolio, slot in
            if !portfolio.orders[slot].reducesOnly { portfolio.end(slot, .cancelled, .marginCall) }
        }
        // What was cancelled may have been closing something; and what cannot be closed is not
        // tried again.
        var rest = Int128(unclosedWorth)
        while fault == nil, Self.isShort(Int128(books.equity.rawValue), rest, limit),
            let largest = largestUnclosed
        {
            close(largest.instrument, because: .marginCall)
            rest -= Int128(largest.worth)
        }
        settle()
    }

    private static func isShort(_ equity: Int128, _ gross: Int128, _ limit: Rate) -> Bool {
        gross > 0 && equity * 1_000_000_000 < gross * Int128(limit.rawValue)
    }

    /// What a position is worth that no order in flight closes; the magnitude, in the base
    /// currency.
    private func unclosedWorth(_ instrument: InstrumentID) -> Int64 {
        let quantity = books.quantity(of: instrument).rawValue
        guard quantity != 0, (quantity &+ flight(of: instrument)).signum() == quantity.signum()
        else { return 0 }
        return Int64(
            clamping: books.inBase(books.marketValue(of: instrument), of: instrument).rawValue
                .magnitude)
    }

    private var unclosedWorth: Int64 {
        listings.indices.reduce(0) { $0 &+ unclosedWorth(InstrumentID($1)) }
    }

    /// Of equal ones the first.
    private var largestUnclosed: (instrument: InstrumentID, worth: Int64)? {
        var found: (instrument: InstrumentID, worth: Int64)?
        for place in listings.indices {
            let worth = unclosedWorth(InstrumentID(place))
            if worth > found?.worth ?? 0 { found = (InstrumentID(place), worth) }
        }
        return found
    }
}
