import CTapedeck
import Market

/// Borrow fees and interest are charged at the end of every UTC day, on what was held then at its
/// last mark; funding at its own times.
extension Portfolio {
    /// Charges the days that have ended before `time`.
    mutating func accrueDays(before time: Int64) {
        let days = (time - 1 - dayEnds) / SessionClock.day + 1
        let end = Timestamp(nanoseconds: dayEnds + (days - 1) * SessionClock.day)
        let counts = recordCounts
        for place in settings.carries.indices where settings.carries[place].borrow != .zero {
            books.chargeBorrow(
                InstrumentID(place), settings.carries[place].borrow, days: days, sequence: sequence,
                time: end,
                &records)
        }
        if settings.interest != InterestSettings() {
            books.chargeInterest(
                settings.interest, days: days, sequence: sequence, time: end, &records)
        }
        digestBooks(since: counts)
        noteEquity()
    }

    /// Charges the funding of the times that have passed before `time`.
    mutating func accrueFunding(before time: Int64) {
        let counts = recordCounts
        nextFunding = .max
        for place in settings.carries.indices where settings.carries[place].fundingInterval > 0 {
            let interval = settings.carries[place].fundingInterval
            var due = fundingDue[place]
            // Before the first event nothing was held.
            if due == .min { due = Self.multiple(of: interval, from: time) }
            while due < time {
                books.fund(
                    InstrumentID(place), settings.carries[place].funding, at: nil,
                    sequence: sequence,
                    time: Timestamp(nanoseconds: due), &records)
                due += interval
            }
            fundingDue[place] = due
            nextFunding = min(nextFunding, due)
        }
        digestBooks(since: counts)
        noteEquity()
    }

    /// The first multiple of `interval` at or after `time`.
    private static func multiple(of interval: Int64, from time: Int64) -> Int64 {
        let rest = time % interval
        return rest == 0 ? time : time - rest + (rest > 0 ? interval : 0)
    }

    /// A rate that the tape tells, at its own price or at the mark.
    mutating func fund(_ event: Event) {
        let place = Int(event.instrument)
        let rate = event.funding.rate * 1e9
        guard place < listings.count, rate.magnitude <= 1e9 else { return }
        let told =
            event.funding.price == 0 ? nil : listings[place].units.nearestPrice(event.funding.price)
        let counts = recordCounts
        books.fund(
            event.instrument, Rate(perBillion: Int64(rate.rounded(.toNearestOrEven))),
            at: told.map { Price($0) }, sequence: sequence, time: now, &records)
        digestBooks(since: counts)
        noteEquity()
    }
}
