import CTapedeck
import Kernel
import Market
import StrategyHost

/// Looks at all slots together on fixed points of the tape, and says what every slot is to be told.
///
/// A point is passed when everything up to a multiple of `check` has been played and the tape's
/// next event is later. All slots stand there at the same event, whatever the blocks and lanes
/// were, so what follows is the same for any.
struct OverallWatch {
    private let limits: OverallLimits
    /// The last moment of the present span; events up to it come before the next look.
    private(set) var boundary: Int64
    private var peak: Int64 = 0
    /// Whose equity the peak is of, by number.
    private var members: [Int] = []
    private var isHeld = false
    private var isOver = false
    private var returns: ReturnCorrelation?
    private(set) var result = OverallResult()

    init(_ limits: OverallLimits, first: Int64) {
        self.limits = limits
        boundary = Self.boundary(of: first, limits.check)
    }

    /// A slot that comes or goes begins a new peak and a new window of returns.
    private mutating func meet(_ slots: [Slot], at time: Timestamp) {
        guard slots.map(\.number) != members else { return }
        let isFirst = members.isEmpty
        members = slots.map(\.number)
        let equity = slots.map { slot in
            isFirst ? slot.plan.settings.cash.rawValue : slot.runner.portfolio.books.equity.rawValue
        }
        peak = Int64(clamping: equity.reduce(Int128(0)) { $0 + Int128($1) })
        returns = nil
        if let correlation = limits.correlation, slots.count > 1 {
            returns = ReturnCorrelation(correlation, equity, first: time.rawValue)
        }
    }

    /// The first multiple at or after `time`.
    static func boundary(of time: Int64, _ check: Int64) -> Int64 {
        let rest = time % check
        return rest == 0 ? time : time - rest + (rest > 0 ? check : 0)
    }

    /// Everything up to the boundary has been played, and the next event is at `next`.
    /// - Returns: what every slot is to be told now, if anything.
    mutating func look(_ slots: [Slot], at moment: DeckMoment, next: Int64) -> Event? {
        let time = moment.time
        meet(slots, at: time)
        boundary = Self.boundary(of: next, limits.check)
        result.checks += 1
        if slots.contains(where: \.isLate) { result.lateChecks = (result.lateChecks ?? 0) + 1 }
        var (equity, gross, net) = (Int128(0), Int128(0), Int128(0))
        for slot in slots {
            equity += Int128(slot.runner.portfolio.books.equity.rawValue)
            let exposure = slot.runner.portfolio.books.exposure
            gross += Int128(exposure.gross.rawValue)
            net += Int128(exposure.net.rawValue)
        }
        returns?.take(slots.map { $0.runner.portfolio.books.equity.rawValue }, at: time)
        peak = max(peak, Int64(clamping: equity))
        note(equity, gross, net)
        guard !isOver else { return nil }
        var command = answer(equity, gross, net, time)
        command?.sequence = moment.sequence
        return command
    }

    private mutating func note(_ equity: Int128, _ gross: Int128, _ net: Int128) {
        guard equity > 0 else { return }
        result.largestGross = max(result.largestGross, Double(gross) / Double(equity))
        result.largestNet = max(result.largestNet, Double(net.magnitude) / Double(equity))
        if peak > 0 { result.drawdown = max(result.drawdown, 1 - Double(equity) / Double(peak)) }
    }

    /// The strictest action of the limits that are broken; letting go where none is any more.
    private mutating func answer(
        _ equity: Int128, _ gross: Int128, _ net: Int128, _ time: Timestamp
    ) -> Event? {
        var worst: OverallLimits.Action?
        for limit in limits.limits where isBroken(limit, equity, gross, net) {
            // A limit that only holds is told once, until it was kept again.
            let isNew = limit.action != .hold || !isHeld
            if isNew { note(limit, equity, gross, net, time) }
            worst = [worst, limit.action].compactMap { $0 }.max { $0.strictness < $1.strictness }
        }
        switch worst {
        case .kill:
            isOver = true
            return command(.kill, at: time)
        case .flatten:
            // From here on it is measured anew, or it would be flat for ever.
            peak = Int64(clamping: equity)
            return command(.flatten, at: time)
        case .hold:
            defer { isHeld = true }
            return isHeld ? nil : command(.hold, at: time)
        case nil:
            defer { isHeld = false }
            return isHeld ? command(.letGo, at: time) : nil
        }
    }

    private func isBroken(
        _ limit: OverallLimits.Limit, _ equity: Int128, _ gross: Int128, _ net: Int128
    ) -> Bool {
        let rate = Int128(limit.rate.rawValue)
        let one: Int128 = 1_000_000_000
        switch limit.rule {
        case .maxGrossExposure: return gross * one > equity * rate
        case .maxNetExposure: return Int128(net.magnitude) * one > equity * rate
        case .maxDrawdown: return (Int128(peak) - equity) * one >= Int128(peak) * rate && peak > 0
        }
    }

    private mutating func note(
        _ limit: OverallLimits.Limit, _ equity: Int128, _ gross: Int128, _ net: Int128,
        _ time: Timestamp
    ) {
        result.breachCount += 1
        guard result.breaches.count < OverallResult.breachesKept || limit.action == .kill else {
            return
        }
        let measured =
            switch limit.rule {
            case .maxGrossExposure: Double(gross) / Double(equity)
            case .maxNetExposure: Double(net.magnitude) / Double(equity)
            case .maxDrawdown: 1 - Double(equity) / Double(peak)
            }
        result.breaches.append(
            OverallResult.Breach(
                time: Moment(time), rule: limit.rule, action: limit.action,
                measured: measured.isFinite ? measured : 0,
                allowed: Double(limit.rate.rawValue) / 1e9))
    }

    private func command(_ kind: Command, at time: Timestamp) -> Event {
        // To everybody, with the reason that their orders will bear.
        .command(kind.rawValue, argument: UInt32(TD_REASON_RISK), at: time)
    }

    /// At the end of the run.
    func finished(_ slots: [Slot]) -> OverallResult {
        var result = result
        result.correlation = returns?.answer(slots.map(\.plan.name))
        return result
    }
}

extension OverallLimits.Action {
    fileprivate var strictness: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
