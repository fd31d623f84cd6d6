@testable import TapedeckSDK

/// An indicator in a test of splits: fed, restated, asked, saved.
protocol SplitSubject: ~Copyable {
    mutating func take(_ bar: Bar)
    mutating func meet(_ split: Split)
    /// All that it says; what is counted in prices or in volumes as well as what is not.
    var figures: [Double] { get }
    func save(_ writer: inout StateWriter)
    mutating func load(_ reader: inout StateReader) throws(Refusal)
}

extension SMA: SplitSubject {
    mutating func take(_ bar: Bar) { update(bar.close) }
    mutating func meet(_ split: Split) { restate(for: split) }
    var figures: [Double] { [value] }
}

extension SMAPair: SplitSubject {
    mutating func take(_ bar: Bar) { update(bar.close) }
    mutating func meet(_ split: Split) { restate(for: split) }
    var figures: [Double] { [fast, slow] }
}

/// Of volumes, as any indicator of one number can be.
extension RollingSum: SplitSubject {
    mutating func take(_ bar: Bar) { update(bar.volume) }
    mutating func meet(_ split: Split) { restate(for: split, of: .volumes) }
    var figures: [Double] { [value] }
}

extension EMA: SplitSubject {
    mutating func take(_ bar: Bar) { update(bar.close) }
    mutating func meet(_ split: Split) { restate(for: split) }
    var figures: [Double] { [value] }
}

extension WilderAverage: SplitSubject {
    mutating func take(_ bar: Bar) { update(bar.volume) }
    mutating func meet(_ split: Split) { restate(for: split, of: .volumes) }
    var figures: [Double] { [value] }
}

extension WMA: SplitSubject {
    mutating func take(_ bar: Bar) { update(bar.close) }
    mutating func meet(_ split: Split) { restate(for: split) }
    var figures: [Double] { [value] }
}

extension MACD: SplitSubject {
    mutating func take(_ bar: Bar) { update(bar.close) }
    mutating func meet(_ split: Split) { restate(for: split) }
    var figures: [Double] { [value, signal, histogram] }
}

extension RSI: SplitSubject {
    mutating func take(_ bar: Bar) { update(bar.close) }
    mutating func meet(_ split: Split) { restate(for: split) }
    var figures: [Double] { [value] }
}

extension RateOfChange: SplitSubject {
    mutating func take(_ bar: Bar) { update(bar.close) }
    mutating func meet(_ split: Split) { restate(for: split) }
    var figures: [Double] { [value, momentum] }
}

extension RollingDeviation: SplitSubject {
    mutating func take(_ bar: Bar) { update(bar.close) }
    mutating func meet(_ split: Split) { restate(for: split) }
    var figures: [Double] { [mean, variance, value] }
}

extension ZScore: SplitSubject {
    mutating func take(_ bar: Bar) { update(bar.volume) }
    mutating func meet(_ split: Split) { restate(for: split, of: .volumes) }
    var figures: [Double] { [value] }
}

extension BollingerBands: SplitSubject {
    mutating func take(_ bar: Bar) { update(bar.close) }
    mutating func meet(_ split: Split) { restate(for: split) }
    var figures: [Double] { [upper, middle, lower] }
}

extension RollingExtreme: SplitSubject {
    mutating func take(_ bar: Bar) { update(bar.volume) }
    mutating func meet(_ split: Split) { restate(for: split, of: .volumes) }
    var figures: [Double] { [value, Double(age)] }
}

extension Ring: SplitSubject {
    mutating func take(_ bar: Bar) { _ = push(bar.close) }
    mutating func meet(_ split: Split) { restate(for: split) }
    var figures: [Double] { (0..<count).map { self[$0] } }
}

extension ExactSum: SplitSubject {
    mutating func take(_ bar: Bar) { add(bar.close) }
    mutating func meet(_ split: Split) { restate(for: split) }
    var figures: [Double] { [value] }
}

/// Says +1, -1 or 0 for a bar that crosses; so asked, it is a copy.
extension Crossing: SplitSubject {
    mutating func take(_ bar: Bar) { _ = update(bar.close, bar.open) }
    mutating func meet(_ split: Split) { restate(for: split) }
    var figures: [Double] {
        var (above, below) = (self, self)
        return [above.update(1, 0) == .over ? 1 : 0, below.update(0, 1) == .under ? 1 : 0]
    }
}

extension ATR: SplitSubject {
    mutating func take(_ bar: Bar) { update(bar) }
    mutating func meet(_ split: Split) { restate(for: split) }
    var figures: [Double] { [value, normalised] }
}

extension TrueRange: SplitSubject {
    mutating func take(_ bar: Bar) { update(bar) }
    mutating func meet(_ split: Split) { restate(for: split) }
    var figures: [Double] { [value] }
}

extension ADX: SplitSubject {
    mutating func take(_ bar: Bar) { update(bar) }
    mutating func meet(_ split: Split) { restate(for: split) }
    var figures: [Double] { [value, plus, minus, dx] }
}

extension Donchian: SplitSubject {
    mutating func take(_ bar: Bar) { update(bar) }
    mutating func meet(_ split: Split) { restate(for: split) }
    var figures: [Double] { [upper, middle, lower] }
}

extension Stochastic: SplitSubject {
    mutating func take(_ bar: Bar) { update(bar) }
    mutating func meet(_ split: Split) { restate(for: split) }
    var figures: [Double] { [fastK, slowK, slowD, williamsR] }
}

extension SessionVWAP: SplitSubject {
    mutating func take(_ bar: Bar) { update(bar) }
    mutating func meet(_ split: Split) { restate(for: split) }
    var figures: [Double] { [value] }
}

extension RollingVWAP: SplitSubject {
    mutating func take(_ bar: Bar) { update(bar) }
    mutating func meet(_ split: Split) { restate(for: split) }
    var figures: [Double] { [value] }
}

extension VolumeProfile: SplitSubject {
    mutating func take(_ bar: Bar) {
        update(bar)
        measure()
    }
    mutating func meet(_ split: Split) { restate(for: split) }
    var figures: [Double] {
        [control, valueLow, valueHigh] + (0..<binCount).map { volume(ofBin: $0) }
    }
}
