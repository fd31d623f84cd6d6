/// In which kind of market a strategy may enter: four parameters that any strategy can offer,
/// declared in one line. Exits are never held back.
struct RegimeRule {
    enum Kind: String, CaseIterable { case off, trend, range }
    let kind: Kind
    let length: Int
    let threshold: Double
    let highestVolatility: Double

    var isOff: Bool { kind == .off && highestVolatility == 0 }

    /// Takes the parameter numbers `firstID` to `firstID + 3`.
    init(_ setup: Setup, firstID: Int) {
        kind = setup.choice(
            firstID, "regime", .off,
            "Enter in any market (off), only in a trend (ADX at or above regime_adx), or only in a range "
                + "(below it).")
        length = setup.integer(
            firstID + 1, "regime_length", 14, in: 2...10_000, unit: "bars",
            "Length of the regime's ADX and ATR.")
        threshold = setup.number(
            firstID + 2, "regime_adx", 25, in: 0...100, "The ADX that parts a trend from a range.")
        highestVolatility = setup.number(
            firstID + 3, "regime_volatility", 0, in: 0...1000, unit: "percent",
            "Highest ATR, in percent of the close, at which to enter; 0 for any.")
    }
}

/// The state of a `RegimeRule` for one instrument.
struct RegimeFilter {
    let rule: RegimeRule
    private let isOff: Bool
    private(set) var adx: ADX
    private(set) var atr: ATR

    init(_ rule: RegimeRule) {
        self.rule = rule
        isOff = rule.isOff
        adx = ADX(rule.length)
        atr = ATR(rule.length)
    }

    @inline(__always)
    mutating func update(_ bar: Bar) {
        // By its numbers: passed as it lies, a bar would be copied for a filter that is off.
        if !isOff { measure(bar.open, bar.high, bar.low, bar.close, bar.volume) }
    }

    @inline(never)
    private mutating func measure(
        _ open: Double, _ high: Double, _ low: Double, _ close: Double, _ volume: Double
    ) {
        let bar = Bar(open: open, high: high, low: low, close: close, volume: volume)
        adx.update(bar)
        atr.update(bar)
    }

    /// False while what the rule looks at has no value yet.
    var allowsEntry: Bool {
        if isOff { return true }
        if rule.highestVolatility > 0, !(atr.normalised <= rule.highestVolatility) { return false }
        switch rule.kind {
        case .off: return true
        case .trend: return adx.value >= rule.threshold
        case .range: return adx.value < rule.threshold
        }
    }

    mutating func restate(for split: Split) {
        adx.restate(for: split)
        atr.restate(for: split)
    }

    func save(_ writer: inout StateWriter) {
        writer.write(isOff)
        if isOff { return }
        adx.save(&writer)
        atr.save(&writer)
    }

    mutating func load(_ reader: inout StateReader) throws(Refusal) {
        guard try reader.readBool() == isOff else {
            throw Refusal("this state was saved with the regime filter the other way (on or off)")
        }
        if isOff { return }
        try adx.load(&reader)
        try atr.load(&reader)
    }
}
