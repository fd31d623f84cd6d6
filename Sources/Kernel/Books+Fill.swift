import Market

extension Books {
    /// Books a fill. Its price becomes the mark. A fill through zero is a close and an open. After
    /// a fault, and when it causes one, nothing is changed.
    @discardableResult
    package mutating func apply(
        _ execution: Execution, _ records: inout Records
    ) -> ExecutionOutcome {
        guard fault == nil, !execution.quantity.isZero else { return ExecutionOutcome() }
        do throws(Fault) {
            if isWhole(execution) {
                return positions[Int(execution.instrument)].quantity == 0
                    ? try openWhole(execution) : try closeWhole(execution, &records)
            }
            return try book(execution, &records)
        } catch {
            fault = error
            return ExecutionOutcome()
        }
    }

    private mutating func book(
        _ execution: Execution, _ records: inout Records
    ) throws(Fault) -> ExecutionOutcome {
        let id = Int(execution.instrument)
        let price = execution.price.rawValue
        let inAsset = try positions[id].scale.money(execution.feeInAsset.rawValue, at: price)
        let fee = try Self.sum(execution.fee.rawValue, inAsset)
        let traded = try positions[id].scale.money(execution.quantity.rawValue, at: price)
        let (quantity, overflow) =
            execution.quantity.rawValue.subtractingReportingOverflow(execution.feeInAsset.rawValue)
        if overflow || quantity == .min { throw .overflow }
        let notional = try Self.sum(traded, -inAsset)

        let before = positions[id]
        var after = before
        after.includeInRange(price)
        let result = try after.openRange()
        let closing =
            before.quantity.signum() == -quantity.signum()
            ? min(quantity.magnitude, before.quantity.magnitude) : 0
        let part = try split(quantity, notional, fee, closing: Int64(closing), at: price, id)
        let realised = try close(part, &after, id)
        try open(part, &after, id)
        try after.setMark(price)
        try commit(after.change(from: before, realised: realised, fee: fee), after.currency)
        record(execution, part, result, realised, before, &after, &records)
        shortPositions += (after.quantity < 0 ? 1 : 0) - (before.quantity < 0 ? 1 : 0)
        positions[id] = after
        if after.isRate { try refreshRates(execution.instrument) }
        if after.currency != 0, foreignCash == .convertAtFill {
            let change = after.change(from: before, realised: realised, fee: fee)
            let amount = Money(inBase(try change.cash, after.currency))
            note(
                .conversion, amount, execution.instrument, execution.sequence, execution.time,
                &records)
        }
        return outcome(notional: notional, fee: fee, realised: realised, before, after)
    }

    /// The closing and the opening part of one fill, magnitudes of quantity, notionals signed.
    private struct Parts {
        var closing: Int64
        var closingNotional: Int64
        var closingFee: Int64
        var opening: Int64
        var openingNotional: Int64
        var openingFee: Int64
        var side: Int64
        var price: Int64
    }

    private func split(
        _ quantity: Int64, _ notional: Int64, _ fee: Int64, closing: Int64, at price: Int64,
        _ id: Int
    ) throws(Fault) -> Parts {
        let magnitude = Int64(quantity.magnitude)
        let side = quantity.signum()
        if closing == 0 {
            return Parts(
                closing: 0, closingNotional: 0, closingFee: 0, opening: magnitude,
                openingNotional: notional,
                openingFee: fee, side: side, price: price)
        }
        if closing == magnitude {
            return Parts(
                closing: closing, closingNotional: notional, closingFee: fee, opening: 0,
                openingNotional: 0,
                openingFee: 0, side: side, price: price)
        }
        let closed = try positions[id].scale.money(closing * side, at: price)
        let closedFee = Int64(BooksPosition.share(Int128(fee), closing, of: magnitude))
        return Parts(
            closing: closing, closingNotional: closed, closingFee: closedFee,
            opening: magnitude - closing,
            openingNotional: try Self.sum(notional, -closed), openingFee: fee - closedFee,
            side: side, price: price)
    }

    /// Takes the closing part out of the position; the realised result, gross of fees.
    private mutating func close(
        _ parts: Parts, _ position: inout BooksPosition, _ id: Int
    ) throws(Fault) -> Int64 {
        if parts.closing == 0 { return 0 }
        let held = Int64(position.quantity.magnitude)
        let closed =
            lots == .fifo
            ? queues[id].take(parts.closing)
            : BooksPosition.share(position.fineCost, parts.closing, of: held)
        position.quantity += parts.closing * parts.side
        return try position.reduce(by: closed, paying: parts.closingNotional)
    }

    /// Adds the opening part to the position.
    private mutating func open(
        _ parts: Parts, _ position: inout BooksPosition, _ id: Int
    ) throws(Fault) {
        if parts.opening == 0 { return }
        let (quantity, overflow) = position.quantity.addingReportingOverflow(
            parts.opening * parts.side)
        if overflow || quantity == .min { throw .overflow }
        position.quantity = quantity
        let fine = Int128(parts.openingNotional) << Int128(BooksPosition.fractionBits)
        position.fineCost += fine
        position.cost = try Self.sum(position.cost, parts.openingNotional)
        if lots == .fifo { queues[id].append(Lot(quantity: parts.opening, fineCost: fine)) }
    }

    private mutating func record(
        _ execution: Execution, _ parts: Parts, _ range: ClosedRange<Int64>?, _ realised: Int64,
        _ before: BooksPosition, _ after: inout BooksPosition, _ records: inout Records
    ) {
        let id = Int(execution.instrument)
        if let range { trips[id].reach(range) }
        if parts.closing > 0 {
            trips[id].exit(
                parts.closing, at: parts.price, fee: parts.closingFee, realised: realised)
            if parts.closing == before.quantity.magnitude {
                finishTrip(execution, bars: before.bars, &records)
                after.bars = 0
            }
        }
        if parts.opening > 0 {
            if after.quantity.magnitude == parts.opening {
                trips[id] = OpenRoundTrip(execution, side: Int8(parts.side))
                openPositions += 1
            }
            trips[id].enter(
                parts.opening, at: parts.price, fee: parts.openingFee,
                held: Int64(after.quantity.magnitude))
        }
    }

    /// The position has ended: its round trip goes to the records.
    mutating func finishTrip(_ execution: Execution, bars: UInt32, _ records: inout Records) {
        var trip = trips[Int(execution.instrument)].finished(execution, bars: bars)
        trip.rate = rateToBase(of: execution.instrument)
        records.roundTrips.append(trip)
        results.add(
            inBase(Money(trip.gross.rawValue &- trip.costs.rawValue), of: execution.instrument))
        openPositions -= 1
    }

    private func outcome(
        notional: Int64, fee: Int64, realised: Int64, _ before: BooksPosition,
        _ after: BooksPosition
    ) -> ExecutionOutcome {
        var outcome = ExecutionOutcome()
        outcome.cash = Money(before.isFuture ? realised : -notional)
        outcome.realised = Money(realised)
        outcome.fee = Money(fee)
        outcome.cashAfter = cash
        outcome.positionAfter = Quantity(after.quantity)
        let flipped = before.quantity.signum() * after.quantity.signum() < 0
        outcome.opened = after.quantity != 0 && (before.quantity == 0 || flipped)
        outcome.closed = before.quantity != 0 && (after.quantity == 0 || flipped)
        return outcome
    }
}
