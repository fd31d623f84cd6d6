/// Follows the MACD line's crossing of its signal line.
///
/// Enters long when the line crosses above its signal while flat, and closes when it crosses below.
/// With `reverse` each crossing closes one side and enters the other.
struct MACDCross: Strategy, ~Copyable {
    static var about: About {
        About(
            id: "org.tapedeck.macd", name: "MACD crossover", version: "1.0.0", vendor: "Tapedeck",
            license: "MIT",
            description: "Follows the crossing of the MACD line and its signal line.",
            instruments: 1...4096,
            warmUp: .sum([.parameter("slow"), .parameter("signal")], plus: -1),
            stateVersion: 1)
    }

    struct Lane: ~Copyable {
        var macd: MACD
        var crossing = Crossing()
        var regime: RegimeFilter
    }

    let reverse: Bool
    var terms: EntryTerms
    var lanes: PerInstrument<Lane>

    init(_ setup: Setup) throws(Refusal) {
        let fast = setup.integer(
            1, "fast", 12, in: 1...10_000, unit: "bars", "Length of the fast average.")
        let slow = setup.integer(
            2, "slow", 26, in: 2...20_000, unit: "bars", "Length of the slow average; above `fast`."
        )
        let signal = setup.integer(
            3, "signal", 9, in: 1...10_000, unit: "bars", "Length of the signal line's average.")
        reverse = setup.flag(
            4, "reverse", false,
            "Also sell short: each crossing closes one side and enters the other.")
        terms = EntryTerms(setup, firstID: 10)
        let rule = RegimeRule(setup, firstID: 20)
        if fast >= slow { throw Refusal("fast (\(fast)) must be below slow (\(slow))") }
        lanes = PerInstrument(setup) {
            Lane(macd: MACD(fast: fast, slow: slow, signal: signal), regime: RegimeFilter(rule))
        }
    }

    mutating func onBar(_ bar: Bar, _ context: Context) {
        let direction = lanes[context].update(bar)
        if direction == 0 || context.isWarmUp || context.inFlight != 0 { return }
        let quantity = context.quantity
        if quantity * direction > 0 { return }
        if quantity != 0 { context.close() }
        if (direction > 0 || reverse) && lanes[context].regime.allowsEntry {
            terms.enter(direction, at: bar.close, context)
        }
    }

    mutating func onSplit(_ split: Split, _ context: Context) {
        lanes[context].macd.restate(for: split)
        lanes[context].crossing.restate(for: split)
        lanes[context].regime.restate(for: split)
    }

    mutating func parameterChanged(_ change: ParameterChange) throws(Refusal) {
        _ = terms.take(change)
    }

    func save(_ writer: inout StateWriter) {
        for place in 0..<lanes.count {
            lanes[place: place].macd.save(&writer)
            lanes[place: place].crossing.save(&writer)
            lanes[place: place].regime.save(&writer)
        }
    }

    mutating func load(_ reader: inout StateReader) throws(Refusal) {
        for place in 0..<lanes.count {
            try lanes[place: place].macd.load(&reader)
            try lanes[place: place].crossing.load(&reader)
            try lanes[place: place].regime.load(&reader)
        }
    }
}

extension MACDCross.Lane {
    /// +1 when the line crossed above its signal, -1 when below, else 0.
    mutating func update(_ bar: Bar) -> Double {
        macd.update(bar.close)
        regime.update(bar)
        switch crossing.update(macd.value, macd.signal) {
        case .over: return 1
        case .under: return -1
        case .none: return 0
        }
    }
}

typealias Plugin = MACDCross
