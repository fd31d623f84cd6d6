package import CTapedeck
package import Kernel
package import Market

/// Orders of all kinds, at random, straight into a portfolio. What is done after an event depends
/// on the seed and on that event alone: other events may be taken away, and the rest goes on as it
/// did.
package struct StormDriver: Sendable {
    package let seed: UInt64
    package let settings: PortfolioSettings
    private let instrumentCount: Int
    /// One event in so many is acted at.
    private let rarity: UInt64

    package init(seed: UInt64, _ instruments: [Instrument]) {
        self.seed = seed
        instrumentCount = instruments.count
        var random = Xoshiro256StarStar(seed: seed)
        rarity = 1 + random.below(8)
        var settings = Self.settings(&random, instruments)
        if seed >= Self.wideSeeds { Self.widen(&settings, seed: seed, instruments) }
        if Self.isPlain(seed) { Self.flatten(&settings, seed: seed) }
        self.settings = settings
    }

    /// Nil where nothing is done.
    package func choice(_ event: Event) -> UInt64? {
        let key =
            UInt64(bitPattern: event.time) ^ UInt64(event.instrument) << 48 ^ UInt64(event.type)
            << 40
        var random = SplitMix64(seed: seed ^ key &* 0x9E37_79B9_7F4A_7C15)
        return random.below(rarity) == 0 ? random.next() : nil
    }

    /// Does what a strategy would do, all of it decided by `choice`.
    package func act(_ choice: UInt64, _ portfolio: inout Portfolio) {
        var random = Xoshiro256StarStar(seed: choice)
        for _ in 0...random.below(3) {
            switch random.below(16) {
            case 0: _ = portfolio.cancel(portfolio.lastOrder &- random.below(6))
            case 1: replace(&random, &portfolio)
            case 2:
                let due = portfolio.now.rawValue + Int64(1 + random.below(90)) * 60_000_000_000
                _ = portfolio.setTimer(random.below(3), at: Timestamp(nanoseconds: due))
            default: _ = portfolio.submit(ticket(&random, &portfolio))
            }
        }
    }

    private func ticket(
        _ random: inout Xoshiro256StarStar, _ portfolio: inout Portfolio
    ) -> td_order {
        var ticket = td_order()
        ticket.struct_size = UInt32(MemoryLayout<td_order>.size)
        ticket.instrument = InstrumentID(random.below(UInt64(instrumentCount)))
        let position = portfolio.position(of: ticket.instrument)
        let mark = position.mark
        func near(_ width: Double) -> Double { mark * (1 + (random.unit() - 0.5) * width) }
        ticket.type = UInt8(1 + random.below(9))
        let worth = settings.cash.rawValue > 0 ? portfolio.account().equity : 1
        let share = [0.02, 0.1, 0.3, 0.9, 2][Int(random.below(5))] * (0.2 + random.unit())
        ticket.quantity = (random.below(2) == 0 ? 1 : -1) * (mark > 0 ? worth * share / mark : 1)
        if random.below(5) == 0, position.quantity != 0 { ticket.quantity = -position.quantity }
        if ticket.type == UInt8(TD_ORDER_TARGET_PERCENT) {
            ticket.quantity = random.unit() * 1.5 - 0.6
        }
        if seed & Self.plainSeeds != 0, random.below(Self.isPlain(seed) ? 2 : 6) == 0 {
            ticket.type = UInt8(TD_ORDER_MARKET)
            ticket.tag = random.next()
            return ticket
        }
        ticket.limit = near(0.03)
        ticket.stop = ticket.type == UInt8(TD_ORDER_TRAILING_STOP) ? 0 : near(0.03)
        ticket.trail = mark * 0.01
        decorate(&ticket, mark, &random)
        ticket.time_in_force = UInt8([0, 0, 0, 1, 2, 3, 4][Int(random.below(7))])
        ticket.expires = portfolio.now.rawValue + Int64(random.below(40)) * 900_000_000_000
        if random.below(5) == 0 { ticket.oco = UInt32(1 + random.below(3)) }
        if random.below(8) == 0 { ticket.parent = portfolio.lastOrder &- random.below(4) }
        ticket.tag = random.next()
        return ticket
    }

    private func decorate(
        _ ticket: inout td_order, _ mark: Double, _ random: inout Xoshiro256StarStar
    ) {
        if random.below(4) == 0 {
            ticket.flags |= UInt32(TD_ORDER_TRAIL_PERCENT)
            ticket.trail = 0.012
        }
        if random.below(6) == 0 { ticket.flags |= UInt32(TD_ORDER_REDUCE_ONLY) }
        if random.below(10) == 0 { ticket.flags |= UInt32(TD_ORDER_POST_ONLY) }
        if random.below(6) == 0 {
            ticket.flags |= UInt32(TD_ORDER_SIZED)
            ticket.quantity = random.unit() * 2 - 1
        }
        let up = ticket.quantity > 0 ? 1.0 : -1.0
        if random.below(3) == 0 { ticket.stop_loss = mark * (1 - up * 0.02 * random.unit()) }
        if random.below(3) == 0 { ticket.take_profit = mark * (1 + up * 0.02 * random.unit()) }
        if random.below(8) == 0 {
            ticket.trailing_stop =
                ticket.flags & UInt32(TD_ORDER_TRAIL_PERCENT) != 0 ? 0.01 : mark * 0.01
        }
        // What no honest strategy sends must be refused, not played.
        if random.below(40) == 0 {
            ticket.quantity = [Double.nan, .infinity, 1e300, -0.0][Int(random.below(4))]
        }
        if random.below(60) == 0 { ticket.instrument = InstrumentID(instrumentCount) }
    }

    private func replace(_ random: inout Xoshiro256StarStar, _ portfolio: inout Portfolio) {
        var ticket = td_order()
        ticket.struct_size = UInt32(MemoryLayout<td_order>.size)
        ticket.instrument = InstrumentID(random.below(UInt64(instrumentCount)))
        ticket.type = UInt8(TD_ORDER_LIMIT)
        let mark = portfolio.position(of: ticket.instrument).mark
        if random.below(2) == 0 {
            ticket.quantity = (random.below(2) == 0 ? 1 : -1) * Double(1 + random.below(100))
        }
        if random.below(2) == 0 { ticket.limit = mark * (1 + (random.unit() - 0.5) * 0.03) }
        if random.below(2) == 0 { ticket.stop = mark * (1 + (random.unit() - 0.5) * 0.03) }
        if random.below(3) == 0 { ticket.stop_loss = mark * (1 + (random.unit() - 0.5) * 0.03) }
        _ = portfolio.replace(portfolio.lastOrder &- random.below(8), with: ticket)
    }
}

extension StormDriver {
    /// The settings of the portfolio that the storm goes into.
    private static func settings(
        _ random: inout Xoshiro256StarStar, _ instruments: [Instrument]
    ) -> PortfolioSettings {
        let currency = instruments.first?.currency ?? Currency(code: "USD", exponent: 6)
        var settings = PortfolioSettings(
            cash: Money(100_000 * PowerOfTen.integer(currency.exponent)), currency: currency,
            instrumentCount: instruments.count)
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
        settings.execution.intrabar = pick([.pessimistic, .optimistic, .path])
        settings.execution.stopBeforeOpen = pick([false, false, true])
        settings.execution.entryBarExits = pick([.live, .live, .marketOnly, .nextBar])
        settings.execution.slippage = pick([
            .none, .none, .ticks(2), .proportional(.basisPoints(5)),
        ])
        settings.execution.slippageOn = pick([.all, .entries])
        settings.execution.slippageWithinBar = pick([true, true, false])
        settings.execution.volumeLimit = pick([nil, nil, .basisPoints(1_000)])
        settings.execution.outsideSession = pick([.rest, .reject])
        settings.execution.closeAtEnd = pick([false, true])
        settings.sizing = pick([
            .percentOfEquity(.basisPoints(5_000)), .fixedQuantity(12.5),
            .riskPerTrade(risk: .basisPoints(100), stop: .averageTrueRange(multiple: 2, window: 5)),
        ])
        if random.below(3) != 0 { settings.risk = risk(&random) }
        for place in instruments.indices {
            settings.commissions[place].rate = pick([.zero, .basisPoints(10)])
            settings.commissions[place].perTrade = pick([
                .zero, Money(PowerOfTen.integer(currency.exponent)),
            ])
            settings.commissions[place].maker = pick([nil, Rate(perBillion: -100_000)])
        }
        setHolding(&settings, &random, instruments.count)
        return settings
    }

    /// Margin calls, latency, and what holding costs.
    private static func setHolding(
        _ settings: inout PortfolioSettings, _ random: inout Xoshiro256StarStar, _ count: Int
    ) {
        if random.below(3) == 0 { settings.risk.maintenanceMargin = .basisPoints(4_000) }
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
        guard random.below(2) == 0 else { return }
        settings.carries = (0..<count).map { place in
            var carry = CarrySettings()
            carry.borrow = .basisPoints(300)
            carry.funding = place == 0 ? .basisPoints(2) : .zero
            carry.fundingInterval = place == 0 ? 3_600_000_000_000 : 0
            return carry
        }
        settings.interest.debit = .basisPoints(600)
        settings.interest.credit = .basisPoints(100)
    }

    private static func risk(_ random: inout Xoshiro256StarStar) -> RiskSettings {
        func pick<Value>(_ values: [Value]) -> Value {
            values[Int(random.below(UInt64(values.count)))]
        }
        var risk = RiskSettings()
        risk.maxDrawdown = pick([nil, .basisPoints(500), .basisPoints(2_000)])
        risk.maxDailyLoss = pick([nil, .basisPoints(200)])
        risk.stopLoss = pick([
            nil, .percent(.basisPoints(200)), .averageTrueRange(multiple: 3, window: 5),
        ])
        risk.takeProfit = pick([nil, .percent(.basisPoints(300))])
        risk.maxHolding = pick([nil, 7_200_000_000_000])
        risk.maxOrdersPerSecond = pick([nil, 2])
        risk.maxPositionSize = pick([nil, .basisPoints(6_000)])
        risk.maxGrossExposure = pick([nil, .basisPoints(15_000)])
        risk.maxConsecutiveLosses = pick([nil, 3])
        if random.below(3) == 0 {
            risk.actions = [
                RiskSettings.RuleAction(rule: .maxDrawdown, action: pick([.reject, .flatten]))
            ]
        }
        return risk
    }
}
