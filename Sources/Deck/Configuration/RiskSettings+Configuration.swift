package import Kernel
package import Market

/// The keys of a risk rule in its long form.
package enum RiskRuleKey: String, CaseIterable {
    case limit, window, action
}

extension RiskSettings {
    /// Overlays what is written: `max_drawdown: 10%`, or `max_drawdown: { limit: 10%, action:
    /// disable }`; `none` lifts a limit that was set before. Amounts are in `currency`, the
    /// portfolio's.
    package mutating func apply(_ section: ConfigurationSection<Rule>, currency: Currency) {
        for rule in section.written {
            guard let reader = section[rule] else { continue }
            if reader.isWord("none") {
                lift(rule)
                continue
            }
            guard let parts = RuleParts(rule, reader) else { continue }
            set(rule, parts, currency)
            if let action = parts.action, Self.isFitting(action, rule, parts.limit) {
                actions.removeAll { $0.rule == rule }
                actions.append(RuleAction(rule: rule, action: action))
            }
        }
    }

    /// Only a margin call reduces, and it cannot be refused.
    private static func isFitting(
        _ action: Action, _ rule: Rule, _ reader: ConfigurationReader
    ) -> Bool {
        let isFitting = rule == .maintenanceMargin ? action != .reject : action != .reduce
        if !isFitting {
            reader.report("\(rule.rawValue) cannot have the action \(action.rawValue)")
        }
        return isFitting
    }

    private mutating func lift(_ rule: Rule) {
        actions.removeAll { $0.rule == rule }
        switch rule {
        case .maxPositionQuantity: maxPositionQuantity = nil
        case .maxPositionNotional: maxPositionNotional = nil
        case .maxPositionSize: maxPositionSize = nil
        case .maxPositions: maxPositions = nil
        case .maxOrdersPerSecond: maxOrdersPerSecond = nil
        case .maxOrderNotional: maxOrderNotional = nil
        case .maxGrossExposure: maxGrossExposure = nil
        case .maxNetExposure: maxNetExposure = nil
        case .maxLeverage: maxLeverage = nil
        case .maintenanceMargin: maintenanceMargin = nil
        case .maxDailyLoss: maxDailyLoss = nil
        case .maxDrawdown: maxDrawdown = nil
        case .maxConsecutiveLosses: maxConsecutiveLosses = nil
        case .minSharpe: minSharpe = nil
        case .minReturn: minReturn = nil
        case .maxLag: maxLag = nil
        case .stopLoss: stopLoss = nil
        case .takeProfit: takeProfit = nil
        case .maxHolding: maxHolding = nil
        case .tradingWindow: tradingWindows = []
        }
    }

    private mutating func set(_ rule: Rule, _ parts: RuleParts, _ currency: Currency) {
        let reader = parts.limit
        switch rule {
        case .maxPositionQuantity:
            let expected = "a quantity above zero"
            replace(&maxPositionQuantity) { reader.number(in: 1e-18...1e15, expected: expected) }
        case .maxPositionNotional:
            replace(&maxPositionNotional) { reader.money(in: currency, least: 1) }
        case .maxPositionSize: replace(&maxPositionSize) { reader.exposure() }
        case .maxPositions: replace(&maxPositions) { reader.integer(in: 1...65_535) }
        case .maxOrdersPerSecond: replace(&maxOrdersPerSecond) { reader.integer(in: 1...1_000_000) }
        case .maxOrderNotional: replace(&maxOrderNotional) { reader.money(in: currency, least: 1) }
        case .maxGrossExposure: replace(&maxGrossExposure) { reader.exposure() }
        case .maxNetExposure: replace(&maxNetExposure) { reader.exposure() }
        case .maxLeverage: replace(&maxLeverage) { reader.exposure() }
        case .maintenanceMargin:
            replace(&maintenanceMargin) { reader.rate(from: Rate(perBillion: 1)) }
        case .maxDailyLoss: replace(&maxDailyLoss) { reader.rate(from: Rate(perBillion: 1)) }
        case .maxDrawdown: replace(&maxDrawdown) { reader.rate(from: Rate(perBillion: 1)) }
        case .maxConsecutiveLosses:
            replace(&maxConsecutiveLosses) { reader.integer(in: 1...1_000_000) }
        case .minSharpe: replace(&minSharpe) { parts.floor { $0.number(in: -100...100) } }
        case .minReturn: replace(&minReturn) { parts.floor { $0.signedShare() } }
        case .maxLag: replace(&maxLag) { parts.floor { $0.signedShare() } }
        case .stopLoss: replace(&stopLoss) { reader.stopDistance(in: currency) }
        case .takeProfit: replace(&takeProfit) { reader.stopDistance(in: currency) }
        case .maxHolding: replace(&maxHolding) { reader.duration() }
        case .tradingWindow: setWindows(reader)
        }
    }

    private func replace<Value>(_ value: inout Value?, _ read: () -> Value?) {
        if let read = read() { value = read }
    }

    private mutating func setWindows(_ reader: ConfigurationReader) {
        let windows = reader.list().compactMap { $0.tradingWindow() }
        tradingWindows = windows.map { TradingWindow(opens: $0.opens, closes: $0.closes) }
    }
}

/// A rule's limit, and what may stand beside it.
private struct RuleParts {
    var limit: ConfigurationReader
    var window: Int?
    var action: RiskSettings.Action?
    private let rule: RiskSettings.Rule

    init?(_ rule: RiskSettings.Rule, _ reader: ConfigurationReader) {
        self.rule = rule
        guard reader.isBlock else {
            limit = reader
            return
        }
        guard let section = ConfigurationSection(reader, RiskRuleKey.self),
            let limit = section.required(.limit)
        else { return nil }
        self.limit = limit.renamed("the limit of \(rule.rawValue)")
        section.read(.window, into: &window) { $0.integer(in: 2...100_000) }
        if let place = section[.window], ![.minSharpe, .minReturn, .maxLag].contains(rule) {
            place.report("\(rule.rawValue) has no window")
        }
        section.read(.action, into: &action) { $0.choice() }
    }

    func floor(_ read: (ConfigurationReader) -> Double?) -> RiskSettings.PerformanceFloor? {
        guard let window else {
            limit.report(
                "\(rule.rawValue) needs a window: { limit: ..., window: 60 }, counted in sessions")
            return nil
        }
        return read(limit).map { RiskSettings.PerformanceFloor(floor: $0, window: window) }
    }
}

extension ConfigurationReader {
    /// A share of equity, or `2` for twice equity.
    fileprivate func exposure() -> Rate? {
        rate(upTo: Rate(perBillion: 1_000_000_000_000), from: Rate(perBillion: 1))
    }

    /// A share that may be negative, as a number.
    fileprivate func signedShare() -> Double? {
        rate(from: Rate(perBillion: -1_000_000_000)).map { Double($0.rawValue) / 1e9 }
    }

    func renamed(_ name: String) -> ConfigurationReader { reader(of: node, named: name) }
}
