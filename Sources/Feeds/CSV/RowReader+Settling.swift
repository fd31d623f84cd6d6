import CTapedeck
import Market

/// What becomes of rows whose fields are readable and whose numbers contradict each other.
extension RowReader {
    /// Reports everything that stands against the row just read; adds it when all of it could be
    /// put right.
    mutating func settle(_ fields: [LineFields.Field], _ batch: RowBatch) {
        let isSound =
            switch plan.dialect.layout {
            case .bars, .quoteBars: settleBar(fields, batch)
            case .trades: settleTrade(fields, batch)
            case .quotes: settleQuote(fields, batch)
            case .closes: settleCloses(fields, batch)
            case .depth: settleDepth(fields, batch)
            case .funding: settleFunding(fields, batch)
            case .standings: settleStanding(fields, batch)
            }
        guard isSound, settleTime(fields, batch) else { return }
        switch plan.dialect.layout {
        case .bars, .quoteBars:
            if plan.hasActions { _ = emitWithActions(batch) } else { addBar(batch) }
            noteNeeds(batch, values[1], values[4])
        case .closes:
            let count = plan.closeSymbols.count
            for index in 0..<count {
                let place = isReversed ? count - 1 - index : index
                // A symbol without a close on this date has no bar.
                if !values[RowPlan.Slot.closes + place].isNaN { addClose(batch, place) }
            }
        // Whatever can be wrong with a tick cannot be put right.
        case .trades, .quotes, .depth, .funding, .standings: return
        }
    }

    private mutating func settleBar(_ fields: [LineFields.Field], _ batch: RowBatch) -> Bool {
        var isSound = true
        let names = [CSVColumn.Role.open, .high, .low, .close]
        if !plan.allowsNonPositivePrices {
            for (slot, role) in names.enumerated() where !(values[slot] > 0) {
                isSound = refuse(
                    .priceNotPositive, column(role, fields), "\(role.rawValue) \(values[slot])",
                    batch)
            }
        }
        if values[4] < 0 {
            isSound = refuse(
                .negativeQuantity, column(.volume, fields), "volume \(values[4])", batch)
        }
        if plan.hasActions {
            let ratio = values[RowPlan.Slot.split]
            if ratio != 0, SplitRatio.fraction(ratio) == nil {
                isSound = refuse(.badSplit, column(.split, fields), "ratio \(ratio)", batch)
            }
        }
        return settleRange(fields, batch) && isSound
    }

    /// High and low must hold open and close.
    private mutating func settleRange(_ fields: [LineFields.Field], _ batch: RowBatch) -> Bool {
        let open = values[0], high = values[1], low = values[2], close = values[3]
        let widest = max(open, close, high, low), lowest = min(open, close, low, high)
        if high >= low, high == widest, low == lowest { return true }
        let kind: ProblemKind = high < low ? .highBelowLow : .outsideRange
        let role: CSVColumn.Role = high < widest ? .high : .low
        let what =
            high < low
            ? "high \(high) is below low \(low)"
            : "open \(open) and close \(close) are not within low \(low) and high \(high)"
        guard policy == .repair else { return refuse(kind, column(role, fields), what, batch) }
        values[1] = widest
        values[2] = lowest
        batch.problems.record(
            kind, .repaired, line: line, column: column(role, fields),
            what + "; now low \(lowest), high \(widest)")
        return true
    }

    private func settleTrade(_ fields: [LineFields.Field], _ batch: RowBatch) -> Bool {
        var isSound = true
        if !(values[0] > 0), !plan.allowsNonPositivePrices {
            isSound = refuse(
                .priceNotPositive, column(.price, fields), "price \(values[0])", batch)
        }
        if !(values[1] > 0) {
            isSound = refuse(
                .quantityNotPositive, column(.quantity, fields), "quantity \(values[1])", batch)
        }
        return isSound
    }

    private func settleQuote(_ fields: [LineFields.Field], _ batch: RowBatch) -> Bool {
        var isSound = true
        for (slot, role) in [(RowPlan.Slot.bid, CSVColumn.Role.bid), (RowPlan.Slot.ask, .ask)]
        where !(values[slot] > 0) && !plan.allowsNonPositivePrices {
            isSound = refuse(
                .priceNotPositive, column(role, fields), "\(role.rawValue) \(values[slot])", batch)
        }
        for (slot, role) in [
            (RowPlan.Slot.bidQuantity, CSVColumn.Role.bidQuantity),
            (RowPlan.Slot.askQuantity, .askQuantity),
        ] where values[slot] < 0 {
            isSound = refuse(
                .negativeQuantity, column(role, fields), "\(values[slot])", batch)
        }
        return isSound
    }

    private func settleDepth(_ fields: [LineFields.Field], _ batch: RowBatch) -> Bool {
        var isSound = true
        if !(values[RowPlan.Slot.price] > 0), !plan.allowsNonPositivePrices {
            isSound = refuse(
                .priceNotPositive, column(.price, fields), "price \(values[RowPlan.Slot.price])",
                batch)
        }
        if values[RowPlan.Slot.quantity] < 0 {
            isSound = refuse(
                .negativeQuantity, column(.quantity, fields), "\(values[RowPlan.Slot.quantity])",
                batch)
        }
        if side == 0 {
            isSound = refuse(
                .unreadableSide, column(.side, fields), "a level is a bid or an ask", batch)
        }
        let level = values[RowPlan.Slot.level]
        if UInt32(exactly: level) == nil {
            isSound = refuse(.unreadableNumber, column(.level, fields), "level \(level)", batch)
        }
        return isSound
    }

    private func settleFunding(_ fields: [LineFields.Field], _ batch: RowBatch) -> Bool {
        var isSound = true
        let rate = values[RowPlan.Slot.fundingRate]
        if rate.magnitude > 1 {
            isSound = refuse(
                .unreadableNumber, column(.fundingRate, fields),
                "a rate of \(rate); 0.0001 is a hundredth of a per cent", batch)
        }
        if values[RowPlan.Slot.markPrice] < 0 {
            isSound = refuse(
                .priceNotPositive, column(.markPrice, fields),
                "price \(values[RowPlan.Slot.markPrice])", batch)
        }
        return isSound
    }

    private func settleCloses(_ fields: [LineFields.Field], _ batch: RowBatch) -> Bool {
        var isSound = true
        for (index, name) in plan.closeSymbols.enumerated() {
            let close = values[RowPlan.Slot.closes + index]
            if close.isNaN || close > 0 || plan.allowsNonPositivePrices { continue }
            let place = plan.steps.firstIndex { Int($0.slot) == RowPlan.Slot.closes + index } ?? 0
            isSound = refuse(
                .priceNotPositive, fields[place].column, "\(name) \(close)", batch)
        }
        return isSound
    }

    private mutating func settleTime(_ fields: [LineFields.Field], _ batch: RowBatch) -> Bool {
        let column = column(.time, fields)
        switch clock.read(timeValue, isAbsolute: isAbsolute) {
        case .closes: return true
        case .outOfRange:
            return refuse(.unreadableTime, column, "outside the years 1678 to 2261", batch)
        case .noSession:
            let date = clock.date(of: timeValue, isAbsolute)
            guard policy == .repair, clock.readWithRegularHours(timeValue, isAbsolute: isAbsolute)
            else {
                return refuse(.noSession, column, "the market was shut on \(date)", batch)
            }
            batch.problems.record(
                .noSession, .repaired, line: line, column: column,
                "the calendar has no session on \(date); it got the regular hours")
            return true
        }
    }

    func column(_ role: CSVColumn.Role, _ fields: [LineFields.Field]) -> Int {
        guard let index = plan.dialect.index(of: role), index < fields.count else { return 0 }
        return fields[index].column
    }
}
