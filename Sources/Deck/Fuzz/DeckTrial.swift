import CTapedeck
import Feeds
import Kernel
import Market
import StrategyHost

/// A configuration's strategies in a deck: once to look at their records, then in other blocks and
/// on other lanes.
package struct DeckTrial: FuzzTrial {
    package let name = "strategies"
    private let rehearsal: TapeTrial

    package init(_ rehearsal: TapeTrial) { self.rehearsal = rehearsal }

    /// Blocks and lanes that must give what one block on one lane gives.
    private static let steps: [(block: Int, lanes: Int)] = [(1, 1), (7, 1), (64, 1), (64, 2)]

    package func violation(_ tape: FuzzTape, seed: UInt64) -> FuzzViolation? {
        let written: TapeFile
        do {
            written = try tape.write(.memory("fuzz"))
        } catch {
            return FuzzViolation(.taken, "the tape is refused: \(error)")
        }
        do throws(DeckFailure) {
            let first = try rehearsal.play(written, Self.wholeFeed)
            if let fault = Self.unexplained(first, tape) { return fault }
            for (log, slot) in zip(first.logs, rehearsal.configuration.slots) {
                if let violation = Self.audit(log, slot, tape) { return violation }
            }
            for step in Self.steps {
                let other = try rehearsal.play(
                    written, blockSize: step.block, lanes: step.lanes, Self.wholeFeed)
                guard other.result.digest != first.result.digest else { continue }
                let place = zip(first.logs, other.logs).lazy.compactMap { $0.divergence(from: $1) }
                    .first
                let words = place.map { divergence in
                    let text = DecisionText(tape.instruments)
                    return
                        "\(divergence.strategy): \(divergence.first.map(text.words) ?? "nothing") | "
                        + "\(divergence.second.map(text.words) ?? "nothing")"
                }
                return FuzzViolation(
                    step.lanes > 1 ? .lanes : .batches, at: place?.earliest?.sequence,
                    "blocks of \(step.block) on \(step.lanes) lanes: \(words ?? "another digest")")
            }
        } catch {
            return FuzzViolation(.taken, "the tape is not played: \(error)")
        }
        return nil
    }

    private static func wholeFeed(_ configuration: inout DeckConfiguration) {
        configuration.feed.from = nil
        configuration.feed.to = nil
    }

    /// A strategy that was stopped and gave no reason of its own; an overflow among ordinary
    /// prices.
    private static func unexplained(
        _ outcome: TapeTrial.Outcome, _ tape: FuzzTape
    ) -> FuzzViolation? {
        for (log, fault) in zip(outcome.logs, outcome.faults) {
            guard let fault, !fault.isExplained(tape) else { continue }
            var rule = FuzzViolation.Rule.explained
            if case .worker = fault.cause { rule = .noCrash }
            return FuzzViolation(rule, at: fault.sequence, "\(log.name): \(fault)")
        }
        return nil
    }

    /// What can be seen of the records without the portfolio.
    private static func audit(
        _ log: DecisionLog, _ slot: SlotPlan, _ tape: FuzzTape
    ) -> FuzzViolation? {
        var audit = RecordAudit(slot.settings, tape.instruments)
        var records = Records()
        for decision in log.decisions {
            if case .order(let record) = decision.act { records.orders.append(record) }
        }
        do throws(FuzzViolation) {
            // Numbers and lives of the orders, in the order in which they were written.
            try audit.take(
                records, Event(), ExactPrices(open: 0, high: 0, low: 0, close: 0), isMatched: false)
        } catch {
            return FuzzViolation(error.rule, at: error.event, "\(slot.name): \(error.text)")
        }
        return nil
    }
}

extension StrategyFault {
    /// Its own words stand beside the status; an overflow is explained by prices at the edge.
    fileprivate func isExplained(_ tape: FuzzTape) -> Bool {
        switch cause {
        case .answered: !text.isEmpty
        case .portfolio(.overflow): tape.isExtreme
        case .breach, .portfolio, .worker: false
        }
    }
}
