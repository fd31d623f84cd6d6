import CTapedeck
import Kernel
import Market
import TestBacktests

/// A random tape and random orders of all kinds, both from one seed.
struct OrderStorm {
    let seed: UInt64
    let instruments: [Instrument]
    let settings: PortfolioSettings
    let tape: Tape
    /// What is done after which event: nothing depends on how the events are handed over.
    let acts: [Int: UInt64]
    /// Slippage may leave the bar.
    var leavesBar: Bool {
        settings.execution.slippage != .none && !settings.execution.slippageWithinBar
    }

    init(seed: UInt64, events: Int = 400) {
        self.seed = seed
        var random = Xoshiro256StarStar(seed: seed)
        let instruments = (0..<Int(1 + random.below(3))).map(Self.instrument)
        self.instruments = instruments
        settings = Self.settings(&random, instruments.count)
        tape = Self.tape(&random, instruments, events)
        var acts: [Int: UInt64] = [:]
        let rarity = 1 + random.below(12)
        for index in tape.events.indices where random.below(rarity) == 0 {
            acts[index] = random.next()
        }
        self.acts = acts
    }

    private static func instrument(_ place: Int) -> Instrument {
        Instrument(
            id: InstrumentID(place), symbol: "S\(place)", kind: place == 2 ? .future : .spot,
            currency: Currency(code: "USD", exponent: 6), priceExponent: -2,
            quantityExponent: place == 0 ? -3 : 0,
            priceStep: Price(place == 1 ? 5 : 1), quantityStep: Quantity(place == 0 ? 10 : 1),
            multiplier: place == 2 ? 5 : 1, minimumNotional: Money(place == 0 ? 1_000_000 : 0))
    }

    private static func settings(
        _ random: inout Xoshiro256StarStar, _ count: Int
    ) -> PortfolioSettings {
        var settings = PortfolioSettings(
            cash: Money(1_000_000_000_000), currency: Currency(code: "USD", exponent: 6),
            instrumentCount: count)
        func pick<Value>(_ values: [Value]) -> Value {
            values[Int(random.below(UInt64(values.count)))]
        }
        settings.allowShort = pick([true, true, false])
        settings.leverage = pick([.one, Rate(perBillion: 3_000_000_000)])
        settings.partial = pick([false, true])
        settings.lots = pick([.average, .fifo])
        settings.equitySampling = pick([.bar, .session])
        settings.execution.fill = pick([.nextOpen, .nextOpen, .instant])
        settings.execution.touch = pick([.strict, .loose])
        settings.execution.queue = pick([.front, .back])
        settings.execution.quoteSize = pick([.respect, .ignore])
        settings.execution.stopTrigger = pick([.last, .bidAsk, .mark])
        settings.execution.intrabar = pick([.pessimistic, .optimistic, .path, .detail])
        settings.execution.stopBeforeOpen = pick([false, false, true])
        settings.execution.entryBarExits = pick([.live, .live, .marketOnly, .nextBar])
        settings.execution.slippage = pick([
            .none, .ticks(2), .proportional(.basisPoints(5)), .volumeImpact(k: 0.5, window: 5),
        ])
        settings.execution.slippageOn = pick([.all, .entries])
        settings.execution.slippageWithinBar = pick([false, true])
        settings.execution.volumeLimit = pick([nil, nil, .basisPoints(1_000)])
        settings.execution.outsideSession = pick([.rest, .reject])
        settings.execution.closeAtEnd = pick([false, true])
        settings.sizing = pick([
            .percentOfEquity(.basisPoints(5_000)), .fixedQuantity(12.5),
            .fixedCash(Money(20_000_000_000)),
            .riskPerTrade(risk: .basisPoints(100), stop: .averageTrueRange(multiple: 2, window: 5)),
        ])
        if random.below(3) != 0 { settings.risk = risk(&random) }
        if random.below(3) == 0 { settings.risk.maintenanceMargin = .basisPoints(4_000) }
        setHolding(&settings, &random, count)
        for place in 0..<count {
            settings.commissions[place].rate = pick([.zero, .basisPoints(10)])
            settings.commissions[place].perTrade = pick([.zero, Money(1_000_000)])
            settings.commissions[place].maker = pick([nil, Rate(perBillion: -100_000)])
        }
        return settings
    }

    /// Latency, and what holding costs.
    private static func setHolding(
        _ settings: inout PortfolioSettings, _ random: inout Xoshiro256StarStar, _ count: Int
    ) {
        if random.below(3) == 0 {
            settings.latencies = (0..<count).map { place in
                place == 1
                    ? .fixed(90_000_000_000)
                    : LatencySettings(points: [
                        LatencySettings.Point(share: .zero, nanoseconds: 1_000_000),
                        LatencySettings.Point(share: .one, nanoseconds: 200_000_000_000),
                    ])
            }
        }
        if random.below(2) == 0 {
            settings.carries = (0..<count).map { place in
                var carry = CarrySettings()
                carry.borrow = .basisPoints(300)
                carry.funding = place == 2 ? .basisPoints(2) : .zero
                carry.fundingInterval = place == 2 ? 3_600_000_000_000 : 0
                return carry
            }
            settings.interest.debit = .basisPoints(600)
            settings.interest.credit = .basisPoints(100)
        }
    }

    private static func risk(_ random: inout Xoshiro256StarStar) -> RiskSettings {
        func pick<Value>(_ values: [Value]) -> Value {
            values[Int(random.below(UInt64(values.count)))]
        }
        var risk = RiskSettings()
        risk.maxDrawdown = pick([nil, .basisPoints(200), .basisPoints(800)])
        risk.maxDailyLoss = pick([nil, .basisPoints(100), .basisPoints(400)])
        risk.stopLoss = pick([
            nil, .percent(.basisPoints(100)), .averageTrueRange(multiple: 3, window: 5),
        ])
        risk.takeProfit = pick([nil, .percent(.basisPoints(150))])
        risk.maxHolding = pick([nil, 1_200_000_000_000])
        risk.maxOrdersPerSecond = pick([nil, 2])
        risk.maxPositionSize = pick([nil, .basisPoints(6_000)])
        risk.maxConsecutiveLosses = pick([nil, 3])
        risk.minReturn = pick([nil, RiskSettings.PerformanceFloor(floor: -0.01, window: 2)])
        if random.below(3) == 0 {
            risk.actions = [
                RiskSettings.RuleAction(rule: .maxDrawdown, action: pick([.reject, .flatten]))
            ]
        }
        return risk
    }

    private static func tape(
        _ random: inout Xoshiro256StarStar, _ instruments: [Instrument], _ count: Int
    ) -> Tape {
        var tape = Tape(instruments)
        let hasSessions = random.below(2) == 0
        let hasTicks = random.below(3) == 0
        let actions = random.below(2) == 0
        var prices = instruments.map { _ in Int64(5_000 + random.below(10_000)) }
        var time: Int64 = 1_700_000_000_000_000_000 / 60_000_000_000 * 60_000_000_000
        var opens: Int64 = 0
        var inSession = false
        while tape.events.count < count {
            time += 60_000_000_000 * Int64(1 + random.below(3))
            // A night, or a weekend.
            if !inSession && random.below(40) == 0 {
                time += 86_400_000_000_000 * Int64(1 + random.below(3))
            }
            if hasSessions && !inSession {
                opens = time - 60_000_000_000
                tape.append(session(TD_EVENT_SESSION_OPEN, opens))
                inSession = true
            }
            for place in instruments.indices where random.below(5) != 0 {
                let id = InstrumentID(place)
                if actions && random.below(60) == 0 {
                    let (n, d) = [(2, 1), (1, 2), (3, 2)][Int(random.below(3))]
                    let stamp = Timestamp(nanoseconds: time)
                    tape.append(.split(id, at: stamp, numerator: Int64(n), denominator: Int64(d)))
                    prices[place] = max(500, prices[place] * Int64(d) / Int64(n))
                }
                if actions && random.below(60) == 0 {
                    tape.append(
                        .dividend(id, at: Timestamp(nanoseconds: time), amount: 0.25, taxRate: 0.15)
                    )
                }
                if actions && random.below(50) == 0 {
                    let stamp = Timestamp(nanoseconds: time)
                    tape.append(.halt(id, at: stamp, resumes: random.below(3) != 0))
                    if place == 2 { tape.append(.funding(id, at: stamp, rate: 0.0003)) }
                }
                appendData(&random, &tape, id, &prices[place], time, hasTicks: hasTicks)
                if hasTicks && place == 1 && random.below(4) == 0 {
                    appendDepth(&random, &tape, id, prices[place], time)
                }
            }
            let isOver = hasSessions && (time - opens >= 1_800_000_000_000 || random.below(40) == 0)
            if isOver {
                tape.append(session(TD_EVENT_SESSION_CLOSE, opens))
                inSession = false
            }
        }
        return tape
    }

    private static func session(_ type: Int, _ opens: Int64) -> Event {
        let closes = opens + 1_800_000_000_000
        var event = Event()
        event.type = UInt8(type)
        event.time = type == Int(TD_EVENT_SESSION_OPEN) ? opens : closes
        event.session = SessionChange(
            opens: opens, closes: closes, calendar: 0, kind: 0, reserved: (0, 0))
        return event
    }

    /// Some levels of one update.
    private static func appendDepth(
        _ random: inout Xoshiro256StarStar, _ tape: inout Tape, _ id: InstrumentID, _ price: Int64,
        _ time: Int64
    ) {
        let count = 1 + random.below(4)
        for number in 1...count {
            let isBid = random.below(2) == 0
            let offset = Int64(5 * (1 + random.below(6)))
            var event = Event()
            event.type = UInt8(TD_EVENT_DEPTH)
            event.flags = number < count ? UInt8(TD_FLAG_MORE) : 0
            event.instrument = id
            event.time = time
            event.depth = DepthLevel(
                price: Double(isBid ? price - offset : price + offset) / 100,
                quantity: Double(random.below(60)),
                side: isBid ? 1 : -1, level: 0, reserved: (0, 0))
            tape.append(event)
        }
    }

    private static func appendData(
        _ random: inout Xoshiro256StarStar, _ tape: inout Tape, _ id: InstrumentID,
        _ price: inout Int64,
        _ time: Int64, hasTicks: Bool
    ) {
        let stamp = Timestamp(nanoseconds: time)
        let gap = random.below(6) == 0 ? Int64(random.below(201)) - 100 : 0
        let open = max(200, price + gap)
        let close = max(200, open + Int64(random.below(121)) - 60)
        if hasTicks && random.below(3) == 0 {
            price = close
            if random.below(2) == 0 {
                tape.append(
                    .trade(
                        id, at: stamp, price: Double(close) / 100,
                        quantity: Double(1 + random.below(90)),
                        taker: [nil, .buy, .sell][Int(random.below(3))]))
            } else {
                // Some quotes lack a side, some are crossed.
                let (bid, ask) =
                    random.below(20) == 0 ? (close + 2, close - 2) : (close - 3, close + 3)
                let hasAsk = random.below(12) != 0
                tape.append(
                    .quote(
                        id, at: stamp, bid: Double(bid) / 100,
                        bidQuantity: Double(random.below(40)),
                        ask: hasAsk ? Double(ask) / 100 : 0,
                        askQuantity: hasAsk ? Double(1 + random.below(40)) : 0))
            }
            return
        }
        let high = max(open, close) + Int64(random.below(60))
        let low = max(100, min(open, close) - Int64(random.below(60)))
        price = close
        tape.bar(id, open, high, low, close, volume: Double(random.below(2_000)), closes: time)
    }
}

extension OrderStorm {
    /// Does what a strategy would do, all of it decided by `choice`.
    func act(_ choice: UInt64, _ portfolio: inout Portfolio) {
        var random = Xoshiro256StarStar(seed: choice)
        for _ in 0...random.below(3) {
            switch random.below(20) {
            case 0: _ = portfolio.cancel(portfolio.lastOrder &- random.below(6))
            case 1: replace(&random, &portfolio)
            case 2:
                let due = Timestamp(nanoseconds: portfolio.now.rawValue + 300_000_000_000)
                _ = portfolio.setTimer(random.below(3), at: due)
            case 3 where random.below(8) == 0:
                var command = td_command()
                command.kind = 1 + UInt32(random.below(3))
                portfolio.command(command)
            default: _ = portfolio.submit(ticket(&random, &portfolio))
            }
        }
    }

    private func ticket(
        _ random: inout Xoshiro256StarStar, _ portfolio: inout Portfolio
    ) -> td_order {
        let id = InstrumentID(random.below(UInt64(instruments.count)))
        let mark = portfolio.position(of: id).mark
        func near(_ width: Double) -> Double { mark * (1 + (random.unit() - 0.5) * width) }
        var ticket = td_order(id, Int(1 + random.below(9)), 0)
        let size = [1.0, 5, 20, 100, 1_000][Int(random.below(5))]
        ticket.quantity = (random.below(2) == 0 ? 1 : -1) * size * (0.2 + random.unit())
        if ticket.type == UInt8(TD_ORDER_TARGET_PERCENT) {
            ticket.quantity = random.unit() * 1.5 - 0.6
        }
        ticket.limit = near(0.02)
        ticket.stop = ticket.type == UInt8(TD_ORDER_TRAILING_STOP) ? 0 : near(0.02)
        ticket.trail = mark * 0.005
        if random.below(4) == 0 {
            ticket.flags |= UInt32(TD_ORDER_TRAIL_PERCENT)
            ticket.trail = 0.007
        }
        if random.below(6) == 0 { ticket.flags |= UInt32(TD_ORDER_REDUCE_ONLY) }
        if random.below(10) == 0 { ticket.flags |= UInt32(TD_ORDER_POST_ONLY) }
        if random.below(6) == 0 {
            ticket.flags |= UInt32(TD_ORDER_SIZED)
            ticket.quantity = random.unit() * 2 - 1
        }
        let up = ticket.quantity > 0 ? 1.0 : -1.0
        if random.below(3) == 0 { ticket.stop_loss = mark * (1 - up * 0.006 * random.unit()) }
        if random.below(3) == 0 { ticket.take_profit = mark * (1 + up * 0.006 * random.unit()) }
        if random.below(8) == 0 {
            ticket.trailing_stop = ticket.flags & 4 != 0 ? 0.004 : mark * 0.004
        }
        ticket.time_in_force = UInt8([0, 0, 0, 1, 2, 3, 4][Int(random.below(7))])
        ticket.expires = portfolio.now.rawValue + Int64(random.below(20)) * 60_000_000_000
        if random.below(5) == 0 { ticket.oco = UInt32(1 + random.below(3)) }
        if random.below(8) == 0 { ticket.parent = portfolio.lastOrder &- random.below(4) }
        ticket.tag = random.next()
        return ticket
    }

    private func replace(_ random: inout Xoshiro256StarStar, _ portfolio: inout Portfolio) {
        let id = InstrumentID(random.below(UInt64(instruments.count)))
        let mark = portfolio.position(of: id).mark
        var ticket = td_order(id, TD_ORDER_LIMIT, 0)
        if random.below(2) == 0 {
            ticket.quantity = (random.below(2) == 0 ? 1 : -1) * Double(1 + random.below(100))
        }
        if random.below(2) == 0 { ticket.limit = mark * (1 + (random.unit() - 0.5) * 0.02) }
        if random.below(2) == 0 { ticket.stop = mark * (1 + (random.unit() - 0.5) * 0.02) }
        if random.below(3) == 0 { ticket.stop_loss = mark * (1 + (random.unit() - 0.5) * 0.02) }
        _ = portfolio.replace(portfolio.lastOrder &- random.below(8), with: ticket)
    }
}
