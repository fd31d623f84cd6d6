import Market

/// The keys of `limits`.
package enum OverallLimitsKey: String, CaseIterable {
    case check
    case maxGrossExposure = "max_gross_exposure"
    case maxNetExposure = "max_net_exposure"
    case maxDrawdown = "max_drawdown"
    case correlation
}

/// The keys of a limit in its long form.
package enum OverallLimitKey: String, CaseIterable {
    case limit, action
}

/// The keys of `limits.correlation`.
package enum CorrelationKey: String, CaseIterable {
    case every, window
}

extension OverallLimits {
    /// `max_drawdown: 20%`, or `max_drawdown: { limit: 20%, action: flatten }`.
    init?(reading reader: ConfigurationReader) {
        guard let section = ConfigurationSection(reader, OverallLimitsKey.self) else { return nil }
        self.init()
        section.read(.check, into: &check) { reader in
            guard let span = reader.duration() else { return nil }
            guard (1_000_000_000...86_400_000_000_000).contains(span) else {
                reader.report("check takes a span from 1s to 1d")
                return nil
            }
            return span
        }
        let rules: [(OverallLimitsKey, Rule)] = [
            (.maxGrossExposure, .maxGrossExposure), (.maxNetExposure, .maxNetExposure),
            (.maxDrawdown, .maxDrawdown),
        ]
        for (key, rule) in rules {
            if let reader = section[key], let limit = Limit(rule, reader) { limits.append(limit) }
        }
        if let reader = section[.correlation] { correlation = Correlation(reading: reader) }
    }
}

extension OverallLimits.Limit {
    fileprivate init?(_ rule: OverallLimits.Rule, _ reader: ConfigurationReader) {
        var place = reader
        var action = rule.usualAction
        if reader.isBlock {
            guard let section = ConfigurationSection(reader, OverallLimitKey.self),
                let limit = section.required(.limit)
            else { return nil }
            place = limit.renamed("the limit of \(rule.rawValue)")
            section.read(.action, into: &action) { $0.choice() }
        }
        let largest: Rate = rule == .maxDrawdown ? .one : Rate(perBillion: 1_000_000_000_000)
        guard let rate = place.rate(upTo: largest, from: Rate(perBillion: 1)) else { return nil }
        self.init(rule: rule, rate: rate, action: action)
    }
}

extension OverallLimits.Correlation {
    /// `true`, or a block.
    fileprivate init?(reading reader: ConfigurationReader) {
        self.init()
        guard reader.isBlock else {
            guard reader.flag() == true else { return nil }
            return
        }
        guard let section = ConfigurationSection(reader, CorrelationKey.self) else { return nil }
        section.read(.every, into: &every) { reader in
            guard let span = reader.duration() else { return nil }
            guard span >= 60_000_000_000 else {
                reader.report("every takes a span from 1m on")
                return nil
            }
            return span
        }
        section.read(.window, into: &window) { $0.integer(in: 3...10_000) }
    }
}
