import CTapedeck
import Kernel
import Market

/// All that a portfolio has told in one run.
struct StormResult: Equatable {
    var orders: [OrderRecord] = []
    var fills: [FillRecord] = []
    var ledger: [LedgerRecord] = []
    var roundTrips: [RoundTrip] = []
    var equity: [EquitySample] = []
    var breaches: [BreachRecord] = []
    var updates: [UInt64] = []
    var digest = ""
    var finalEquity: Int64 = 0
    var peak: Int64 = 0
    var deepest: Double = 0
    var fault: Fault?

    /// With what the portfolio comes to at its end.
    func ended(by portfolio: inout Portfolio, _ records: inout Records) -> StormResult {
        var result = self
        portfolio.finish()
        result.take(&portfolio, &records)
        result.digest = portfolio.digest.text
        result.finalEquity = portfolio.books.equity.rawValue
        result.peak = portfolio.books.drawdown.peak.rawValue
        result.deepest = portfolio.books.drawdown.deepest
        result.fault = portfolio.fault
        return result
    }

    /// Where two results part, in words; nil where they are the same.
    func difference(from other: StormResult) -> String? {
        func first<Value: Equatable>(_ name: String, _ a: [Value], _ b: [Value]) -> String? {
            if a == b { return nil }
            let place =
                zip(a, b).enumerated().first { $0.element.0 != $0.element.1 }?.offset
                ?? min(a.count, b.count)
            func text(_ values: [Value]) -> String {
                place < values.count ? "\(values[place])" : "none"
            }
            return "\(name) \(place) of \(a.count), \(b.count): \(text(a)) | \(text(b))"
        }
        if let text = first("order", orders, other.orders) { return text }
        if let text = first("fill", fills, other.fills) { return text }
        if let text = first("ledger", ledger, other.ledger) { return text }
        if let text = first("round trip", roundTrips, other.roundTrips) { return text }
        if let text = first("breach", breaches, other.breaches) { return text }
        if let text = first("equity", equity, other.equity) { return text }
        if let text = first("update", updates, other.updates) { return text }
        return self == other ? nil : "totals: \(totals) | \(other.totals)"
    }

    private var totals: String {
        "\(digest) \(finalEquity) \(peak) \(deepest) \(String(describing: fault))"
    }

    mutating func take(_ portfolio: inout Portfolio, _ records: inout Records) {
        portfolio.takeRecords(into: &records)
        orders += records.orders
        fills += records.fills
        ledger += records.ledger
        roundTrips += records.roundTrips
        equity += records.equity
        breaches += records.breaches
        for update in portfolio.updates {
            updates += [
                update.sequence, UInt64(update.type), update.order.order,
                update.values.0.bitPattern,
            ]
        }
        portfolio.clearUpdates()
    }
}

extension OrderStorm {
    /// One event at a time, each advanced, whatever it is; `inspect` sees the portfolio after every
    /// event.
    func playStepwise(
        _ inspect: (borrowing Portfolio, Int, Records) -> Void = { _, _, _ in }
    ) -> StormResult {
        var portfolio = Portfolio(settings: settings, instruments: instruments)
        var result = StormResult()
        var records = Records()
        tape.withRun { run in
            for index in 0..<run.count {
                portfolio.advance(run, index)
                if let choice = acts[index] { act(choice, &portfolio) }
                result.take(&portfolio, &records)
                inspect(portfolio, index, records)
            }
        }
        return result.ended(by: &portfolio, &records)
    }

    /// As a runner does it: quiet stretches of at most `length` events are marked at once.
    func playQuietly(length: Int) -> (result: StormResult, quiet: Int) {
        var portfolio = Portfolio(settings: settings, instruments: instruments)
        var result = StormResult()
        var records = Records()
        var quietEvents = 0
        tape.withRun { run in
            var index = 0
            while index < run.count {
                let quiet = portfolio.quietPrefix(
                    run, from: index, limit: min(run.count, index + length))
                if quiet == 0 {
                    portfolio.advance(run, index)
                    index += 1
                } else {
                    // The strategy acts inside the stretch: only what it has seen is marked.
                    let stop =
                        (index..<index + quiet).first { acts[$0] != nil }.map { $0 + 1 } ?? index
                        + quiet
                    portfolio.mark(run, from: index, to: stop)
                    quietEvents += stop - index
                    index = stop
                }
                if let choice = acts[index - 1] { act(choice, &portfolio) }
                result.take(&portfolio, &records)
            }
        }
        return (result.ended(by: &portfolio, &records), quietEvents)
    }
}
