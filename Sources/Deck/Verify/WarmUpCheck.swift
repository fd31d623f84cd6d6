import CTapedeck
import Feeds
import Kernel
package import Market
import StrategyHost

/// Whether a strategy's warm-up is long enough: with twice the history before the first counted bar
/// it must decide the same from that bar on.
///
/// Each instrument gets exactly so many bars of the slot's longest time frame before the first
/// counted one, and no order is accepted before it. Numbers of events and of orders differ between
/// such plays and are not compared; nor are tags. Forecasts may differ by a billionth: sums of
/// doubles remember their history in the last bits.
package struct WarmUpCheck {
    package struct Play: Hashable, Sendable {
        /// Bars before the first counted one.
        package var history: Int
        /// Whether its decisions are those of the longest history.
        package var agrees: Bool
        /// Where it first decides otherwise.
        package var divergence: Divergence?
    }

    package struct StrategyAnswer: Hashable, Sendable {
        package var name: String
        /// What its manifest or its schedule asks for.
        package var declared: Int
        package var timeFrame: TimeFrame
        /// From which the decisions count: one after the other.
        package var counted: [Timestamp] = []
        /// Decisions from the first of them on, with the longest history.
        package var decisions = 0
        /// By history, ascending.
        package var plays: [Play] = []
        /// Where the declared and the doubled history decide differently; nil where they agree.
        package var divergence: Divergence?
        /// The shortest history that was tried from which on nothing changes any more; nil where
        /// only the longest decides as the longest does.
        package var enough: Int?
        /// Why it could not be tested.
        package var obstacle: String?

        package var isSound: Bool { obstacle == nil && divergence == nil }
    }

    private let rehearsal: TapeTrial

    package init(_ rehearsal: TapeTrial) { self.rehearsal = rehearsal }

    /// - Parameters:
    ///   - strategy: the only one to look at; nil for all.
    ///   - progress: told the strategy and how many plays are done, of how many; false stops.
    package func run(
        strategy: String? = nil, _ progress: (String, Int, Int) -> Bool = { _, _, _ in true }
    ) throws(DeckFailure) -> [StrategyAnswer] {
        let slots = rehearsal.configuration.slots.filter { strategy == nil || $0.name == strategy }
        guard !slots.isEmpty else {
            let names = rehearsal.configuration.slots.map(\.name)
            throw DeckFailure(
                "there is no strategy \"\(strategy ?? "")\""
                    + Suggestion.clause(for: strategy ?? "", among: names))
        }
        var answers: [StrategyAnswer] = []
        for slot in slots { answers.append(try check(slot, progress)) }
        return answers
    }

    private func check(
        _ slot: SlotPlan, _ progress: (String, Int, Int) -> Bool
    ) throws(DeckFailure) -> StrategyAnswer {
        let frame = slot.timeFrames.last ?? 0
        var answer = StrategyAnswer(
            name: slot.name, declared: slot.warmUpBars, timeFrame: TimeFrame(rawValue: frame))
        guard frame > 0 else {
            answer.obstacle = "it takes no bars, so its history cannot be counted in them"
            return answer
        }
        let history = try CountedBars(slot, frame, rehearsal)
        let moments = Self.shares.map(history.moment)
        let longest = moments.map(history.longest).min() ?? 0
        let histories = Self.histories(declared: slot.warmUpBars, longest: longest)
        guard histories.contains(2 * max(1, slot.warmUpBars)) else {
            answer.obstacle =
                "the feed has \(history.count) bars of \(TimeFrame(rawValue: frame)), and "
                + "\(2 * max(1, slot.warmUpBars)) of history before \(TimeText.string(moments[0])) are needed"
            return answer
        }
        answer.counted = moments
        answer.plays = histories.map { Play(history: $0, agrees: true) }
        for (turn, moment) in moments.enumerated() {
            var logs: [DecisionLog] = []
            for (number, bars) in histories.enumerated() {
                let done = turn * histories.count + number
                guard progress(slot.name, done, moments.count * histories.count) else {
                    throw DeckFailure("stopped; nothing was shown")
                }
                logs.append(
                    try play(
                        slot, bars, try history.tape(history: bars, before: moment), after: moment))
            }
            judge(histories, logs, &answer)
        }
        let stable = answer.plays.reversed().prefix { $0.agrees }
        // The longest agrees with itself, which says nothing.
        answer.enough = stable.count > 1 ? stable.last?.history : nil
        return answer
    }

    /// Where on the tape the first counted bar stands: chance may hide a difference at one of them.
    private static let shares = [0.4, 0.5, 0.6, 0.7, 0.8]

    private func judge(_ histories: [Int], _ logs: [DecisionLog], _ answer: inout StrategyAnswer) {
        guard let longest = logs.last else { return }
        answer.decisions = max(answer.decisions, longest.decisions.count)
        for (place, log) in logs.enumerated() where answer.plays[place].agrees {
            answer.plays[place].divergence = log.divergence(from: longest)
            answer.plays[place].agrees = answer.plays[place].divergence == nil
        }
        if answer.divergence == nil, let one = histories.firstIndex(of: answer.declared),
            let two = histories.firstIndex(of: 2 * max(1, answer.declared))
        {
            answer.divergence = logs[one].divergence(from: logs[two])
        }
    }

    /// A ladder around the declared history, as far as the tape has bars.
    static func histories(declared: Int, longest: Int) -> [Int] {
        let one = max(1, declared)
        let ladder = [
            0, one / 4, one / 2, 3 * one / 4, declared, 2 * one, 4 * one, 8 * one, 16 * one,
        ]
        return Set(ladder.filter { $0 <= longest }).sorted()
    }

    private func play(
        _ slot: SlotPlan, _ history: Int, _ tape: TapeFile, after moment: Timestamp
    ) throws(DeckFailure) -> DecisionLog {
        let outcome = try rehearsal.play(tape) { configuration in
            var plan = slot
            plan.warmUpBars = history
            configuration.slots = [plan]
            configuration.feed.from = nil
            configuration.feed.to = nil
        }
        guard var log = outcome.logs.first else { throw DeckFailure("\(slot.name) was not played") }
        log.decisions = log.decisions.filter { $0.time > moment }
        var numbers: [UInt64: UInt64] = [:]
        for index in log.decisions.indices { log.decisions[index].forgetHistory(&numbers) }
        log.decisions.removeAll { if case .plot = $0.act { true } else { false } }
        return log
    }
}

extension Decision {
    /// Leaves only what the past before the first counted bar may not change. Orders are numbered
    /// anew, as they come.
    mutating func forgetHistory(_ numbers: inout [UInt64: UInt64]) {
        func renumber(_ order: UInt64) -> UInt64 {
            guard order != 0 else { return 0 }
            let number = numbers[order] ?? UInt64(numbers.count + 1)
            numbers[order] = number
            return number
        }
        sequence = 0
        switch act {
        case .order(var record):
            record.order = renumber(record.order)
            record.parent = renumber(record.parent)
            (record.sequence, record.tag) = (0, 0)
            act = .order(record)
        case .fill(var record):
            record.order = renumber(record.order)
            (record.sequence, record.tag) = (0, 0)
            act = .fill(record)
        case .ledger(var record):
            record.sequence = 0
            act = .ledger(record)
        case .breach(var record):
            record.sequence = 0
            act = .breach(record)
        case .signal(var record):
            record.sequence = 0
            record.forecast = (record.forecast * 1e9).rounded() / 1e9
            record.confidence = (record.confidence * 1e9).rounded() / 1e9
            act = .signal(record)
        case .plot: break
        case .fault: act = .fault("")
        }
    }
}
