/// Follows the crossing of two simple moving averages of the close.
///
/// Enters long when the fast average crosses above the slow one while flat, and closes when it
/// crosses below. With `reverse` it is always on one side once it has entered. `signal: state` does
/// not wait for a crossing: it is long whenever the fast average is above.
struct SMACross: Strategy, ~Copyable {
    static var about: About {
        About(
            id: "org.tapedeck.sma-cross", name: "SMA crossover", version: "1.0.0",
            vendor: "Tapedeck",
            license: "MIT",
            description: "Follows the crossing of a fast and a slow moving average.",
            instruments: 1...4096,
            // A crossing is seen in two values, a state in one.
            warmUp: .choice(
                "signal",
                [
                    ("cross", .parameter("slow")),
                    ("state", .sum([.parameter("slow")], plus: -1)),
                ]),
            stateVersion: 1)
    }

    enum Signal: String, CaseIterable { case cross, state }

    struct Lane: ~Copyable {
        var averages: SMAPair
        var crossing = Crossing()
        var regime: RegimeFilter
    }

    let signal: Signal
    let reverse: Bool
    let singleOrder: Bool
    var terms: EntryTerms
    var lanes: PerInstrument<Lane>

    init(_ setup: Setup) throws(Refusal) {
        let fast = setup.integer(
            1, "fast", 10, in: 1...10_000, unit: "bars", "Length of the fast average.")
        let slow = setup.integer(
            2, "slow", 30, in: 2...20_000, unit: "bars", "Length of the slow average; above `fast`."
        )
        signal = setup.choice(
            3, "signal", .cross,
            "Act on the bar of a crossing (cross), or be long whenever the fast average is above (state)."
        )
        reverse = setup.flag(
            4, "reverse", false,
            "Also sell short: each crossing closes one side and enters the other.")
        singleOrder = setup.flag(
            5, "single_order", false,
            "Reverse with one order through zero instead of a close and an entry; needs `quantity`, "
                + "and sends no protective exits.")
        terms = EntryTerms(setup, firstID: 10)
        let rule = RegimeRule(setup, firstID: 20)
        if fast >= slow { throw Refusal("fast (\(fast)) must be below slow (\(slow))") }
        if singleOrder, terms.quantity == 0 {
            throw Refusal("single_order needs a quantity above 0")
        }
        lanes = PerInstrument(setup) {
            Lane(averages: SMAPair(fast: fast, slow: slow, setup), regime: RegimeFilter(rule))
        }
    }

    @inline(__always)
    mutating func onBar(_ bar: Bar, _ context: Context) {
        let direction = lanes[context].update(bar, signal)
        if direction == 0 || context.isWarmUp { return }
        let quantity = context.quantity
        // On the side already, or flat with nothing to close: nothing to do.
        if direction > 0 ? quantity > 0 : (reverse ? quantity < 0 : quantity <= 0) { return }
        // What was asked for is still being filled.
        if context.inFlight != 0 { return }
        turn(direction, from: quantity, at: bar.close, context)
    }

    @inline(never)
    private func turn(
        _ direction: Double, from quantity: Double, at price: Double, _ context: Context
    ) {
        let enters = (direction > 0 || reverse) && lanes[context].regime.allowsEntry
        if singleOrder {
            context.target(enters ? direction * terms.quantity : 0)
            return
        }
        if quantity != 0 { context.close() }
        if enters { terms.enter(direction, at: price, context) }
    }

    mutating func onSplit(_ split: Split, _ context: Context) {
        lanes[context].averages.restate(for: split)
        lanes[context].crossing.restate(for: split)
        lanes[context].regime.restate(for: split)
    }

    mutating func parameterChanged(_ change: ParameterChange) throws(Refusal) {
        _ = terms.take(change)
    }

    func save(_ writer: inout StateWriter) {
        for place in 0..<lanes.count {
            lanes[place: place].averages.save(&writer)
            lanes[place: place].crossing.save(&writer)
            lanes[place: place].regime.save(&writer)
        }
    }

    mutating func load(_ reader: inout StateReader) throws(Refusal) {
        for place in 0..<lanes.count {
            try lanes[place: place].averages.load(&reader)
            try lanes[place: place].crossing.load(&reader)
            try lanes[place: place].regime.load(&reader)
        }
    }
}

extension SMACross.Lane {
    /// +1 to be long, -1 to be out or short, 0 for no signal.
    @inline(__always)
    mutating func update(_ bar: Bar, _ signal: SMACross.Signal) -> Double {
        regime.update(bar)
        let lead = averages.update(bar.close)
        if signal == .state { return lead > 0 ? 1 : lead < 0 ? -1 : 0 }
        switch crossing.update(lead: lead) {
        case .over: return 1
        case .under: return -1
        case .none: return 0
        }
    }
}

typealias Plugin = SMACross
