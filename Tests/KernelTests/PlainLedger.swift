import Kernel
import Market

/// A round trip in plain numbers.
struct PlainTrip: Equatable {
    var side, quantity, entry, exit, gross, costs, worst, best: Int64
    var bars: UInt32

    init(
        side: Int64, quantity: Int64, entry: Int64, exit: Int64, gross: Int64, costs: Int64,
        worst: Int64,
        best: Int64, bars: UInt32
    ) {
        (self.side, self.quantity, self.entry, self.exit) = (side, quantity, entry, exit)
        (self.gross, self.costs, self.worst, self.best, self.bars) = (
            gross, costs, worst, best, bars
        )
    }

    init(_ trip: RoundTrip) {
        self.init(
            side: Int64(trip.side), quantity: trip.quantity.rawValue,
            entry: trip.entryPrice.rawValue,
            exit: trip.exitPrice.rawValue, gross: trip.gross.rawValue, costs: trip.costs.rawValue,
            worst: trip.worst.rawValue, best: trip.best.rawValue, bars: trip.bars)
    }
}

/// The books once more, in the most obvious way: exact fractions of cost, everything else
/// recomputed.
struct PlainLedger {
    struct Lot {
        var quantity: Int64
        var cost: ExactFraction
    }

    /// Money per price unit and quantity unit.
    let scale: (up: Int128, down: Int128)
    let isFuture: Bool
    let isFIFO: Bool
    let start: Int64
    private(set) var paid: Int64 = 0
    private(set) var realised: Int64 = 0
    private(set) var fees: Int64 = 0
    private(set) var income: Int64 = 0
    private(set) var quantity: Int64 = 0
    private(set) var peak: Int64
    private(set) var lowest: Int64
    /// The fall that was deepest in proportion.
    private(set) var deepest: (from: Int64, to: Int64)
    private(set) var trips: [PlainTrip] = []
    private var lots: [Lot] = []
    private var mark: (up: Int64, down: Int64) = (0, 1)
    private var trip = Trip(side: 0)

    private struct Trip {
        var side: Int64
        var entry = ExactFraction(0), entered = ExactFraction(0)
        var exit = ExactFraction(0), exited = ExactFraction(0)
        var largest: Int64 = 0
        var gross: Int64 = 0
        var costs: Int64 = 0
        var worst: Int64 = 0
        var best: Int64 = 0
        var bars: UInt32 = 0
    }

    init(_ instrument: Instrument, cash: Int64, isFIFO: Bool) {
        let shift =
            instrument.priceExponent + instrument.quantityExponent + instrument.currency.exponent
        scale = (
            Int128(instrument.multiplier) * PowerOfTen.wide(max(0, shift)),
            PowerOfTen.wide(max(0, -shift))
        )
        isFuture = instrument.kind == .future
        self.isFIFO = isFIFO
        start = cash
        peak = cash
        lowest = cash
        deepest = (cash, cash)
    }

    /// What was paid less what came back: the lots' cost in whole money.
    var outlay: Int64 { paid + realised }
    var worth: Int64 { money(quantity, mark.up, mark.down) }
    var unrealised: Int64 { worth - outlay }
    var cash: Int64 { start - fees + income + (isFuture ? realised : -paid) }
    var equity: Int64 { cash + (isFuture ? unrealised : worth) }

    func money(_ quantity: Int64, _ price: Int64, _ divisor: Int64 = 1) -> Int64 {
        Self.nearest(Int128(quantity) * Int128(price) * scale.up, scale.down * Int128(divisor))
    }

    /// A tie goes to the even neighbour; `down` is above zero.
    private static func nearest(_ up: Int128, _ down: Int128) -> Int64 {
        let floor = up / down - (up % down < 0 ? 1 : 0)
        let twice = (up - floor * down) * 2
        return Int64(twice > down || (twice == down && floor % 2 != 0) ? floor + 1 : floor)
    }

    /// All that was realised is what the open lots cost less what was paid for everything, rounded
    /// once.
    private mutating func refresh() {
        let cost = lots.reduce(ExactFraction(0)) { $0 + $1.cost }
        realised = (cost - ExactFraction(Int128(paid))).halfEven
        quantity = lots.reduce(0) { $0 + $1.quantity }
    }

    mutating func fill(_ traded: Int64, at price: Int64, fee: Int64) {
        touch(price)
        mark = (price, 1)
        let whole = money(traded, price)
        guard quantity != 0, (quantity < 0) != (traded < 0) else {
            open(traded, whole, price, fee)
            return
        }
        let closing = abs(traded) <= abs(quantity) ? traded : -quantity
        let closed = money(closing, price)
        let part = Self.nearest(Int128(fee) * Int128(abs(closing)), Int128(abs(traded)))
        close(closing, closed, price, part)
        if closing != traded { open(traded - closing, whole - closed, price, fee - part) }
    }

    private mutating func open(_ traded: Int64, _ money: Int64, _ price: Int64, _ fee: Int64) {
        if lots.isEmpty { trip = Trip(side: traded > 0 ? 1 : -1) }
        lots.append(Lot(quantity: traded, cost: ExactFraction(Int128(money))))
        if !isFIFO {
            lots = [
                Lot(
                    quantity: lots.reduce(0) { $0 + $1.quantity },
                    cost: lots.reduce(ExactFraction(0)) { $0 + $1.cost })
            ]
        }
        paid += money
        fees += fee
        refresh()
        trip.costs += fee
        trip.entered = trip.entered + ExactFraction(Int128(abs(traded)))
        trip.entry = trip.entry + ExactFraction(Int128(abs(traded)) * Int128(price))
        trip.largest = max(trip.largest, abs(quantity))
    }

    private mutating func close(_ traded: Int64, _ money: Int64, _ price: Int64, _ fee: Int64) {
        let before = realised
        take(-traded)
        paid += money
        fees += fee
        refresh()
        trip.costs += fee
        trip.gross += realised - before
        trip.exited = trip.exited + ExactFraction(Int128(abs(traded)))
        trip.exit = trip.exit + ExactFraction(Int128(abs(traded)) * Int128(price))
        if lots.isEmpty { finish() }
    }

    /// Takes a signed quantity off the oldest lots.
    private mutating func take(_ quantity: Int64) {
        var left = quantity
        while left != 0 {
            let lot = lots[0]
            if abs(lot.quantity) <= abs(left) {
                left -= lot.quantity
                lots.removeFirst()
            } else {
                lots[0].cost =
                    lot.cost * ExactFraction(Int128(lot.quantity - left), Int128(lot.quantity))
                lots[0].quantity = lot.quantity - left
                left = 0
            }
        }
    }

    private mutating func finish() {
        trips.append(
            PlainTrip(
                side: trip.side, quantity: trip.largest,
                entry: (trip.entry / trip.entered).halfEven,
                exit: (trip.exit / trip.exited).halfEven, gross: trip.gross, costs: trip.costs,
                worst: min(trip.worst, trip.gross), best: max(trip.best, trip.gross),
                bars: trip.bars))
    }

    /// A price that was reached while the position was open.
    private mutating func touch(_ price: Int64) {
        guard !lots.isEmpty else { return }
        let result = money(quantity, price) - outlay + trip.gross
        trip.best = max(trip.best, result)
        trip.worst = min(trip.worst, result)
    }

    mutating func bar(high: Int64, low: Int64, close: Int64) {
        touch(high)
        touch(low)
        if !lots.isEmpty { trip.bars += 1 }
        mark = (close, 1)
        look()
    }

    mutating func quote(_ middle: Int64) {
        touch(middle)
        mark = (middle, 1)
        look()
    }

    private mutating func look() {
        if equity > peak { (peak, lowest) = (equity, equity) }
        lowest = min(lowest, equity)
        let fall = Int128(peak) - Int128(equity)
        let worst = Int128(deepest.from) - Int128(deepest.to)
        if peak > 0, fall * Int128(deepest.from) > worst * Int128(peak) { deepest = (peak, equity) }
    }

    /// What makes no whole lot is paid at the mark after the split.
    mutating func split(_ numerator: Int64, _ denominator: Int64, lot: Int64) {
        mark = (mark.up * denominator, mark.down * numerator)
        guard !lots.isEmpty else { return }
        // In 1/denominator of a unit.
        for index in lots.indices { lots[index].quantity *= numerator }
        let fraction = quantity * numerator % (lot * denominator)
        let before = realised
        if fraction != 0 {
            paid -= money(fraction, mark.up, mark.down * denominator)
            take(fraction)
        }
        for index in lots.indices { lots[index].quantity /= denominator }
        refresh()
        let ratio = ExactFraction(Int128(numerator), Int128(denominator))
        let size = ExactFraction(Int128(abs(fraction)), Int128(denominator))
        trip.entered = trip.entered * ratio
        trip.exited = trip.exited * ratio + size
        trip.exit = trip.exit + size * ExactFraction(Int128(mark.up), Int128(mark.down))
        trip.largest = (ExactFraction(Int128(trip.largest)) * ratio).towardZero
        trip.gross += realised - before
        if lots.isEmpty { finish() }
    }

    mutating func earn(_ amount: Int64) {
        guard !lots.isEmpty else { return }
        income += amount
        trip.gross += amount
    }
}
