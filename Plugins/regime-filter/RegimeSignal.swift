/// Says in which kind of market an instrument is; trades nothing.
///
/// At every bar it emits a signal: +1 in a rising trend, -1 in a falling one, 0 in a range or when
/// the market is too wild, with a confidence that grows with the ADX. An ensemble can use it as a
/// vote or a veto. Strategies that only want to enter in one kind of market need not be wired to
/// it: their own `regime` parameters apply the same rule.
struct RegimeSignal: Strategy, ~Copyable {
    static var about: About {
        About(
            id: "org.tapedeck.regime-filter", name: "Regime filter", version: "1.0.0",
            vendor: "Tapedeck",
            license: "MIT",
            description: "Signals rising trend, falling trend or range by ADX and volatility.",
            instruments: 1...4096, warmUp: .sum([.parameter("length")], times: 2, plus: -1),
            stateVersion: 1)
    }

    struct Lane: ~Copyable {
        var adx: ADX
        var atr: ATR
    }

    var threshold: Double
    var highestVolatility: Double
    var lanes: PerInstrument<Lane>

    init(_ setup: Setup) throws(Refusal) {
        let length = setup.integer(
            1, "length", 14, in: 2...10_000, unit: "bars", "Length of ADX and ATR.")
        threshold = setup.number(
            2, "adx", 25, in: 0...100, live: true, "The ADX at which a range becomes a trend.")
        highestVolatility = setup.number(
            3, "volatility", 0, in: 0...1000, unit: "percent", live: true,
            "Highest ATR, in percent of the close, at which a trend is signalled; 0 for any.")
        lanes = PerInstrument(setup) { Lane(adx: ADX(length), atr: ATR(length)) }
    }

    mutating func onBar(_ bar: Bar, _ context: Context) {
        lanes[context].adx.update(bar)
        lanes[context].atr.update(bar)
        let adx = lanes[context].adx.value
        let volatility = lanes[context].atr.normalised
        if adx.isNaN { return }
        let isTrend =
            adx >= threshold && (highestVolatility == 0 || volatility <= highestVolatility)
        let rises = lanes[context].adx.plus > lanes[context].adx.minus
        context.signal(isTrend ? (rises ? 1 : -1) : 0, confidence: min(1, adx / 50))
        context.plot("adx", adx)
        context.plot("volatility", volatility)
    }

    mutating func onSplit(_ split: Split, _ context: Context) {
        lanes[context].adx.restate(for: split)
        lanes[context].atr.restate(for: split)
    }

    mutating func parameterChanged(_ change: ParameterChange) throws(Refusal) {
        if change.id == 2 { threshold = change.number }
        if change.id == 3 { highestVolatility = change.number }
    }

    func save(_ writer: inout StateWriter) {
        for place in 0..<lanes.count {
            lanes[place: place].adx.save(&writer)
            lanes[place: place].atr.save(&writer)
        }
    }

    mutating func load(_ reader: inout StateReader) throws(Refusal) {
        for place in 0..<lanes.count {
            try lanes[place: place].adx.load(&reader)
            try lanes[place: place].atr.load(&reader)
        }
    }
}

typealias Plugin = RegimeSignal
