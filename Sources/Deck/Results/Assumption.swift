import Kernel
import Market

/// One thing that a result rests on, in words.
package struct Assumption: Hashable, Sendable, Codable {
    /// `fills`, `costs`, `account`, `walls` or `warm-up`.
    package var subject: String
    package var text: String
}

extension SlotPlan {
    /// How its orders were filled, what that cost, and what its account allowed.
    func assumptions(_ outline: FeedOutline, barsWithoutDetail: Int) -> [Assumption] {
        var fills = settings.execution.fillWords
        if settings.execution.intrabar == .detail {
            fills += detailGaps(outline, barsWithoutDetail)
        }
        fills += ticked(outline)
        return [
            Assumption(subject: "fills", text: fills.joined(separator: "; ")),
            Assumption(subject: "costs", text: costs(outline.instruments)),
            Assumption(subject: "account", text: account(outline.instruments)),
        ]
    }

    /// Nil where nothing was to pass before `feed.from`.
    func warmUp(_ history: SlotHistory?, from: Timestamp?, _ outline: FeedOutline) -> Assumption? {
        guard warmUpBars > 0, let history, let from else { return nil }
        let bars = warmUpBars == 1 ? "1 bar" : "\(warmUpBars) bars"
        guard !history.missing.isEmpty else {
            return Assumption(subject: "warm-up", text: "\(bars) before \(TimeText.string(from))")
        }
        let missing = history.missing.map { series in
            let symbol = outline.instruments[Int(series.instrument)].symbol
            return "\(series.bars) of \(symbol) \(TimeFrame(rawValue: series.timeframe))"
        }
        return Assumption(
            subject: "warm-up",
            text: "\(bars) before \(TimeText.string(from)) were wanted, but the feed lacks "
                + "\(missing.joined(separator: ", ")): as many of its first bars from then on took their place"
        )
    }

    /// Which instruments' orders met quotes, levels or trades instead of bars.
    private func ticked(_ outline: FeedOutline) -> [String] {
        let matching = SlotDemand(self, outline).matching(count: outline.instruments.count)
        let names: [(EventKind, String)] = [
            (.depth, "walk the book of"), (.quote, "take bid and ask of"),
            (.trade, "get the next trade of"),
        ]
        return names.compactMap { kind, words in
            let symbols = instruments.filter { id in
                let best = names.first { outline.ticks[Int(id)].contains($0.0.rawValue) }?.0
                return matching[Int(id)] & Portfolio.ticks != 0 && best == kind
            }.map { outline.instruments[Int($0)].symbol }
            return symbols.isEmpty
                ? nil : "market orders \(words) \(symbols.joined(separator: " "))"
        }
    }

    /// Where `intrabar: detail` had nothing to go by.
    private func detailGaps(_ outline: FeedOutline, _ barsWithoutDetail: Int) -> [String] {
        let frame = timeFrames.first ?? 0
        let coarse = instruments.filter { id in
            outline.ticks[Int(id)].isEmpty && (outline.frames[Int(id)].first ?? frame) >= frame
        }.map { outline.instruments[Int($0)].symbol }
        var words: [String] = []
        if !coarse.isEmpty {
            words.append(
                "pessimistic throughout on \(coarse.joined(separator: " ")), without shorter bars")
        }
        if barsWithoutDetail > 0 {
            let bars = barsWithoutDetail == 1 ? "1 bar" : "\(barsWithoutDetail) bars"
            words.append("pessimistic on \(bars) of which there were no shorter ones")
        }
        return words
    }

    private func costs(_ all: [Instrument]) -> String {
        var groups: [(words: String, symbols: [String])] = []
        for id in instruments {
            let words = settings.commissions[Int(id)].words(all[Int(id)].currency)
            if let index = groups.firstIndex(where: { $0.words == words }) {
                groups[index].symbols.append(all[Int(id)].symbol)
            } else {
                groups.append((words, [all[Int(id)].symbol]))
            }
        }
        let commissions = groups.map { group in
            "commission \(group.words)"
                + (groups.count > 1 ? " on \(group.symbols.joined(separator: " "))" : "")
        }
        return ([settings.execution.slippageWords] + commissions + holding(all)).joined(
            separator: "; ")
    }

    /// What holding costs, and how long orders are under way.
    private func holding(_ all: [Instrument]) -> [String] {
        func each(_ words: (Int) -> String?) -> [String] {
            let texts = instruments.map { words(Int($0)) }
            if Set(texts).count == 1 { return [texts[0]].compactMap { $0 } }
            return zip(instruments, texts).compactMap { id, text in
                text.map { "\($0) on \(all[Int(id)].symbol)" }
            }
        }
        var parts = each { place in
            guard place < settings.carries.count, settings.carries[place].borrow != .zero else {
                return nil
            }
            return "borrow fee \(settings.carries[place].borrow.percentText) a year"
        }
        parts += each { place in
            guard place < settings.carries.count, settings.carries[place].fundingInterval > 0 else {
                return nil
            }
            let hours = Double(settings.carries[place].fundingInterval) / 3.6e12
            return "funding \(settings.carries[place].funding.pointsText) every \(hours) h"
        }
        let interest = settings.interest
        if interest.debit != .zero {
            parts.append("interest \(interest.debit.percentText) on debt")
        }
        if interest.credit != .zero {
            parts.append("interest \(interest.credit.percentText) on cash")
        }
        return parts
            + each { place in
                place < settings.latencies.count ? settings.latencies[place].words : nil
            }
    }

    private func account(_ all: [Instrument]) -> String {
        let cash = DecimalText.string(
            settings.cash.rawValue, exponent: -settings.currency.exponent, decimals: .trimmed)
        var words = ["\(cash) \(settings.currency.code)"]
        words.append(settings.allowShort ? "may sell short" : "long only")
        if settings.leverage != .one { words.append("leverage \(settings.leverage.factorText)") }
        if let limit = settings.risk.maintenanceMargin {
            words.append("maintenance margin \(limit.percentText)")
        }
        if settings.partial { words.append("orders shrink to the buying power") }
        if settings.lots == .fifo { words.append("lots first in, first out") }
        if instruments.contains(where: { all[Int($0)].currency != settings.currency }) {
            words.append(
                settings.foreignCash == .hold
                    ? "cash of other currencies is kept"
                    : "other currencies are changed at every fill, at the last rate")
        }
        return words.joined(separator: "; ")
    }
}

extension ExecutionSettings {
    fileprivate var fillWords: [String] {
        var words = [
            fill == .nextOpen
                ? "market orders at the next open"
                : "market orders at the close of the bar just seen",
            touch == .strict ? "limits when traded through" : "limits when touched", intrabarWords,
        ]
        words += tickWords
        if stopBeforeOpen {
            words.append("a touched stop before a target that the open has passed")
        }
        switch entryBarExits {
        case .live: break
        case .marketOnly: words.append("exits inside the entry bar only after market entries")
        case .nextBar: words.append("exits from the bar after the entry on")
        }
        if let volumeLimit { words.append("at most \(volumeLimit.percentText) of a bar's volume") }
        if outsideSession == .reject { words.append("orders outside the session refused") }
        if closeAtEnd { words.append("positions closed at the end") }
        return words
    }

    /// What holds on quotes, levels and trades, where it is not what holds without saying.
    private var tickWords: [String] {
        var words: [String] = []
        if queue == .back { words.append("limits wait behind what their level showed") }
        if quoteSize == .ignore { words.append("sizes of quotes ignored") }
        switch stopTrigger {
        case .last: break
        case .bidAsk: words.append("stops triggered by bid and ask")
        case .mark: words.append("stops triggered by the mark")
        }
        return words
    }

    private var intrabarWords: String {
        switch intrabar {
        case .pessimistic: "inside a bar the worse outcome (pessimistic)"
        case .optimistic: "inside a bar the better outcome (optimistic)"
        case .path: "inside a bar open, nearer extreme, farther extreme, close (path)"
        case .detail: "inside a bar as its shorter bars went (detail)"
        }
    }

    fileprivate var slippageWords: String {
        let distance: String
        switch slippage {
        case .none: return "no slippage"
        case .ticks(let count): distance = "\(count) tick\(count == 1 ? "" : "s")"
        case .proportional(let rate): distance = rate.pointsText
        case .spreadShare(let rate): distance = "\(rate.percentText) of the spread"
        case .volumeImpact(let k, let window):
            distance = "\(k) x deviation over \(window) bars x sqrt(share of the volume)"
        }
        var words = "slippage \(distance)"
        if slippageOn != .all { words += " on \(slippageOn.rawValue) only" }
        if slippageWithinBar { words += ", never beyond the bar" }
        return words
    }
}

extension CommissionSettings {
    fileprivate func words(_ currency: Currency) -> String {
        func amount(_ money: Money) -> String {
            DecimalText.string(money.rawValue, exponent: -currency.exponent, decimals: .trimmed)
                + " \(currency.code)"
        }
        var parts: [String] = []
        if perTrade != .zero { parts.append("\(amount(perTrade)) a fill") }
        if perUnit != .zero { parts.append("\(amount(perUnit)) a unit") }
        if rate != .zero { parts.append(rate.pointsText) }
        if let maker { parts.append("\(maker.pointsText) for makers") }
        if let taker { parts.append("\(taker.pointsText) for takers") }
        if !tiers.isEmpty { parts.append("\(tiers.count) tiers by the month's volume") }
        if parts.isEmpty { return "none" }
        if let minimum { parts.append("at least \(amount(minimum))") }
        if let maximum { parts.append("at most \(amount(maximum))") }
        return parts.joined(separator: ", ")
    }
}

extension LatencySettings {
    /// `latency 20 ms`, or from the fastest to the slowest.
    fileprivate var words: String? {
        guard !isNone, let first = points.first, let last = points.last else { return nil }
        func text(_ nanoseconds: Int64) -> String {
            nanoseconds < 1_000_000_000
                ? DecimalText.string(nanoseconds, exponent: -6, decimals: .trimmed) + " ms"
                : DecimalText.string(nanoseconds, exponent: -9, decimals: .trimmed) + " s"
        }
        return points.count == 1
            ? "latency \(text(last.nanoseconds))"
            : "latency \(text(first.nanoseconds)) to \(text(last.nanoseconds)), drawn"
    }
}

extension Rate {
    /// `5 bps`.
    fileprivate var pointsText: String {
        DecimalText.string(rawValue, exponent: -5, decimals: .trimmed) + " bps"
    }
    /// `10 %`.
    fileprivate var percentText: String {
        DecimalText.string(rawValue, exponent: -7, decimals: .trimmed) + " %"
    }
    /// `2`.
    fileprivate var factorText: String {
        DecimalText.string(rawValue, exponent: -9, decimals: .trimmed)
    }
}
