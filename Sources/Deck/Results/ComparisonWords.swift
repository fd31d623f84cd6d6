import Analysis
import Market

/// What a comparison comes to, in a sentence.
struct ComparisonWords {
    private let result: ComparisonResult

    init(_ result: ComparisonResult) { self.result = result }

    var text: String {
        guard result.periods > 0 else {
            return "\(result.challenger) and \(result.champion) have no \(noun) in common"
        }
        guard result.difference != 0 || result.standardError != nil else {
            return
                "\(result.challenger) and \(result.champion) had the same return in every one of \(periods)"
        }
        guard let chance = result.chance, let lower = result.lower, let upper = result.upper else {
            return "\(difference), but \(periods) are too few to say anything of chance; "
                + "\(MeanDifference.leastPeriods) are the least"
        }
        var text =
            "\(difference); with \(periods) \(verdict(chance)) (\(Self.chance(chance)), "
            + "\(Self.percent(result.confidence, decimals: 0)) interval "
            + "\(Self.signed(lower)) to \(Self.signed(upper)))"
        if result.among > 1 {
            text +=
                "; as one of \(result.among) comparisons it takes p below "
                + Self.number(level / Double(result.among), decimals: 3)
        }
        return text
    }

    private var level: Double { 1 - result.confidence }

    private func verdict(_ chance: Double) -> String {
        if chance > level + 1e-12 { return "this could well be chance" }
        if chance > level / Double(result.among) {
            return "this may still be chance, as one of several comparisons"
        }
        return "chance is an unlikely reason"
    }

    private var isBySession: Bool { result.sampling == "session" }
    private var noun: String { isBySession ? "day" : "bar" }
    private var periods: String { "\(result.periods) \(noun)\(result.periods == 1 ? "" : "s")" }

    private var difference: String {
        let mean = isBySession ? "mean daily return" : "mean return of a bar"
        guard result.difference != 0 else {
            return "the \(mean) of \(result.challenger) is that of \(result.champion)"
        }
        let side = result.difference > 0 ? "higher" : "lower"
        return
            "the \(mean) of \(result.challenger) is \(Self.percent(result.difference.magnitude)) \(side) than "
            + "\(result.champion)'s (\(Self.percent(result.challengerMean)) and \(Self.percent(result.championMean)))"
    }

    private static func chance(_ value: Double) -> String {
        value < 0.001 ? "p < 0.001" : "p = " + number(value, decimals: value < 0.1 ? 3 : 2)
    }

    private static func signed(_ value: Double) -> String {
        (value > 0 ? "+" : "") + percent(value)
    }

    /// `0.021 %` of 0.00021: two digits or more that say something.
    private static func percent(_ fraction: Double, decimals: Int? = nil) -> String {
        let size = (fraction * 100).magnitude
        return number(
            fraction * 100, decimals: decimals ?? (size >= 0.1 ? 2 : size >= 0.01 ? 3 : 4)) + " %"
    }

    private static func number(_ value: Double, decimals: Int) -> String {
        let scaled = (value * Double(PowerOfTen.integer(decimals))).rounded()
        guard scaled.magnitude < 9e15 else { return "\(value)" }
        return DecimalText.string(Int64(scaled), exponent: -decimals)
    }
}
