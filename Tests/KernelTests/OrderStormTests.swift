import CTapedeck
import Kernel
import Market
import Testing

/// Random tapes and storms of orders of all kinds; every seed is printed with what it breaks.
@Suite struct OrderStormTests {
    static let seeds = Array(UInt64(1)...30)

    @Test func `quiet stretches give what one event at a time gives, whatever their length`() {
        var quiet = 0
        var events = 0
        for seed in Self.seeds {
            let storm = OrderStorm(seed: seed)
            let stepwise = storm.playStepwise()
            for length in [1, 7, 64, 1_000] {
                let (result, count) = storm.playQuietly(length: length)
                quiet += count
                events += storm.tape.events.count
                if let difference = result.difference(from: stepwise) {
                    Issue.record("seed \(seed), stretches of \(length): \(difference)")
                    return
                }
            }
        }
        // A test of quiet stretches without any would show nothing.
        #expect(quiet * 10 > events)
        print("storms: \(Self.seeds.count), quiet events: \(quiet) of \(events)")
    }

    @Test func `the same storm gives the same digest, another one another`() {
        let first = OrderStorm(seed: 7).playStepwise().digest
        #expect(first == OrderStorm(seed: 7).playStepwise().digest)
        #expect(first != OrderStorm(seed: 8).playStepwise().digest)
    }

    @Test func `the books close after every event of every storm`() {
        for seed in Self.seeds {
            let storm = OrderStorm(seed: seed)
            var worst = Money.zero
            let result = storm.playStepwise { portfolio, _, _ in
                if portfolio.books.difference() != .zero { worst = portfolio.books.difference() }
            }
            #expect(worst == .zero, "seed \(seed)")
            #expect(result.fault == nil, "seed \(seed)")
        }
    }

    @Test func `no fill lies outside its bar`() {
        var fills = 0
        for seed in Self.seeds {
            let storm = OrderStorm(seed: seed)
            guard !storm.leavesBar else { continue }
            let isInstant = storm.settings.execution.fill == .instant
            _ = storm.playStepwise { _, index, records in
                for fill in records.fills
                where storm.tape.events[index].instrument == fill.instrument
                    && storm.tape.events[index].sequence == fill.sequence
                {
                    let prices = storm.tape.prices[index]
                    let type = Int(storm.tape.events[index].type)
                    // After a tick an instant fill is at the book that stands.
                    guard type <= TD_EVENT_QUOTE, type == TD_EVENT_BAR || !isInstant else {
                        continue
                    }
                    fills += 1
                    let (price, isBuy) = (fill.price.rawValue, fill.quantity > .zero)
                    let isInside = prices.low <= price && price <= prices.high
                    // Who waited gets his own price from a tick that went through it, never a
                    // better one.
                    let isOwn =
                        type != TD_EVENT_BAR && fill.isMaker
                        && (isBuy ? price >= prices.low : price <= prices.high)
                    #expect(isInside || isOwn, "seed \(seed) event \(index)")
                }
            }
        }
        print("fills inside their bars:", fills)
        #expect(fills > 500)
    }

    @Test func `an order never fills beyond its quantity, nor after its end`() {
        for seed in Self.seeds {
            let result = OrderStorm(seed: seed).playStepwise()
            var ended: Set<UInt64> = []
            for record in result.orders {
                #expect(
                    !ended.contains(record.order), "seed \(seed): order \(record.order) lives on")
                #expect(
                    record.filled.magnitude <= record.quantity.magnitude,
                    "seed \(seed): order \(record.order)")
                switch record.state {
                case .filled, .rejected, .cancelled, .expired: ended.insert(record.order)
                case .accepted, .triggered, .partlyFilled, .replaced, .held: break
                }
            }
            #expect(
                Set(result.orders.map(\.order)).count == ended.count,
                "seed \(seed): an order without an end")
            let numbers = result.orders.map(\.order).max() ?? 0
            #expect(UInt64(ended.count) == numbers, "seed \(seed): numbers have gaps")
        }
    }

    @Test func `what was filled is what is held`() {
        for seed in Self.seeds {
            let storm = OrderStorm(seed: seed)
            guard !storm.tape.events.contains(where: { $0.type == TD_EVENT_SPLIT }) else {
                continue
            }
            var held = [Int64](repeating: 0, count: storm.instruments.count)
            for fill in storm.playStepwise().fills {
                held[Int(fill.instrument)] += fill.quantity.rawValue
                #expect(held[Int(fill.instrument)] == fill.positionAfter.rawValue, "seed \(seed)")
            }
        }
    }

    @Test func `of orders that cancel each other only one ever fills`() {
        var groups = 0
        for seed in Self.seeds {
            let result = OrderStorm(seed: seed).playStepwise()
            // A group is used again once it is over, so it is looked at as long as its first fill's
            // rivals live.
            var members: [UInt32: Set<UInt64>] = [:]
            var filledMember: [UInt32: UInt64] = [:]
            for record in result.orders where record.oco != 0 {
                switch record.state {
                case .accepted, .held:
                    members[record.oco, default: []].insert(record.order)
                    // Who joins later starts a new contest with those that still work.
                    filledMember[record.oco] = nil
                case .filled, .partlyFilled:
                    if let other = filledMember[record.oco], other != record.order,
                        members[record.oco]?.contains(other) == true
                    {
                        Issue.record(
                            "seed \(seed): orders \(other) and \(record.order) of one group filled")
                    }
                    groups += 1
                    filledMember[record.oco] = record.order
                    if record.state == .filled { members[record.oco]?.remove(record.order) }
                case .cancelled, .expired: members[record.oco]?.remove(record.order)
                case .rejected, .triggered, .replaced: break
                }
            }
        }
        #expect(groups > 20)
    }

    @Test func `a fill of a reduce-only order never opens, adds or flips`() {
        var fills = 0
        for seed in Self.seeds {
            let result = OrderStorm(seed: seed).playStepwise()
            let reducing = Set(
                result.orders.filter { $0.flags & UInt32(TD_ORDER_REDUCE_ONLY) != 0 }.map(\.order))
            for fill in result.fills where reducing.contains(fill.order) {
                let before = fill.positionAfter.rawValue - fill.quantity.rawValue
                fills += 1
                #expect(before.signum() == -fill.quantity.rawValue.signum(), "seed \(seed)")
                #expect(before.magnitude >= fill.quantity.rawValue.magnitude, "seed \(seed)")
            }
        }
        #expect(fills > 100)
    }

    @Test func `nobody is short where shorts are not allowed`() {
        for seed in Self.seeds {
            let storm = OrderStorm(seed: seed)
            guard !storm.settings.allowShort else { continue }
            for fill in storm.playStepwise().fills {
                #expect(fill.positionAfter >= .zero, "seed \(seed)")
            }
        }
    }

    @Test func `orders of one bar take no more than its share of the volume`() {
        var limited = 0
        for seed in Self.seeds {
            let storm = OrderStorm(seed: seed)
            let execution = storm.settings.execution
            guard let limit = execution.volumeLimit, execution.fill == .nextOpen else { continue }
            _ = storm.playStepwise { _, index, records in
                guard storm.tape.events[index].type == TD_EVENT_BAR else { return }
                let scale = storm.instruments[Int(storm.tape.events[index].instrument)]
                    .quantityScale
                let taken = records.fills.reduce(0) {
                    $0 + scale.value(of: $1.quantity.rawValue.magnitude.signed)
                }
                let allowed = storm.tape.events[index].bar.volume * Double(limit.rawValue) / 1e9
                if taken > 0 { limited += 1 }
                #expect(taken <= allowed + 1e-9, "seed \(seed) event \(index)")
            }
        }
        #expect(limited > 50)
    }
}

extension UInt64 {
    fileprivate var signed: Int64 { Int64(self) }
}
