import CTapedeck
import Market

/// From one row's numbers to events.
extension RowReader {
    /// Checks the row and adds its events; false when something about it needs the long way.
    @inline(__always)
    mutating func emit(_ batch: RowBatch) -> Bool {
        switch layout {
        case .bars: emitBar(batch)
        case .trades: emitTrade(batch)
        case .quotes: emitQuote(batch)
        case .quoteBars: emitQuoteBar(batch)
        case .closes: emitCloses(batch)
        case .depth: emitDepth(batch)
        case .funding: emitFunding(batch)
        case .standings: emitStanding(batch)
        }
    }

    @inline(__always)
    private mutating func emitBar(_ batch: RowBatch) -> Bool {
        let open = values[0], high = values[1], low = values[2]
        let close = values[3], volume = values[4]
        guard high >= open, high >= close, low <= open, low <= close, volume >= 0,
            low > 0 || allowsNonPositivePrices
        else { return false }
        if let plainFrame, !hasActions, timeValue.magnitude < UInt64(Int64.max / 2) {
            clock.setPlain(closes: timeValue &+ plainFrame)
            addPlainBar(batch)
            noteNeeds(batch, high, volume)
            return true
        }
        guard case .closes = clock.read(timeValue, isAbsolute: isAbsolute) else { return false }
        if hasActions, hasAction {
            guard emitWithActions(batch) else { return false }
        } else {
            addBar(batch)
        }
        noteNeeds(batch, high, volume)
        return true
    }

    /// Adds a bar about which the calendar has nothing to say.
    @inline(__always)
    private mutating func addPlainBar(_ batch: RowBatch) {
        let event = unsafe add(batch, EventCode.bar, frameSeconds, clock.closes)
        let volume = values[4]
        unsafe event.pointee.bar = Bar(
            open: values[0], high: values[1], low: values[2], close: values[3], volume: volume)
        if volume == 0, hasVolume { note(.zeroVolume, batch, "nothing was traded") }
    }

    /// Adds the bar of the values; `clock` has its close.
    mutating func addBar(_ batch: RowBatch) {
        let event = unsafe add(batch, EventCode.bar, frameSeconds, clock.closes)
        unsafe event.pointee.bar = Bar(
            open: values[0], high: values[1], low: values[2], close: values[3], volume: values[4])
        if clock.isShort { unsafe event.pointee.flags |= EventFlags.shortBar.rawValue }
        if clock.isOutsideSession { note(.outsideSession, batch, "the market is shut then") }
        if values[4] == 0, hasVolume { note(.zeroVolume, batch, "nothing was traded") }
    }

    private var hasAction: Bool {
        values[RowPlan.Slot.dividend] != 0
            || (values[RowPlan.Slot.split] != 0 && values[RowPlan.Slot.split] != 1)
    }

    /// A split and a dividend of one date: the split first, so the amount is per new share.
    mutating func emitWithActions(_ batch: RowBatch) -> Bool {
        let ratio = values[RowPlan.Slot.split]
        let amount = values[RowPlan.Slot.dividend]
        var split: Event?
        var dividend: Event?
        let time = Timestamp(nanoseconds: clock.actions)
        if ratio != 0, ratio != 1 {
            guard let (numerator, denominator) = SplitRatio.fraction(ratio) else { return false }
            split = .split(
                UInt16(symbol), at: time, numerator: numerator, denominator: denominator)
        }
        if amount != 0 { dividend = .dividend(UInt16(symbol), at: time, amount: amount) }
        // A batch of a file whose newest row is the first is turned round later.
        if isReversed {
            addBar(batch)
            add(batch, dividend)
            add(batch, split)
        } else {
            add(batch, split)
            add(batch, dividend)
            addBar(batch)
        }
        return true
    }

    private func add(_ batch: RowBatch, _ event: Event?) {
        guard var event else { return }
        event.flags |= plan.flags.rawValue
        batch.reserve(1)
        unsafe batch.events[batch.count] = event
        unsafe batch.lines[batch.count] = UInt32(truncatingIfNeeded: line)
        batch.count += 1
    }

    @inline(__always)
    private mutating func emitTrade(_ batch: RowBatch) -> Bool {
        let price = values[0], quantity = values[1]
        guard price > 0 || allowsNonPositivePrices, quantity > 0 else { return false }
        let event = unsafe add(
            batch, EventCode.trade, 0, clock.instant(timeValue, isAbsolute: isAbsolute))
        unsafe event.pointee.trade = Trade(
            price: price, quantity: quantity, id: id, side: side, conditions: 0, reserved: 0)
        noteNeeds(batch, price, quantity)
        return true
    }

    @inline(__always)
    private mutating func emitQuote(_ batch: RowBatch) -> Bool {
        let bid = values[0], ask = values[2]
        let bidQuantity = values[1], askQuantity = values[3]
        guard allowsNonPositivePrices || (bid > 0 && ask > 0), bidQuantity >= 0, askQuantity >= 0
        else { return false }
        let event = unsafe add(
            batch, EventCode.quote, 0, clock.instant(timeValue, isAbsolute: isAbsolute))
        unsafe event.pointee.quote = Quote(
            bid: bid, bid_quantity: bidQuantity, ask: ask, ask_quantity: askQuantity, reserved: 0)
        if bid > ask { note(.crossedQuote, batch, "bid \(bid) is above ask \(ask)") }
        noteNeeds(batch, max(bid, ask), max(bidQuantity, askQuantity))
        return true
    }

    private mutating func emitDepth(_ batch: RowBatch) -> Bool {
        let price = values[RowPlan.Slot.price], quantity = values[RowPlan.Slot.quantity]
        guard price > 0 || allowsNonPositivePrices, quantity >= 0, side != 0,
            let level = UInt32(exactly: values[RowPlan.Slot.level])
        else { return false }
        let event = unsafe add(
            batch, EventCode.depth, 0, clock.instant(timeValue, isAbsolute: isAbsolute))
        unsafe event.pointee.depth = DepthLevel(
            price: price, quantity: quantity, side: side, level: level, reserved: (0, 0))
        noteNeeds(batch, price, quantity)
        return true
    }

    private mutating func emitFunding(_ batch: RowBatch) -> Bool {
        let rate = values[RowPlan.Slot.fundingRate], mark = values[RowPlan.Slot.markPrice]
        guard rate.magnitude <= 1, mark >= 0 else { return false }
        let event = unsafe add(
            batch, EventCode.funding, 0, clock.instant(timeValue, isAbsolute: isAbsolute))
        unsafe event.pointee.funding = td_funding(rate: rate, price: mark, reserved: (0, 0, 0))
        return true
    }

    /// The middle of two bars: each price the exact mean of its bid and ask, one decimal more.
    private mutating func emitQuoteBar(_ batch: RowBatch) -> Bool {
        // Of these rows `priceDecimals` is always what the row's own prices need.
        let isExact = priceDecimals < 15
        let scale = PowerOfTen.double(min(priceDecimals, 15))
        var isHalf = false
        for index in 0..<4 {
            let bid = values[RowPlan.Slot.bidBar + index]
            let ask = values[RowPlan.Slot.askBar + index]
            let sum = (bid * scale).rounded() + (ask * scale).rounded()
            isHalf = isHalf || sum.truncatingRemainder(dividingBy: 2) != 0
            values[index] = isExact ? sum * 5 / (scale * 10) : (bid + ask) / 2
        }
        values[4] = 0
        if isHalf { priceDecimals += 1 }
        return emitBar(batch)
    }

    private mutating func emitCloses(_ batch: RowBatch) -> Bool {
        let count = plan.closeSymbols.count
        for index in 0..<count {
            let close = values[RowPlan.Slot.closes + index]
            guard close > 0 || allowsNonPositivePrices else { return false }
        }
        guard case .closes = clock.read(timeValue, isAbsolute: isAbsolute) else { return false }
        for index in 0..<count { addClose(batch, isReversed ? count - 1 - index : index) }
        return true
    }

    /// One bar of a table of closes.
    mutating func addClose(_ batch: RowBatch, _ index: Int) {
        let close = values[RowPlan.Slot.closes + index]
        symbol = index
        for slot in 0..<4 { values[slot] = close }
        values[4] = 0
        addBar(batch)
        noteNeeds(batch, close, 0)
    }

    /// Room for one event with all but its payload.
    @inline(__always)
    func add(
        _ batch: RowBatch, _ type: UInt8, _ frame: UInt32, _ time: Int64
    ) -> UnsafeMutablePointer<Event> {
        batch.reserve(1)
        let event = unsafe batch.events + batch.count
        let head = UInt64(type) | flagBits | UInt64(symbol) << 16 | UInt64(frame) << 32
        let raw = UnsafeMutableRawPointer(event)
        unsafe raw.storeBytes(of: head, as: UInt64.self)
        unsafe raw.storeBytes(of: 0, toByteOffset: 8, as: UInt64.self)
        unsafe raw.storeBytes(of: time, toByteOffset: 16, as: Int64.self)
        unsafe batch.lines[batch.count] = UInt32(truncatingIfNeeded: line)
        batch.count &+= 1
        return unsafe event
    }

    @inline(__always)
    mutating func noteNeeds(_ batch: RowBatch, _ price: Double, _ quantity: Double) {
        let needs = unsafe batch.needs + symbol
        if unsafe price > needs.pointee.largestPrice { unsafe needs.pointee.largestPrice = price }
        if unsafe quantity > needs.pointee.largestQuantity {
            unsafe needs.pointee.largestQuantity = quantity
        }
        if priceDecimals > knownPriceDecimals || quantityDecimals > knownQuantityDecimals {
            noteDecimals(batch)
        }
    }

    private mutating func noteDecimals(_ batch: RowBatch) {
        let needs = unsafe batch.needs + symbol
        let price = unsafe max(needs.pointee.priceDecimals, priceDecimals)
        let quantity = unsafe max(needs.pointee.quantityDecimals, quantityDecimals)
        if unsafe price == needs.pointee.priceDecimals && quantity == needs.pointee.quantityDecimals
        {
            return
        }
        unsafe needs.pointee.priceDecimals = price
        unsafe needs.pointee.quantityDecimals = quantity
        if plan.dialect.layout == .quoteBars { return }
        knownPriceDecimals = .max
        knownQuantityDecimals = .max
        for index in batch.symbols.indices {
            unsafe knownPriceDecimals = min(knownPriceDecimals, batch.needs[index].priceDecimals)
            unsafe knownQuantityDecimals = min(
                knownQuantityDecimals, batch.needs[index].quantityDecimals)
        }
    }

    func note(_ kind: ProblemKind, _ batch: RowBatch, _ message: @autoclosure () -> String) {
        batch.problems.record(kind, .noted, line: line, column: 0, message())
    }
}

/// A split's ratio as a fraction of whole numbers.
enum SplitRatio {
    /// The fraction with the smallest denominator up to 10,000 whose decimal this is; nil for none.
    static func fraction(_ ratio: Double) -> (numerator: Int64, denominator: Int64)? {
        guard ratio > 0, ratio.isFinite, ratio < 1e9 else { return nil }
        for denominator in 1...10_000 {
            let numerator = (ratio * Double(denominator)).rounded()
            // Files print ratios with as few as four digits: 0.3333 is a third.
            if numerator >= 1, abs(numerator / Double(denominator) / ratio - 1) < 5e-5 {
                return (Int64(numerator), Int64(denominator))
            }
        }
        return nil
    }
}
