@testable import TapedeckSDK

/// One market told twice: raw, with splits before some of its bars, and in the prices of its end.
struct SplitSeries: CustomStringConvertible, Sendable {
    struct Ratio: Sendable {
        /// The split comes before the bar of this number.
        let before: Int
        let numerator: Int64
        let denominator: Int64

        var split: Split {
            Split(
                ratio: Double(numerator) / Double(denominator), numerator: numerator,
                denominator: denominator, reserved: (0, 0))
        }
    }

    let splits: [Ratio]
    let count = 110

    init(_ splits: (before: Int, numerator: Int64, denominator: Int64)...) {
        self.splits = splits.map {
            Ratio(before: $0.before, numerator: $0.numerator, denominator: $0.denominator)
        }
    }

    var description: String {
        splits.map { "\($0.numerator):\($0.denominator) before bar \($0.before)" }
            .joined(separator: ", ")
    }

    /// Every ratio is a power of two, so that restating rounds nothing.
    var isExact: Bool {
        splits.allSatisfy {
            ($0.numerator % $0.denominator == 0
                && ($0.numerator / $0.denominator).nonzeroBitCount == 1)
                || ($0.denominator % $0.numerator == 0
                    && ($0.denominator / $0.numerator).nonzeroBitCount == 1)
        }
    }

    func splits(before number: Int) -> [Split] {
        splits.filter { $0.before == number }.map(\.split)
    }

    /// As it was traded.
    func raw(_ number: Int) -> Bar {
        var ratio = 1.0
        for split in splits where split.before > number {
            ratio *= Double(split.numerator) / Double(split.denominator)
        }
        return Self.base(number).scaled(ratio, 1 / ratio)
    }

    /// The same in the prices of the end.
    func adjusted(_ number: Int) -> Bar {
        var bar = raw(number)
        for split in splits where split.before > number {
            // A ratio of 14:7 is one of 2:1.
            let ratio = Double(split.numerator) / Double(split.denominator)
            let (new, old) =
                isExact ? (ratio, 1) : (Double(split.numerator), Double(split.denominator))
            bar = Bar(
                open: bar.open * old / new, high: bar.high * old / new, low: bar.low * old / new,
                close: bar.close * old / new, volume: bar.volume * new / old)
        }
        return bar
    }

    /// Decimals with a trend and turns, no two bars alike; a few volumes are none.
    private static func base(_ number: Int) -> Bar {
        let wave = Double((number * 7919) % 101) / 7
        let close = 100 + wave + Double(number) / 8
        let volume = number % 17 == 5 ? 0 : Double(100 + (number * 31) % 17) + 0.1
        return Bar(
            open: close - Double(number % 3) + 0.75, high: close + 1 + wave / 8,
            low: close - 2.3, close: close, volume: volume)
    }

    static let all = [
        SplitSeries((60, 2, 1)), SplitSeries((60, 1, 8)), SplitSeries((60, 7, 1)),
        SplitSeries((60, 3, 2)), SplitSeries((60, 14, 7)), SplitSeries((60, 1, 10)),
        // Before there is anything, before anything is warm, and one after another.
        SplitSeries((0, 2, 1)), SplitSeries((1, 2, 1)), SplitSeries((3, 7, 1)),
        SplitSeries((6, 1, 8)), SplitSeries((9, 7, 1)),
        SplitSeries((40, 2, 1), (43, 1, 8), (43, 4, 1), (70, 1, 16)),
        SplitSeries((40, 7, 1), (43, 1, 3), (44, 20, 1)),
    ]
}

extension Bar {
    func scaled(_ price: Double, _ volume: Double) -> Bar {
        Bar(
            open: open * price, high: high * price, low: low * price, close: close * price,
            volume: self.volume * volume)
    }
}
