package import Kernel
package import Market

/// The keys of `sizing`.
package enum SizingKey: String, CaseIterable {
    case quantity, cash, percent
    case riskPerTrade = "risk_per_trade"
    case stop, volatility, window, kelly
    case atLeast = "at_least"
}

extension Sizing {
    /// `10%` of equity, `1000 USD` of cash, or a block with one kind. Amounts are in the
    /// portfolio's currency.
    package init?(reading reader: ConfigurationReader, currency: Currency) {
        guard reader.isBlock else {
            if let text = reader.text(
                expected: "a share of equity such as 10%, an amount, or a block of keys"),
                text.hasSuffix(" \(currency.code)")
            {
                guard let money = reader.money(in: currency, least: 1) else { return nil }
                self = .fixedCash(money)
            } else {
                guard !reader.node.isNull, let rate = reader.share() else { return nil }
                self = .percentOfEquity(rate)
            }
            return
        }
        guard let section = ConfigurationSection(reader, SizingKey.self) else { return nil }
        self.init(section, currency)
    }

    private static let companions: [SizingKey: SizingKey] = [
        .stop: .riskPerTrade, .window: .volatility, .atLeast: .kelly,
    ]

    private init?(_ section: ConfigurationSection<SizingKey>, _ currency: Currency) {
        let kinds = section.written.filter { Self.companions[$0] == nil }
        guard kinds.count == 1, let kind = kinds.first, let reader = section[kind] else {
            section.reader.report(
                "sizing needs one of quantity, cash, percent, risk_per_trade, volatility, kelly")
            return nil
        }
        for key in section.written {
            guard let owner = Self.companions[key], owner != kind else { continue }
            section[key]?.report("\(key.rawValue) belongs to \(owner.rawValue) only")
        }
        guard let sizing = Self.read(kind, reader, section, currency) else { return nil }
        self = sizing
    }

    private static func read(
        _ kind: SizingKey, _ reader: ConfigurationReader,
        _ section: ConfigurationSection<SizingKey>,
        _ currency: Currency
    ) -> Sizing? {
        switch kind {
        case .quantity:
            return reader.number(
                in: Double.leastNormalMagnitude...1e15, expected: "a number above zero"
            )
            .map { .fixedQuantity($0) }
        case .cash: return reader.money(in: currency, least: 1).map { .fixedCash($0) }
        case .percent: return reader.share().map { .percentOfEquity($0) }
        case .riskPerTrade, .stop:
            let stop = section.required(.stop)?.stopDistance(in: currency)
            guard let risk = reader.rate(from: Rate(perBillion: 1)), let stop else { return nil }
            return .riskPerTrade(risk: risk, stop: stop)
        case .volatility, .window:
            var window = 20
            section.read(.window, into: &window) { $0.integer(in: 2...100_000) }
            return reader.share().map { .volatilityTarget(target: $0, window: window) }
        case .kelly, .atLeast:
            var count = 30
            section.read(.atLeast, into: &count) { $0.integer(in: 1...1_000_000) }
            return reader.rate(from: Rate(perBillion: 1)).map { .kelly(cap: $0, atLeast: count) }
        }
    }
}

extension ConfigurationReader {
    /// A share of equity, which leverage may take beyond all of it.
    fileprivate func share() -> Rate? {
        rate(upTo: Rate(perBillion: 100_000_000_000), from: Rate(perBillion: 1))
    }
}
