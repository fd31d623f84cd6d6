package import Market

/// The prices at which one position has lost or won what its limits allow.
struct PositionExits: Hashable, Sendable {
    /// Of a long the highest price that breaks the stop loss, of a short the lowest; nil without
    /// one.
    var stop: Int64?
    var target: Int64?
    var isLong = true
    /// Ranges at the entry, in price units times 10^9: they stay what they were while the position
    /// lasts.
    var stopWidth: Int128?
    var targetWidth: Int128?
    /// The position's end was asked for.
    var hasActed = false
    /// A width is wanted but bars are missing: nothing can be quiet until it is known.
    var isWaiting = false

    func isStopped(at price: Int64) -> Bool {
        stop.map { isLong ? price <= $0 : price >= $0 } ?? false
    }
    func isWon(at price: Int64) -> Bool {
        target.map { isLong ? price >= $0 : price <= $0 } ?? false
    }

    func narrow(_ band: inout QuietBand) {
        if hasActed { return }
        if isWaiting { band = .never }
        if let stop { isLong ? band.watchBelow(stop) : band.watchAbove(stop) }
        if let target { isLong ? band.watchAbove(target) : band.watchBelow(target) }
    }
}

extension RiskRules {
    /// A fill or a split changed a position: its exits are measured from the average price anew,
    /// and from the present range if it has just been opened. To be told before the next event is
    /// looked at.
    package mutating func positionChanged(
        _ instrument: InstrumentID, opened: Bool, _ books: borrowing Books,
        _ statistics: borrowing BarStatistics
    ) {
        guard limits.watchesExits else { return }
        let id = Int(instrument)
        let quantity = books.quantity(of: instrument)
        if quantity.isZero || opened { exits[id] = PositionExits() }
        guard !quantity.isZero, settings.stopLoss != nil || settings.takeProfit != nil else {
            return
        }
        exits[id].isLong = quantity > .zero
        measure(instrument, books, statistics)
    }

    /// Bars that were missing when a position was opened may be there now. To be told after a
    /// closed bar.
    package mutating func barClosed(
        _ instrument: InstrumentID, _ books: borrowing Books, _ statistics: borrowing BarStatistics
    ) {
        if limits.watchesExits, exits[Int(instrument)].isWaiting {
            measure(instrument, books, statistics)
        }
    }

    /// A split restates ranges measured at the entry.
    package mutating func split(
        _ instrument: InstrumentID, numerator: Int64, denominator: Int64, _ books: borrowing Books,
        _ statistics: borrowing BarStatistics
    ) {
        let id = Int(instrument)
        let ratio = (Int128(numerator), Int128(denominator))
        exits[id].stopWidth = exits[id].stopWidth.map { $0 * ratio.1 / ratio.0 }
        exits[id].targetWidth = exits[id].targetWidth.map { $0 * ratio.1 / ratio.0 }
        sessions.split(id, numerator: numerator, denominator: denominator)
        positionChanged(instrument, opened: false, books, statistics)
    }

    /// A position goes on as another instrument's, its ranges divided by the ratio.
    mutating func renamed(
        _ old: InstrumentID, to new: InstrumentID, numerator: Int64, denominator: Int64,
        _ books: borrowing Books, _ statistics: borrowing BarStatistics
    ) {
        guard limits.watchesExits, !books.quantity(of: new).isZero else { return }
        var moved = exits[Int(old)]
        exits[Int(old)] = PositionExits()
        let ratio = (Int128(numerator), Int128(denominator))
        moved.stopWidth = moved.stopWidth.map { $0 * ratio.1 / ratio.0 }
        moved.targetWidth = moved.targetWidth.map { $0 * ratio.1 / ratio.0 }
        // The order that was to end it has ended where more than the name changed.
        if numerator != denominator { moved.hasActed = false }
        exits[Int(new)] = moved
        positionChanged(new, opened: false, books, statistics)
    }

    private mutating func measure(
        _ instrument: InstrumentID, _ books: borrowing Books, _ statistics: borrowing BarStatistics
    ) {
        let id = Int(instrument)
        guard let average = books.average(of: instrument) else { return }
        var exit = exits[id]
        exit.isWaiting = false
        if let distance = settings.stopLoss {
            let width = width(distance, exit.stopWidth, instrument, average, statistics)
            exit.stopWidth = distance.isFromBars ? width : nil
            exit.stop = width.flatMap { Self.level(average, exit.isLong ? -$0 : $0, exit.isLong) }
            exit.isWaiting = width == nil
        }
        if let distance = settings.takeProfit {
            let width = width(distance, exit.targetWidth, instrument, average, statistics)
            exit.targetWidth = distance.isFromBars ? width : nil
            exit.target = width.flatMap {
                Self.level(average, exit.isLong ? $0 : -$0, !exit.isLong)
            }
            exit.isWaiting = exit.isWaiting || width == nil
        }
        exits[id] = exit
    }

    private func width(
        _ distance: StopDistance, _ known: Int128?, _ instrument: InstrumentID,
        _ average: ExactAverage,
        _ statistics: borrowing BarStatistics
    ) -> Int128? {
        if let known { return known }
        if case .percent(let rate) = distance { return average.part(rate) }
        let exponent = instruments[Int(instrument)].priceExponent
        return distance.width(at: .zero, exponent: exponent, instrument, statistics)
    }

    /// The price unit at or beyond `average + width`, downwards or upwards.
    private static func level(_ average: ExactAverage, _ width: Int128, _ down: Bool) -> Int64? {
        (down ? Rounding.floor : .ceiling).quotient(average.billionths + width, 1_000_000_000)
    }

    mutating func nextExit(_ books: borrowing Books, at time: Timestamp) -> RiskBreach? {
        guard settings.stopLoss != nil || settings.takeProfit != nil || settings.maxHolding != nil
        else { return nil }
        for id in exits.indices where !exits[id].hasActed {
            let instrument = InstrumentID(id)
            guard let entry = books.entryTime(of: instrument) else { continue }
            let mark = books.mark(of: instrument).rawValue
            if let found = exit(exits[id], instrument, mark, held: time - entry) {
                exits[id].hasActed = true
                return found
            }
        }
        return nil
    }

    private func exit(
        _ exit: PositionExits, _ instrument: InstrumentID, _ mark: Int64, held: Int64
    ) -> RiskBreach? {
        if exit.isStopped(at: mark), let stop = exit.stop {
            return breach(.stopLoss, .stopLoss, of: instrument, Double(mark), over: Double(stop))
        }
        if exit.isWon(at: mark), let target = exit.target {
            return breach(
                .takeProfit, .takeProfit, of: instrument, Double(mark), over: Double(target))
        }
        if let limit = settings.maxHolding, held >= limit {
            return breach(.maxHolding, .time, of: instrument, Double(held), over: Double(limit))
        }
        return nil
    }
}

/// An average price in price units times 10^9, nearest.
struct ExactAverage: Hashable, Sendable {
    var billionths: Int128

    func part(_ rate: Rate) -> Int128? {
        Rounding.halfEven.wideQuotient(
            Int128(billionths.magnitude) * Int128(rate.rawValue), 1_000_000_000)
    }
}

extension Books {
    /// Nil when flat, or where it does not fit.
    func average(of instrument: InstrumentID) -> ExactAverage? {
        let position = positions[Int(instrument)]
        guard position.quantity != 0 else { return nil }
        let scale = position.scale
        let (up, overflow) = Int128(position.cost)
            .multipliedReportingOverflow(by: Int128(scale.denominator) * 1_000_000_000)
        let down = Int128(position.quantity) * Int128(scale.numerator)
        guard !overflow, let billionths = Rounding.halfEven.wideQuotient(up, down),
            billionths.magnitude < 1 << 96
        else { return nil }
        return ExactAverage(billionths: billionths)
    }
}

extension StopDistance {
    /// It needs bars, and is measured once.
    var isFromBars: Bool {
        if case .averageTrueRange = self { true } else { false }
    }
}
