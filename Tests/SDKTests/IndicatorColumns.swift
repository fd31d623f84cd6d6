@testable import TapedeckSDK

/// One column of the expected results, computed by the helper bar by bar; nil until there is a
/// value.
struct IndicatorColumn {
    let next: (Bar) -> Double?

    private init(_ next: @escaping (Bar) -> Double) {
        self.next = { bar in
            let value = next(bar)
            return value.isNaN ? nil : value
        }
    }

    /// Nil for a function that the helper does not offer.
    init?(
        _ function: String, _ parameters: [String: Double], inputs: [String], output: String?,
        _ workspace: Workspace
    ) {
        func whole(_ name: String) -> Int { Int(parameters[name] ?? 1) }
        let length = whole("timeperiod")
        let price = Self.price(inputs.first ?? "close")
        switch (function, output) {
        case ("SMA", _):
            self.init(
                Box(SMA(length, workspace)) {
                    $0.update(price($1)); return $0.value
                })
        case ("SUM", _):
            self.init(
                Box(RollingSum(length, workspace)) {
                    $0.update(price($1)); return $0.value
                })
        case ("EMA", _):
            self.init(
                Box(EMA(length)) {
                    $0.update(price($1)); return $0.value
                })
        case ("WMA", _):
            self.init(
                Box(WMA(length, workspace)) {
                    $0.update(price($1)); return $0.value
                })
        case ("RSI", _):
            self.init(
                Box(RSI(length)) {
                    $0.update(price($1)); return $0.value
                })
        case ("ROC", _):
            self.init(
                Box(RateOfChange(length, workspace)) {
                    $0.update(price($1)); return $0.value
                })
        case ("MOM", _):
            self.init(
                Box(RateOfChange(length, workspace)) {
                    $0.update(price($1)); return $0.momentum
                })
        case ("TRANGE", _):
            self.init(
                Box(TrueRange()) {
                    $0.update($1); return $0.value
                })
        case ("ATR", _):
            self.init(
                Box(ATR(length)) {
                    $0.update($1); return $0.value
                })
        case ("NATR", _):
            self.init(
                Box(ATR(length)) {
                    $0.update($1); return $0.normalised
                })
        case ("ADX", _):
            self.init(
                Box(ADX(length)) {
                    $0.update($1); return $0.value
                })
        case ("DX", _):
            self.init(
                Box(ADX(length)) {
                    $0.update($1); return $0.dx
                })
        case ("PLUS_DI", _):
            self.init(
                Box(ADX(length)) {
                    $0.update($1); return $0.plus
                })
        case ("MINUS_DI", _):
            self.init(
                Box(ADX(length)) {
                    $0.update($1); return $0.minus
                })
        case ("STDDEV", _):
            let width = parameters["nbdev"] ?? 1
            self.init(
                Box(RollingDeviation(length, workspace)) {
                    $0.update(price($1)); return $0.value * width
                })
        case ("VAR", _):
            self.init(
                Box(RollingDeviation(length, workspace)) {
                    $0.update(price($1)); return $0.variance
                })
        case ("MAX", _):
            self.init(
                Box(RollingExtreme.highest(length, workspace)) {
                    $0.update(price($1)); return $0.value
                })
        case ("MIN", _):
            self.init(
                Box(RollingExtreme.lowest(length, workspace)) {
                    $0.update(price($1)); return $0.value
                })
        case ("MIDPRICE", _):
            self.init(
                Box(Donchian(length, workspace)) {
                    $0.update($1); return $0.middle
                })
        case ("WILLR", _):
            self.init(
                Box(Stochastic(length, workspace)) {
                    $0.update($1); return $0.williamsR
                })
        case ("BBANDS", let band?):
            let bands = BollingerBands(length, width: parameters["nbdevup"] ?? 2, workspace)
            self.init(
                Box(bands) {
                    $0.update(price($1))
                    return band == "upper" ? $0.upper : band == "lower" ? $0.lower : $0.middle
                })
        case ("MACD", let line?):
            let macd = MACD(
                fast: whole("fastperiod"), slow: whole("slowperiod"), signal: whole("signalperiod"))
            self.init(
                Box(macd) {
                    $0.update(price($1))
                    return line == "macd" ? $0.value : line == "signal" ? $0.signal : $0.histogram
                })
        case ("STOCH", let line?):
            let stochastic = Stochastic(
                whole("fastk_period"), smoothing: whole("slowk_period"),
                signal: whole("slowd_period"), workspace)
            self.init(
                Box(stochastic) {
                    $0.update($1); return line == "slowk" ? $0.slowK : $0.slowD
                })
        case ("STOCHF", let line?):
            // The fast pair is the slow one without smoothing.
            let stochastic = Stochastic(
                whole("fastk_period"), smoothing: 1, signal: whole("fastd_period"), workspace)
            self.init(
                Box(stochastic) {
                    $0.update($1); return line == "fastk" ? $0.slowK : $0.slowD
                })
        default: return nil
        }
    }

    private init<Indicator: ~Copyable>(_ box: Box<Indicator>) { self.init { box.next($0) } }

    private static func price(_ name: String) -> (Bar) -> Double {
        switch name {
        case "open": { $0.open }
        case "high": { $0.high }
        case "low": { $0.low }
        case "volume": { $0.volume }
        default: { $0.close }
        }
    }
}

/// Holds an indicator that cannot be copied, for a closure.
final class Box<Indicator: ~Copyable> {
    private var indicator: Indicator
    private let step: (inout Indicator, Bar) -> Double
    init(_ indicator: consuming Indicator, _ step: @escaping (inout Indicator, Bar) -> Double) {
        self.indicator = indicator
        self.step = step
    }
    func next(_ bar: Bar) -> Double { step(&indicator, bar) }
}
