package import CTapedeck

/// Restates earlier prices so that splits and dividends leave no jump: for indicators and charts,
/// never for fills. Going back in time every split divides earlier prices by its ratio, every
/// dividend multiplies them by 1 - dividend / close before the ex-date (that close restated for a
/// split of the same day).
package struct PriceAdjustment: Sendable {
    /// A dividend that is not below the price it is paid from.
    package struct Excessive: Error, Hashable, Sendable {
        package let time: Timestamp
        package let dividend: Double
        package let close: Double
    }

    /// What holds for everything before an action.
    private struct Step: Sendable {
        let before: Timestamp
        var price: Double
        var volume: Double
    }

    /// Ascending by time.
    private var steps: [Step] = []

    /// Reads the actions of one instrument from events in order, with the closes before them.
    package init(_ events: Span<Event>, of instrument: InstrumentID) throws(Excessive) {
        var close: Double?
        for index in events.indices where events[index].instrument == instrument {
            let event = events[index]
            switch event.kind {
            case .bar: close = event.bar.close
            case .trade: close = event.trade.price
            case .split:
                steps.append(
                    Step(
                        before: event.timestamp, price: 1 / event.split.ratio,
                        volume: event.split.ratio))
                close = close.map { $0 / event.split.ratio }
            case .dividend:
                // Without a price before it there is nothing to restate.
                guard let last = close else { continue }
                let amount = event.dividend.amount
                guard amount < last else {
                    throw Excessive(time: event.timestamp, dividend: amount, close: last)
                }
                steps.append(Step(before: event.timestamp, price: 1 - amount / last, volume: 1))
            default: continue
            }
        }
        accumulate()
    }

    /// Makes each step hold all that come after it too.
    private mutating func accumulate() {
        var price = 1.0
        var volume = 1.0
        for index in steps.indices.reversed() {
            price *= steps[index].price
            volume *= steps[index].volume
            steps[index].price = price
            steps[index].volume = volume
        }
    }

    /// What prices and volumes at `time` are multiplied by; 1 after the last action.
    package func factors(at time: Timestamp) -> (price: Double, volume: Double) {
        var low = 0
        var high = steps.count
        while low < high {
            let middle = (low + high) / 2
            if steps[middle].before <= time { low = middle + 1 } else { high = middle }
        }
        return low < steps.count ? (steps[low].price, steps[low].volume) : (1, 1)
    }

    /// The restated bar that was stamped with `time`.
    package func adjusted(_ bar: Bar, at time: Timestamp) -> Bar {
        let (price, volume) = factors(at: time)
        return Bar(
            open: bar.open * price, high: bar.high * price, low: bar.low * price,
            close: bar.close * price, volume: bar.volume * volume)
    }
}

extension TradingCalendar {
    /// When an action with this ex-date takes effect: at the opening of its session, or of the next
    /// one. A bar that ends on the day before is then always before it.
    package func timeOfAction(on date: CivilDate) -> Timestamp? {
        (session(on: date) ?? session(after: date))?.opens
    }
}
