import CTapedeck
import Market

/// A change of an order that is under way to the venue.
struct OrderRequest {
    /// When it gets there.
    var due: Int64
    var order: UInt64
    /// New terms; nil cancels.
    var terms: td_order?
}

/// Orders and changes of orders take their time to the venue. Until then nothing meets them, and
/// nothing that began before they came: of a bar that was open already its fills are older than
/// they are.
extension Portfolio {
    /// How long a request about an instrument is under way now.
    mutating func delay(of instrument: InstrumentID) -> Int64 {
        let place = Int(instrument)
        return place < settings.latencies.count ? settings.latencies[place].draw(&ownNumbers) : 0
    }

    /// A new order leaves for the venue.
    mutating func launch(_ slot: Int32) {
        guard hasLatency else { return }
        let delay = delay(of: orders[slot].instrument)
        guard delay > 0 else { return }
        orders[slot].arrives = now.rawValue &+ delay
        orders[slot].liveAfter = .max
        orders[slot].hasRested = false
    }

    /// Sends a change after an order.
    /// - Returns: whether it takes any time.
    mutating func send(_ terms: td_order?, to order: UInt64, _ slot: Int32) -> Bool {
        guard hasLatency else { return false }
        let delay = delay(of: orders[slot].instrument)
        guard delay > 0 else { return false }
        requests.append(OrderRequest(due: now.rawValue &+ delay, order: order, terms: terms))
        settle()
        return true
    }

    /// What has reached the venue before an event takes effect, before anything is matched against
    /// it.
    mutating func arrive(at time: Int64) {
        for place in 0..<orders.count {
            let slot = orders.slot(at: place)
            if orders[slot].liveAfter == .max && isThere(orders[slot].arrives, slot, time) {
                orders[slot].liveAfter = sequence &- 1
                refreshBand(orders[slot].instrument)
            }
        }
        while let place = nextRequest(before: time) {
            let request = requests.remove(at: place)
            let slot = orders.slot(of: request.order)
            guard slot >= 0 else { continue }
            if let terms = request.terms {
                let answer = applyReplacement(request.order, slot, terms)
                // The order goes on as it was: that is told with the reason.
                if answer.status != TD_OK, orders.slot(of: request.order) == slot {
                    note(slot, orders[slot].state, answer.reason)
                }
            } else {
                end(slot, .cancelled, .byAuthor)
            }
        }
    }

    /// The request that got there first; of equal ones the one sent first.
    private func nextRequest(before time: Int64) -> Int? {
        var first: Int?
        for place in requests.indices {
            let slot = orders.slot(of: requests[place].order)
            guard slot < 0 || isThere(requests[place].due, slot, time) else { continue }
            if first.map({ requests[place].due < requests[$0].due }) ?? true { first = place }
        }
        return first
    }

    private func isThere(_ due: Int64, _ slot: Int32, _ time: Int64) -> Bool {
        time &- span(of: slot) >= due
    }

    /// The length of the bars that an order meets; zero where it meets ticks, or the close alone.
    private func span(of slot: Int32) -> Int64 {
        let listing = listings[Int(orders[slot].instrument)]
        if orders[slot].kind == .onClose || listing.matching & Portfolio.ticks != 0 { return 0 }
        return listing.matching == 0 ? listing.lastSpan : Int64(listing.matching) * 1_000_000_000
    }

    /// When the next of them gets there, as far as events are concerned.
    var nextArrival: Int64 {
        var next = Int64.max
        for place in 0..<orders.count {
            let slot = orders.slot(at: place)
            if orders[slot].liveAfter == .max {
                next = min(next, orders[slot].arrives &+ span(of: slot))
            }
        }
        for request in requests {
            let slot = orders.slot(of: request.order)
            next = min(next, slot < 0 ? request.due : request.due &+ span(of: slot))
        }
        return next
    }
}
