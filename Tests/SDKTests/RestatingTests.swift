import Foundation
import TestGround
import Testing

@testable import TapedeckSDK

/// An indicator of raw prices that is restated at each split says what it would say of adjusted ones.
struct RestatingTests {
    let workspace = Workspace()

    @Test(arguments: SplitSeries.all)
    func `restated at a split, an indicator goes on as over adjusted prices`(
        series: SplitSeries
    ) throws {
        let w = workspace
        try check(series) { SMA(5, w) }
        try check(series) { SMAPair(fast: 3, slow: 7, w) }
        try check(series) { RollingSum(5, w) }
        try check(series) { EMA(5) }
        try check(series) { WilderAverage(5) }
        try check(series) { WMA(5, w) }
        try check(series) { MACD(fast: 3, slow: 5, signal: 4) }
        try check(series) { RSI(5) }
        try check(series) { RateOfChange(5, w) }
        try check(series) { RollingDeviation(5, w) }
        try check(series) { ZScore(5, w) }
        try check(series) { BollingerBands(5, w) }
        try check(series) { RollingExtreme.highest(5, w) }
        try check(series) { RollingExtreme.lowest(5, w) }
        try check(series) { Ring(5, w) }
        try check(series) { ExactSum() }
        try check(series) { Crossing() }
        try check(series) { ATR(5) }
        try check(series) { TrueRange() }
        try check(series) { ADX(5) }
        try check(series) { Donchian(5, w) }
        try check(series) { Stochastic(5, w) }
        try check(series) { SessionVWAP() }
        try check(series) { RollingVWAP(5, w) }
        try check(series) { VolumeProfile(5, bins: 4, w) }
    }

    /// Three of them: over adjusted bars, over raw ones, and over raw ones with a save and a load
    /// before and after each split.
    private func check<Subject: SplitSubject & ~Copyable>(
        _ series: SplitSeries, line: Int = #line, _ make: () -> Subject
    ) throws {
        var adjusted = make()
        var raw = make()
        var carried = make()
        for number in 0..<series.count {
            for split in series.splits(before: number) {
                raw.meet(split)
                carried = try reloaded(carried, make())
                carried.meet(split)
                carried = try reloaded(carried, make())
            }
            let before = "line \(line), \(series), before bar \(number)"
            try compare(raw.figures, adjusted.figures, series, splitsToCome: number, before)
            adjusted.take(series.adjusted(number))
            raw.take(series.raw(number))
            carried.take(series.raw(number))
            #expect(bits(raw.figures) == bits(carried.figures), "\(before): across save and load")
            if series.isExact, series.splits.allSatisfy({ $0.before <= number }) {
                #expect(state(raw) == state(adjusted), "\(before): the state")
            }
        }
    }

    /// While splits are to come, what raw prices say is in other prices.
    private func compare(
        _ raw: [Double], _ adjusted: [Double], _ series: SplitSeries, splitsToCome number: Int,
        _ place: String
    ) throws {
        guard series.splits.allSatisfy({ $0.before <= number }) else { return }
        if series.isExact { return #expect(bits(raw) == bits(adjusted), "\(place)") }
        for (one, other) in zip(raw, adjusted) {
            let isNear =
                one.isNaN ? other.isNaN : abs(one - other) <= 1e-12 * max(1, abs(other))
            #expect(isNear, "\(place): \(one), not \(other)")
        }
    }

    private func bits(_ figures: [Double]) -> [UInt64] {
        figures.map { $0.isNaN ? Double.nan.bitPattern : $0 == 0 ? 0 : $0.bitPattern }
    }

    private func state<Subject: SplitSubject & ~Copyable>(_ subject: borrowing Subject) -> [UInt8] {
        let saved = Saved()
        saved.save { subject.save(&$0) }
        return saved.bytes
    }

    private func reloaded<Subject: SplitSubject & ~Copyable>(
        _ subject: borrowing Subject, _ fresh: consuming Subject
    ) throws -> Subject {
        let saved = Saved()
        saved.save { subject.save(&$0) }
        try saved.load { (reader) throws(Refusal) in try fresh.load(&reader) }
        return fresh
    }

    @Test func `what was rounded at a split has left no trace once it has left the window`() {
        var pair = SMAPair(fast: 3, slow: 9, workspace)
        var deviation = RollingDeviation(9, workspace)
        for number in 0..<20 {
            pair.update(700.1 + Double(number) / 3)
            deviation.update(700.1 + Double(number) / 3)
        }
        let split = Split(ratio: 7, numerator: 7, denominator: 1, reserved: (0, 0))
        pair.restate(for: split)
        deviation.restate(for: split)
        var lead = 1.0
        for _ in 0..<9 {
            lead = pair.update(100.25)
            deviation.update(100.25)
        }
        #expect(lead == 0)
        #expect(pair.fast == 100.25 && pair.slow == 100.25)
        #expect(deviation.variance == 0)
    }

    @Test func `a level and a volume of a strategy's own are restated by the split itself`() {
        let split = Split(ratio: 1.5, numerator: 3, denominator: 2, reserved: (0, 0))
        #expect(split.price(99) == 66)
        #expect(split.volume(10) == 15)
        let seven = Split(ratio: 7, numerator: 7, denominator: 1, reserved: (0, 0))
        #expect(seven.price(645.57) == 92.22428571428573)
        #expect(split.price(.nan).isNaN && split.price(0) == 0)
    }

    /// All that the C++ helper has.
    private static let columns = [
        "SMA:-:close:5", "SUM:-:volume:5", "EMA:-:close:5", "WMA:-:close:5", "RSI:-:close:5",
        "ROC:-:close:5", "MOM:-:close:5", "VAR:-:close:5", "STDDEV:-:volume:5", "MAX:-:volume:5",
        "MIN:-:close:5", "BBANDS:upper:close:5:2", "BBANDS:lower:close:5:2",
        "MACD:macd:close:3:5:4",
        "MACD:signal:close:3:5:4", "ATR:-:-:5", "ADX:-:-:5", "DX:-:-:5", "PLUS_DI:-:-:5",
        "MINUS_DI:-:-:5", "MIDPRICE:-:-:5", "WILLR:-:-:5", "STOCH:slowk:-:5:3:3",
        "STOCH:slowd:-:5:3:3", "VWAP:-:-", "RVWAP:-:-:5", "CROSS:-:-",
    ]

    @Test func `the C++ helper's indicators do the same`() throws {
        let scratch = ScratchFolder()
        let driver = try IndicatorDriver.build(in: scratch)
        for series in SplitSeries.all {
            func rows(_ lines: [String]) throws -> [[Substring]] {
                let played = try run(
                    driver, [scratch.write(lines.joined(separator: "\n"), "bars")] + Self.columns)
                try #require(played.status == 0, "\(played.error)")
                return played.output.split(separator: "\n").map { $0.split(separator: " ") }
            }
            func line(_ bar: Bar) -> String {
                "\(bar.open) \(bar.high) \(bar.low) \(bar.close) \(bar.volume)"
            }
            let numbers = 0..<series.count
            let adjusted = try rows(numbers.map { line(series.adjusted($0)) })
            let raw = try rows(
                numbers.flatMap { number in
                    series.splits(before: number).map { "split \($0.numerator) \($0.denominator)" }
                        + [line(series.raw(number))]
                })
            try #require(raw.count == series.count && adjusted.count == series.count)
            for number in numbers where series.splits.allSatisfy({ $0.before <= number }) {
                for (column, name) in Self.columns.enumerated() {
                    let (one, other) = (raw[number][column], adjusted[number][column])
                    if one == other { continue }
                    let (a, b) = (Double(one) ?? .nan, Double(other) ?? .nan)
                    let isNear = abs(a - b) <= 1e-12 * max(1, abs(b))
                    #expect(
                        !series.isExact && isNear,
                        "\(name), \(series), bar \(number): \(one), not \(other)")
                }
            }
        }
    }
}
