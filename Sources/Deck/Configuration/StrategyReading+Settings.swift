import Kernel
import Market

extension StrategyReading {
    /// The portfolio's settings; nil where its cash cannot be told.
    func readSettings(_ name: String, _ instruments: [Instrument]) -> PortfolioSettings? {
        let amount = value(.cash).map { $0.amount() } ?? Amount(digits: "100000", currency: nil)
        let known = amount.flatMap { self.currency(of: $0, instruments) }
        // With problems in the cash all others are still told.
        let currency = known ?? instruments.first?.currency ?? Currency(code: "USD")
        let cash = amount.flatMap { $0.money(in: currency) }.flatMap { $0 > .zero ? $0 : nil }
        if known != nil, cash == nil {
            (value(.cash) ?? entry.reader).report(
                "cash must be above zero, with at most \(currency.exponent) decimals")
        }
        var settings = PortfolioSettings(
            cash: cash ?? .zero, currency: currency, instrumentCount: market.instruments.count)
        for section in [defaults, entry].compactMap({ $0 }) { apply(section, to: &settings) }
        setCommissions(&settings, instruments)
        setHolding(&settings, instruments)
        settings.equitySampling = sampling
        settings.seed = Self.seed(seed, name)
        return known == nil || cash == nil ? nil : settings
    }

    /// The base currency; what trades in others needs a pair of the feed that leads to it.
    private func currency(of amount: Amount, _ instruments: [Instrument]) -> Currency? {
        guard let code = amount.currency ?? instruments.first?.currency.code else { return nil }
        let base = instruments.first { $0.currency.code == code }?.currency ?? Currency(code: code)
        let missing = Books.currenciesWithoutRate(base: base, market.instruments)
        var told: [Currency] = []
        for instrument in instruments
        where missing.contains(instrument.currency) && !told.contains(instrument.currency) {
            let other = instrument.currency
            told.append(other)
            (value(.symbols) ?? entry.reader).report(
                "\(instrument.symbol) trades in \(other.code) and the cash is in \(code), but the feed has no pair that "
                    + "gives a rate, such as \(other.code)\(code); add one, or write cash in \(other.code)"
            )
        }
        return told.isEmpty ? base : nil
    }

    private func apply(
        _ section: ConfigurationSection<StrategyKey>, to settings: inout PortfolioSettings
    ) {
        let currency = settings.currency
        section.read(.sizing, into: &settings.sizing) { Sizing(reading: $0, currency: currency) }
        section.read(.leverage, into: &settings.leverage) {
            $0.rate(upTo: Rate(perBillion: 1_000_000_000_000), from: .one)
        }
        section.read(.allowShort, into: &settings.allowShort) { $0.flag() }
        section.read(.partial, into: &settings.partial) { $0.flag() }
        section.read(.lots, into: &settings.lots) { $0.choice() }
        section.read(.foreignCash, into: &settings.foreignCash) { $0.choice() }
        if let reader = section[.interest] { settings.interest.apply(reader) }
        if let risk = section[.risk].flatMap({ ConfigurationSection($0, RiskSettings.Rule.self) }) {
            settings.risk.apply(risk, currency: currency)
        }
        if let execution = section[.execution].flatMap({
            ConfigurationSection($0, ExecutionKey.self)
        }) {
            settings.execution.apply(execution)
        }
    }

    /// The strategy's own commission, else the asset's, else the default.
    private func setCommissions(_ settings: inout PortfolioSettings, _ instruments: [Instrument]) {
        func commission(_ section: ConfigurationSection<StrategyKey>?) -> ConfigurationReader? {
            guard let reader = section?[.execution], reader.isBlock else { return nil }
            return ConfigurationSection(reader, ExecutionKey.self)?[.commission]
        }
        for instrument in instruments {
            let asset = assets.first { $0.symbol == instrument.symbol }?.commission
            guard let reader = commission(entry) ?? asset ?? commission(defaults) else { continue }
            if let read = CommissionSettings(reading: reader, currency: instrument.currency) {
                settings.commissions[Int(instrument.id)] = read
            }
        }
    }

    /// A strategy's own generator: what stands beside it in the file changes nothing.
    static func seed(_ seed: UInt64, _ name: String) -> UInt64 {
        let digest = SHA256.hash(Array("\(seed) \(name)".utf8))
        return digest.bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
