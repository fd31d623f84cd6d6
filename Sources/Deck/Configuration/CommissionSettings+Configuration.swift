package import Kernel
package import Market

/// The keys of `commission` in its long form.
package enum CommissionKey: String, CaseIterable {
    case perTrade = "per_trade"
    case perShare = "per_share"
    case rate, maker, taker, minimum, maximum, step, rounding, tiers
}

/// The keys of an entry of `tiers`.
package enum TierKey: String, CaseIterable { case from, rate, maker, taker }

extension CommissionSettings {
    /// `none`, `10bps`, or a block of keys; replaces whatever was set before. Amounts are in
    /// `currency`, the instrument's own.
    package init?(reading reader: ConfigurationReader, currency: Currency) {
        self.init()
        guard reader.isBlock else {
            if reader.isWord("none") { return }
            guard let rate = reader.rate() else { return nil }
            self.rate = rate
            return
        }
        guard let section = ConfigurationSection(reader, CommissionKey.self) else { return nil }
        section.read(.perTrade, into: &perTrade) { $0.money(in: currency) }
        section.read(.perShare, into: &perUnit) { $0.money(in: currency) }
        section.read(.rate, into: &rate) { $0.rate() }
        section.read(.maker, into: &maker) { $0.rate(from: Rate(perBillion: -1_000_000_000)) }
        section.read(.taker, into: &taker) { $0.rate() }
        section.read(.minimum, into: &minimum) { $0.money(in: currency) }
        section.read(.maximum, into: &maximum) { $0.money(in: currency) }
        section.read(.step, into: &step) { $0.money(in: currency) }
        section.read(.rounding, into: &rounding) { $0.choice() }
        tiers = section[.tiers].map { Self.tiers($0, currency) } ?? []
        if let minimum, let maximum, minimum > maximum {
            reader.report("commission has a minimum above its maximum")
        }
        if maker != nil, taker != nil, section[.rate] != nil {
            reader.report("commission has maker and taker, so rate would never be used")
        }
    }

    /// Each from a higher value traded on than the one before.
    private static func tiers(_ reader: ConfigurationReader, _ currency: Currency) -> [Tier] {
        var tiers: [Tier] = []
        for item in reader.items() {
            guard let section = ConfigurationSection(item.renamed("a tier"), TierKey.self),
                let from = section.required(.from)?.money(in: currency, least: 1)
            else { continue }
            var tier = Tier(from: from, rate: .zero)
            section.read(.rate, into: &tier.rate) { $0.rate() }
            section.read(.maker, into: &tier.maker) {
                $0.rate(from: Rate(perBillion: -1_000_000_000))
            }
            section.read(.taker, into: &tier.taker) { $0.rate() }
            if section[.rate] == nil, section[.maker] == nil || section[.taker] == nil {
                item.report("a tier needs the key \"rate\", or both \"maker\" and \"taker\"")
            }
            if let last = tiers.last, from <= last.from {
                section[.from]?.report(
                    "tiers must rise: from must be above that of the tier before")
            }
            tiers.append(tier)
        }
        return tiers
    }
}
