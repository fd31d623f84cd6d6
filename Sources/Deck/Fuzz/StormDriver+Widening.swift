import CTapedeck
import Feeds
import Kernel
import Market

/// What storms have had since there were ticks, currencies and margin to get wrong. Tapes that were
/// kept before have smaller seeds, and go on being played as they were.
extension StormDriver {
    package static let wideSeeds: UInt64 = 1 << 40
    /// The same of what goes the kernel's short way: plain orders under plain settings.
    package static let plainSeeds: UInt64 = 1 << 41

    /// Whether this storm's settings ask for nothing out of the ordinary.
    static func isPlain(_ seed: UInt64) -> Bool { seed & plainSeeds != 0 && seed % 4 == 0 }

    static func flatten(_ settings: inout PortfolioSettings, seed: UInt64) {
        settings.execution.fill = .nextOpen
        settings.execution.slippage = .none
        settings.execution.outsideSession = .rest
        settings.execution.volumeLimit = nil
        settings.latencies = []
        settings.risk.maintenanceMargin = nil
        if seed % 8 == 0 { settings.risk = RiskSettings() }
    }

    static func widen(
        _ settings: inout PortfolioSettings, seed: UInt64, _ instruments: [Instrument]
    ) {
        var random = Xoshiro256StarStar(seed: seed ^ 0x71D3)
        func pick<Value>(_ values: [Value]) -> Value {
            values[Int(random.below(UInt64(values.count)))]
        }
        settings.execution.queue = pick([.front, .back])
        settings.execution.quoteSize = pick([.respect, .respect, .ignore])
        settings.execution.stopTrigger = pick([.last, .bidAsk, .mark])
        settings.foreignCash = pick([.convertAtFill, .hold])
        switch random.below(4) {
        case 0: settings.execution.slippage = .spreadShare(.basisPoints(2_500))
        case 1: settings.execution.slippage = .volumeImpact(k: 0.5, window: 5)
        default: break
        }
        if random.below(3) == 0 {
            settings.sizing = pick([
                .fixedCash(Money(20_000_000_000)), .kelly(cap: .basisPoints(3_000), atLeast: 2),
                .volatilityTarget(target: .basisPoints(2_000), window: 5),
            ])
        }
        for place in instruments.indices { widen(&settings.commissions[place], &random) }
        if random.below(2) == 0 { widen(&settings.risk, &random) }
    }

    private static func widen(
        _ commission: inout CommissionSettings, _ random: inout Xoshiro256StarStar
    ) {
        guard random.below(2) == 0 else { return }
        func pick<Value>(_ values: [Value]) -> Value {
            values[Int(random.below(UInt64(values.count)))]
        }
        commission.perUnit = pick([.zero, Money(5_000)])
        commission.minimum = pick([nil, Money(1_000_000)])
        commission.maximum = pick([nil, Money(3_000_000)])
        commission.step = pick([.zero, Money(10_000)])
        commission.rounding = pick([.halfEven, .halfUp, .up])
        if random.below(2) == 0 {
            commission.tiers = [
                .init(from: .zero, rate: .basisPoints(12)),
                .init(
                    from: Money(50_000_000_000), rate: .basisPoints(8),
                    maker: Rate(perBillion: -200_000)),
                .init(from: Money(500_000_000_000), rate: .zero),
            ]
        }
    }

    private static func widen(_ risk: inout RiskSettings, _ random: inout Xoshiro256StarStar) {
        func pick<Value>(_ values: [Value]) -> Value {
            values[Int(random.below(UInt64(values.count)))]
        }
        risk.maxPositionQuantity = pick([nil, nil, 40])
        risk.maxPositionNotional = pick([nil, nil, Money(30_000_000_000)])
        risk.maxPositions = pick([nil, nil, 2])
        risk.maxOrderNotional = pick([nil, nil, Money(40_000_000_000)])
        risk.maxNetExposure = pick([nil, nil, .basisPoints(9_000)])
        risk.maxLeverage = pick([nil, nil, .basisPoints(12_000)])
        risk.minReturn = pick([nil, nil, .init(floor: -0.02, window: 2)])
        let rules: [RiskSettings.Rule] = [
            .maxDailyLoss, .maxGrossExposure, .maxNetExposure, .stopLoss, .maxPositionSize,
        ]
        risk.actions += rules.map {
            .init(rule: $0, action: pick([$0.usualAction, .flatten, .pauseUntilNextSession]))
        }
    }

    /// By instrument: what orders meet. Nothing is said in half of all storms: then they meet all
    /// that comes.
    static func matching(seed: UInt64, _ tape: FuzzTape) -> [UInt32] {
        var random = Xoshiro256StarStar(seed: seed ^ 0x3A7C)
        guard seed >= wideSeeds, random.below(2) == 0 else { return [] }
        return tape.instruments.map { instrument in
            let own = tape.events.filter { !$0.isOfSession && $0.instrument == instrument.id }
            let frame = own.first { $0.type == TD_EVENT_BAR }?.timeframe ?? 0
            let hasTicks = own.contains {
                [TD_EVENT_TRADE, TD_EVENT_QUOTE, TD_EVENT_DEPTH].contains(Int($0.type))
            }
            return hasTicks && (frame == 0 || random.below(2) == 0)
                ? frame | Portfolio.ticks : frame
        }
    }
}
