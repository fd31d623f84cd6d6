import Analysis
import Kernel
import Market

/// Champion and challenger over the same periods: whose mean return was higher, and what chance has
/// to do with it.
package struct ComparisonResult: Hashable, Sendable, Codable {
    package var champion: String
    package var challenger: String
    /// `session` or `bar`: what a period is.
    package var sampling: String
    /// That both have; of each the first and the last end.
    package var periods: Int
    package var from: Moment?
    package var to: Moment?
    /// Returns of a period.
    package var championMean: Double
    package var challengerMean: Double
    /// The challenger's less the champion's.
    package var difference: Double
    package var deviation: Double?
    /// After Newey and West, with so many lags.
    package var standardError: Double?
    package var tStatistic: Double?
    package var lag: Int
    /// Of the circular block bootstrap: periods in a block, draws, and the seed of the draws.
    package var block: Int
    package var draws: Int
    package var seed: UInt64
    /// The share of draws that are as far from the mean as the mean is from zero; null for too few
    /// periods.
    package var chance: Double?
    package var confidence: Double
    package var lower: Double?
    package var upper: Double?
    /// Comparisons in this run: among many, one looks real by chance alone.
    package var among: Int
    /// The same for people.
    package var words: String

    private enum CodingKeys: String, CodingKey {
        case champion, challenger, sampling, periods, from, to, difference, deviation, lag, block,
            draws, seed, chance
        case confidence, lower, upper, among, words
        case championMean = "champion_mean"
        case challengerMean = "challenger_mean"
        case standardError = "standard_error"
        case tStatistic = "t_statistic"
    }
}

/// The equity of two slots at the moments that both have, and what follows of it.
struct ComparedTracks {
    private static let draws = 9_999

    private let plan: ComparisonPlan
    private let sampling: String
    private var times: [Int64] = []
    private var champion: [Double] = []
    private var challenger: [Double] = []

    init(_ plan: ComparisonPlan, champion: Slot, challenger: Slot) {
        self.plan = plan
        sampling = champion.plan.settings.equitySampling.rawValue
        let (one, other) = (Self.marks(champion), Self.marks(challenger))
        // Where both began together, the first period begins with what they were given.
        var before: (Double, Double)?
        if champion.begins.sequence == challenger.begins.sequence {
            before = (
                Double(champion.plan.settings.cash.rawValue),
                Double(challenger.plan.settings.cash.rawValue)
            )
        }
        var (place, second) = (0, 0)
        while place < one.count, second < other.count {
            let (a, b) = (one[place], other[second])
            if a.period <= b.period { place += 1 }
            if b.period <= a.period { second += 1 }
            guard a.period == b.period else { continue }
            if let before, before.0 > 0, before.1 > 0 {
                times.append(a.time)
                self.champion.append(a.equity / before.0 - 1)
                self.challenger.append(b.equity / before.1 - 1)
            }
            before = (a.equity, b.equity)
        }
    }

    /// The last sample of each period: of a day, or of a moment.
    private static func marks(_ slot: Slot) -> [(period: Int64, time: Int64, equity: Double)] {
        let isBySession = slot.plan.settings.equitySampling == .session
        var marks: [(period: Int64, time: Int64, equity: Double)] = []
        for sample in slot.tally.samples {
            let period =
                isBySession
                ? Int64(Timestamp(nanoseconds: sample.time - 1).date.dayNumber) : sample.time
            if marks.last?.period == period { marks.removeLast() }
            marks.append((period, sample.time, Double(sample.equity)))
        }
        return marks
    }

    func result(seed: UInt64, among: Int) -> ComparisonResult {
        var random = SplitMix64(seed: seed)
        let found = MeanDifference(
            zip(challenger, champion).map { $0 - $1 },
            MeanDifference.Resampling(draws: Self.draws, level: 1 - plan.confidence)
        ) { Int(random.below(UInt64($0))) }
        func mean(_ values: [Double]) -> Double {
            values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
        }
        var result = ComparisonResult(
            champion: plan.champion, challenger: plan.challenger, sampling: sampling,
            periods: found.periods,
            from: times.first.map { Moment(Timestamp(nanoseconds: $0)) },
            to: times.last.map { Moment(Timestamp(nanoseconds: $0)) }, championMean: mean(champion),
            challengerMean: mean(challenger), difference: found.mean, deviation: found.deviation,
            standardError: found.standardError, tStatistic: found.tStatistic, lag: found.lag,
            block: found.blockLength, draws: Self.draws, seed: seed, chance: found.chance,
            confidence: plan.confidence, lower: found.interval?.lowerBound,
            upper: found.interval?.upperBound,
            among: among, words: "")
        result.words = ComparisonWords(result).text
        return result
    }
}

extension TapeDeck {
    /// Nil where nothing is compared. A slot that has come and gone is compared as it was last.
    var comparisons: [ComparisonResult]? {
        let plans = configuration.comparisons
        guard !plans.isEmpty else { return nil }
        let slots = allSlots
        return plans.compactMap { plan in
            guard let champion = slots.last(where: { $0.plan.name == plan.champion }),
                let challenger = slots.last(where: { $0.plan.name == plan.challenger })
            else { return nil }
            let tracks = ComparedTracks(plan, champion: champion, challenger: challenger)
            return tracks.result(seed: configuration.seed, among: plans.count)
        }
    }
}
