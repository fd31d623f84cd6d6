/// Trades breakouts from a price channel.
///
/// `entry: close` buys at the market after a close above the previous bars' highest high and closes
/// after a close below their lowest low (a shorter channel). `entry: stop` keeps a buy stop at the
/// highest high while flat, protected by a stop at the exit channel's low. `short` mirrors both.
struct DonchianBreakout: Strategy, ~Copyable {
    static var about: About {
        About(
            id: "org.tapedeck.donchian", name: "Donchian breakout", version: "1.0.0",
            vendor: "Tapedeck",
            license: "MIT",
            description:
                "Buys a breakout above a channel of highs, leaves below a channel of lows.",
            instruments: 1...4096,
            warmUp: .largest([.parameter("entry_length"), .parameter("exit_length")]),
            stateVersion: 1)
    }

    enum Entry: String, CaseIterable { case close, stop }

    struct Lane: ~Copyable {
        var entry: Donchian
        var exit: Donchian
        /// Both channels as they stood before the bar in hand; NaN until they were ready.
        var before = (
            upper: Double.nan, lower: Double.nan, exitUpper: Double.nan, exitLower: Double.nan
        )
        /// Numbers of the resting entry orders, 0 for none.
        var buyStop: UInt64 = 0
        var sellStop: UInt64 = 0
        var regime: RegimeFilter
    }

    let entry: Entry
    let short: Bool
    var terms: EntryTerms
    var lanes: PerInstrument<Lane>

    init(_ setup: Setup) throws(Refusal) {
        let length = setup.integer(
            1, "entry_length", 20, in: 1...100_000, unit: "bars", "Bars of the entry channel.")
        let exitLength = setup.integer(
            2, "exit_length", 10, in: 1...100_000, unit: "bars", "Bars of the exit channel.")
        entry = setup.choice(
            3, "entry", .close,
            "Enter at the market after a close beyond the channel (close), or by resting stop orders (stop)."
        )
        short = setup.flag(4, "short", false, "Also sell short below the channel.")
        terms = EntryTerms(setup, firstID: 10)
        let rule = RegimeRule(setup, firstID: 20)
        lanes = PerInstrument(setup) {
            Lane(
                entry: Donchian(length, setup), exit: Donchian(exitLength, setup),
                regime: RegimeFilter(rule))
        }
    }

    mutating func onBar(_ bar: Bar, _ context: Context) {
        lanes[context].update(bar)
        let before = lanes[context].before
        if before.upper.isNaN || before.exitLower.isNaN || context.isWarmUp { return }
        let quantity = context.quantity
        if quantity > 0 {
            if bar.close < before.exitLower { leave(context) }
        } else if quantity < 0 {
            if bar.close > before.exitUpper { leave(context) }
        } else if entry == .stop {
            rest(context)
        } else if context.inFlight == 0 && lanes[context].regime.allowsEntry {
            if bar.close > before.upper {
                terms.enter(1, at: bar.close, context)
            } else if short && bar.close < before.lower {
                terms.enter(-1, at: bar.close, context)
            }
        }
    }

    mutating func onOrder(_ update: OrderUpdate, _ context: Context) {
        guard update.isOver else { return }
        if lanes[context].buyStop == update.order { lanes[context].buyStop = 0 }
        if lanes[context].sellStop == update.order { lanes[context].sellStop = 0 }
    }

    /// Closes, and takes back a stop that would enter on the other side.
    private mutating func leave(_ context: Context) {
        withdraw(context)
        if context.inFlight == 0 { context.close() }
    }

    /// Keeps the entry stops at the channel's edges as they stand now.
    private mutating func rest(_ context: Context) {
        withdraw(context)
        guard lanes[context].regime.allowsEntry else { return }
        let (high, low) = (lanes[context].entry.upper, lanes[context].entry.lower)
        let (exitHigh, exitLow) = (lanes[context].exit.upper, lanes[context].exit.lower)
        lanes[context].buyStop = place(
            1, stop: high, protect: exitLow < high ? exitLow : 0, context)
        if short {
            lanes[context].sellStop = place(
                -1, stop: low, protect: exitHigh > low ? exitHigh : 0, context)
        }
    }

    private func place(
        _ direction: Double, stop: Double, protect: Double, _ context: Context
    ) -> UInt64 {
        var protection = Protection.fractions(
            of: stop, direction: direction, takeProfit: terms.takeProfit,
            trailingStop: terms.trailingStop)
        protection.stopLoss = protect
        let order = context.enter(
            direction, quantity: terms.quantity, stop: stop, protection: protection)
        return order.isAccepted ? order.number : 0
    }

    private mutating func withdraw(_ context: Context) {
        if lanes[context].buyStop != 0 { context.cancel(lanes[context].buyStop) }
        if lanes[context].sellStop != 0 { context.cancel(lanes[context].sellStop) }
        lanes[context].buyStop = 0
        lanes[context].sellStop = 0
    }

    mutating func onSplit(_ split: Split, _ context: Context) {
        lanes[context].entry.restate(for: split)
        lanes[context].exit.restate(for: split)
        lanes[context].regime.restate(for: split)
    }

    mutating func parameterChanged(_ change: ParameterChange) throws(Refusal) {
        _ = terms.take(change)
    }

    func save(_ writer: inout StateWriter) {
        for place in 0..<lanes.count { lanes[place: place].save(&writer) }
    }

    mutating func load(_ reader: inout StateReader) throws(Refusal) {
        for place in 0..<lanes.count { try lanes[place: place].load(&reader) }
    }
}

extension DonchianBreakout.Lane {
    mutating func update(_ bar: Bar) {
        before = (entry.upper, entry.lower, exit.upper, exit.lower)
        entry.update(bar)
        exit.update(bar)
        regime.update(bar)
    }

    func save(_ writer: inout StateWriter) {
        entry.save(&writer)
        exit.save(&writer)
        writer.write(buyStop)
        writer.write(sellStop)
        regime.save(&writer)
    }

    mutating func load(_ reader: inout StateReader) throws(Refusal) {
        try entry.load(&reader)
        try exit.load(&reader)
        buyStop = try reader.readBits()
        sellStop = try reader.readBits()
        try regime.load(&reader)
    }
}

typealias Plugin = DonchianBreakout
