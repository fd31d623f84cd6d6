import CTapedeck
import Market

/// What orders do in a trial. Simple on purpose: it only has to be the same every time, to move a
/// strategy's position and to tell it everything that can be told. What orders are worth is the
/// kernel's business.
struct TrialMarket {
    private struct Working {
        var number: UInt64
        var order: td_order
        /// Signed, with targets and strengths worked out.
        var quantity: Double
        var isHeld: Bool
    }
    private struct Exits {
        var loss = 0.0
        var profit = 0.0
        var tag: UInt64 = 0
    }

    /// Orders that rest at once; more are refused.
    static let mostOrders = 256

    private(set) var positions: [Double]
    private var averages: [Double]
    private var exits: [Exits]
    private(set) var last: [Double]
    private var cash = 1_000_000.0
    private var realised = 0.0
    private var working: [Working] = []
    private var timers: [(id: UInt64, due: Int64)] = []
    private var lastNumber: UInt64 = 0
    /// What the strategy has still to be told, oldest first.
    var updates: [Event] = []

    init(instruments: Int) {
        positions = Array(repeating: 0, count: instruments)
        averages = positions
        last = positions
        exits = Array(repeating: Exits(), count: instruments)
    }

    private var equity: Double {
        var sum = cash
        for index in positions.indices { sum += positions[index] * last[index] }
        return sum
    }

    func position(_ instrument: UInt16) -> td_position {
        let index = Int(instrument)
        var answer = td_position()
        answer.struct_size = UInt32(MemoryLayout<td_position>.size)
        answer.instrument = UInt32(instrument)
        answer.quantity = positions[index]
        answer.average_price = averages[index]
        answer.mark = last[index]
        answer.realised = realised
        answer.unrealised = positions[index] * (last[index] - averages[index])
        answer.in_flight = inFlight(instrument)
        return answer
    }

    func account() -> td_account {
        var answer = td_account()
        answer.struct_size = UInt32(MemoryLayout<td_account>.size)
        // The bytes of the array of characters that `currency` is.
        unsafe withUnsafeMutableBytes(of: &answer.currency) {
            unsafe $0.copyBytes(from: "USD".utf8)
        }
        answer.cash = cash
        answer.equity = equity
        answer.buying_power = max(0, equity * 2)
        answer.peak_equity = max(1_000_000, equity)
        answer.realised = realised
        return answer
    }

    /// Signed quantity of orders that need no price to be reached.
    private func inFlight(_ instrument: UInt16) -> Double {
        working.filter {
            $0.order.instrument == instrument && !$0.isHeld && Self.isUnconditional($0.order.type)
        }
        .reduce(0) { $0 + $1.quantity }
    }

    private static func isUnconditional(_ type: UInt8) -> Bool {
        switch Int(type) {
        case Int(TD_ORDER_MARKET), Int(TD_ORDER_ON_OPEN), Int(TD_ORDER_ON_CLOSE),
            Int(TD_ORDER_TARGET),
            Int(TD_ORDER_TARGET_PERCENT):
            true
        default: false
        }
    }

    mutating func submit(_ order: td_order, at event: Event) -> (status: td_status, number: UInt64)
    {
        lastNumber += 1
        let quantity = signedQuantity(order)
        if let reason = refusal(order, quantity, event) {
            tell(TD_STATE_REJECTED, reason, order, lastNumber, at: event)
            return (td_status(TD_E_REJECTED), lastNumber)
        }
        let isHeld = order.parent != 0 && working.contains { $0.number == order.parent }
        working.append(
            Working(number: lastNumber, order: order, quantity: quantity, isHeld: isHeld))
        tell(
            isHeld ? TD_STATE_HELD : TD_STATE_ACCEPTED, TD_REASON_NONE, order, lastNumber, at: event
        )
        return (td_status(TD_OK), lastNumber)
    }

    mutating func replace(_ number: UInt64, with order: td_order, at event: Event) -> td_status {
        guard let place = working.firstIndex(where: { $0.number == number }) else {
            return td_status(TD_E_STALE)
        }
        var next = working[place].order
        next.quantity = order.quantity
        next.limit = order.limit
        next.stop = order.stop
        next.trail = order.trail
        next.expires = order.expires
        let quantity = signedQuantity(next)
        guard refusal(next, quantity, event) == nil else { return td_status(TD_E_REJECTED) }
        working[place].order = next
        working[place].quantity = quantity
        tell(TD_STATE_REPLACED, TD_REASON_NONE, next, number, at: event)
        return td_status(TD_OK)
    }

    mutating func cancel(_ number: UInt64, at event: Event) -> td_status {
        guard let place = working.firstIndex(where: { $0.number == number }) else {
            return td_status(TD_E_STALE)
        }
        let gone = working.remove(at: place)
        tell(TD_STATE_CANCELLED, TD_REASON_BY_AUTHOR, gone.order, number, at: event)
        return td_status(TD_OK)
    }

    mutating func setTimer(_ id: UInt64, _ time: Int64) {
        timers.removeAll { $0.id == id }
        if time > 0 { timers.append((id, time)) }
    }

    private func signedQuantity(_ order: td_order) -> Double {
        guard Int(order.instrument) < positions.count else { return order.quantity }
        let held = positions[Int(order.instrument)] + inFlight(order.instrument)
        let price = last[Int(order.instrument)]
        if order.flags & UInt32(TD_ORDER_SIZED) != 0 {
            return price > 0 ? (order.quantity * equity * 0.2 / price).rounded(.towardZero) : 0
        }
        switch Int(order.type) {
        case Int(TD_ORDER_TARGET): return order.quantity - held
        case Int(TD_ORDER_TARGET_PERCENT):
            return price > 0 ? (order.quantity * equity / price).rounded(.towardZero) - held : 0
        default: return order.quantity
        }
    }

    private func refusal(_ order: td_order, _ quantity: Double, _ event: Event) -> Int? {
        if !quantity.isFinite || !order.limit.isFinite || !order.stop.isFinite {
            return Int(TD_REASON_NOT_FINITE)
        }
        if Int(order.instrument) >= positions.count { return Int(TD_REASON_UNKNOWN_INSTRUMENT) }
        if event.flags & UInt8(TD_FLAG_WARM_UP) != 0 { return Int(TD_REASON_WARM_UP) }
        if order.type < 1 || order.type > 9 { return Int(TD_REASON_BAD_TYPE) }
        if quantity == 0 { return Int(TD_REASON_ROUNDS_TO_ZERO) }
        if last[Int(order.instrument)] <= 0 { return Int(TD_REASON_NO_PRICE) }
        if quantity.magnitude > 1e9 { return Int(TD_REASON_BUYING_POWER) }
        if order.flags & UInt32(TD_ORDER_REDUCE_ONLY) != 0,
            positions[Int(order.instrument)] * quantity >= 0
        {
            return Int(TD_REASON_NOT_REDUCING)
        }
        return working.count >= Self.mostOrders ? Int(TD_REASON_ORDER_LIMIT) : nil
    }

    private mutating func tell(
        _ state: Int, _ reason: Int, _ order: td_order, _ number: UInt64, at event: Event
    ) {
        var update = Self.privateEvent(TD_EVENT_ORDER, order.instrument, event)
        update.order = td_order_update(
            order: number, tag: order.tag,
            filled: state == TD_STATE_FILLED ? order.quantity.magnitude : 0,
            remaining: state == TD_STATE_FILLED ? 0 : order.quantity.magnitude,
            state: UInt16(state),
            reason: UInt16(reason), reserved: 0)
        updates.append(update)
    }

    private static func privateEvent(_ type: Int, _ instrument: UInt16, _ event: Event) -> Event {
        var made = Event()
        made.type = UInt8(type)
        made.flags = UInt8(TD_FLAG_PRIVATE) | (event.flags & UInt8(TD_FLAG_WARM_UP))
        made.instrument = instrument
        made.sequence = event.sequence
        made.time = event.time
        return made
    }

    /// Marks the last price; nothing else.
    mutating func mark(_ event: Event) {
        guard let price = Self.prices(event), Int(event.instrument) < last.count else { return }
        last[Int(event.instrument)] = price.close
    }

    /// Whether an event does more than mark: fills something, is due, changes a position.
    func touches(_ event: Event) -> Bool {
        if event.type == TD_EVENT_SPLIT { return true }
        if !timers.isEmpty, timers.contains(where: { $0.due <= event.time }) { return true }
        guard let prices = Self.prices(event) else { return false }
        return working.contains { fillPrice($0, event.instrument, prices) != nil }
            || exitPrice(event.instrument, prices) != nil
    }

    private static func prices(
        _ event: Event
    ) -> (open: Double, high: Double, low: Double, close: Double)? {
        switch Int(event.type) {
        case Int(TD_EVENT_BAR): (event.bar.open, event.bar.high, event.bar.low, event.bar.close)
        case Int(TD_EVENT_TRADE):
            (event.trade.price, event.trade.price, event.trade.price, event.trade.price)
        case Int(TD_EVENT_QUOTE):
            { middle in (middle, middle, middle, middle) }((event.quote.bid + event.quote.ask) / 2)
        default: nil
        }
    }

    private func fillPrice(
        _ item: Working, _ instrument: UInt16,
        _ p: (open: Double, high: Double, low: Double, close: Double)
    ) -> Double? {
        guard item.order.instrument == instrument, !item.isHeld else { return nil }
        let buys = item.quantity > 0
        switch Int(item.order.type) {
        case Int(TD_ORDER_LIMIT):
            if buys { return p.low <= item.order.limit ? min(p.open, item.order.limit) : nil }
            return p.high >= item.order.limit ? max(p.open, item.order.limit) : nil
        case Int(TD_ORDER_STOP), Int(TD_ORDER_STOP_LIMIT):
            if buys { return p.high >= item.order.stop ? max(p.open, item.order.stop) : nil }
            return p.low <= item.order.stop ? min(p.open, item.order.stop) : nil
        case Int(TD_ORDER_TRAILING_STOP):
            return (p.close / p.open - 1).magnitude > 0.01 ? p.close : nil
        default: return p.open
        }
    }

    private func exitPrice(
        _ instrument: UInt16, _ p: (open: Double, high: Double, low: Double, close: Double)
    ) -> Double? {
        let index = Int(instrument)
        guard index < positions.count, positions[index] != 0 else { return nil }
        let isLong = positions[index] > 0
        let (loss, profit) = (exits[index].loss, exits[index].profit)
        if loss > 0, isLong ? p.low <= loss : p.high >= loss { return loss }
        if profit > 0, isLong ? p.high >= profit : p.low <= profit { return profit }
        return nil
    }

    /// Fills what an event fills, and notes what is to be told of it before the event itself.
    mutating func advance(_ event: Event) {
        for timer in timers.filter({ $0.due <= event.time }).sorted(by: {
            ($0.due, $0.id) < ($1.due, $1.id)
        }) {
            timers.removeAll { $0.id == timer.id }
            var made = Self.privateEvent(TD_EVENT_TIMER, 0, event)
            made.timer = td_timer(id: timer.id, due: timer.due, reserved: (0, 0, 0))
            updates.append(made)
        }
        if event.type == TD_EVENT_SPLIT, Int(event.instrument) < positions.count {
            positions[Int(event.instrument)] *= event.split.ratio
            averages[Int(event.instrument)] /= event.split.ratio
        }
        guard let prices = Self.prices(event), Int(event.instrument) < last.count else { return }
        // One after the other, by number: what one fill frees or cancels counts for the next.
        for number in working.map(\.number) {
            guard let place = working.firstIndex(where: { $0.number == number }),
                let price = fillPrice(working[place], event.instrument, prices)
            else { continue }
            let item = working.remove(at: place)
            fill(item, price, event)
        }
        if let price = exitPrice(event.instrument, prices) {
            lastNumber += 1
            var order = td_order()
            order.instrument = event.instrument
            order.tag = exits[Int(event.instrument)].tag
            order.quantity = -positions[Int(event.instrument)]
            exits[Int(event.instrument)] = Exits()
            fill(
                Working(number: lastNumber, order: order, quantity: order.quantity, isHeld: false),
                price, event)
        }
        mark(event)
    }

    private mutating func fill(_ item: Working, _ price: Double, _ event: Event) {
        let index = Int(event.instrument)
        let before = positions[index]
        if before * item.quantity >= 0 {
            averages[index] =
                (averages[index] * before + price * item.quantity) / (before + item.quantity)
        } else {
            realised += (price - averages[index]) * -item.quantity
            if (before + item.quantity) * before < 0 { averages[index] = price }
        }
        positions[index] += item.quantity
        if positions[index] == 0 { averages[index] = 0 }
        cash -= price * item.quantity
        if item.order.stop_loss > 0 || item.order.take_profit > 0 {
            exits[index] = Exits(
                loss: item.order.stop_loss, profit: item.order.take_profit, tag: item.order.tag)
        }
        var update = Self.privateEvent(TD_EVENT_FILL, event.instrument, event)
        update.fill = td_fill(
            order: item.number, tag: item.order.tag, price: price, quantity: item.quantity, fee: 0)
        updates.append(update)
        tell(TD_STATE_FILLED, TD_REASON_NONE, item.order, item.number, at: event)
        for place in working.indices where working[place].order.parent == item.number {
            working[place].isHeld = false
        }
        guard item.order.oco != 0 else { return }
        for sibling in working where sibling.order.oco == item.order.oco {
            tell(
                TD_STATE_CANCELLED, TD_REASON_SIBLING_FILLED, sibling.order, sibling.number,
                at: event)
        }
        working.removeAll { $0.order.oco == item.order.oco }
    }
}
