import Kernel
import Market

/// The keys of `latency` in its long form: how long the fastest request is under way, half of them
/// at most, and so on.
package enum LatencyKey: String, CaseIterable {
    case fastest, median, p90, p99, slowest
}

extension LatencyKey {
    /// Of all requests.
    var share: Rate {
        switch self {
        case .fastest: .zero
        case .median: .basisPoints(5_000)
        case .p90: .basisPoints(9_000)
        case .p99: .basisPoints(9_900)
        case .slowest: .one
        }
    }
}

/// The keys of `funding`.
package enum FundingKey: String, CaseIterable {
    case rate, every
}

/// The keys of `interest`.
package enum InterestKey: String, CaseIterable {
    case debit, credit
}

extension LatencySettings {
    /// `none`, `20ms`, or a block of at least two points.
    init?(reading reader: ConfigurationReader) {
        self.init()
        if reader.isWord("none") { return }
        guard reader.isBlock else {
            guard let time = reader.duration() else { return nil }
            self = .fixed(time)
            return
        }
        guard let section = ConfigurationSection(reader, LatencyKey.self) else { return nil }
        for key in LatencyKey.allCases {
            guard let time = section[key]?.duration() else { continue }
            if let last = points.last, last.nanoseconds > time {
                section[key]?.report("\(key.rawValue) is shorter than the one before it")
                return nil
            }
            points.append(Point(share: key.share, nanoseconds: time))
        }
        if points.count < 2 {
            reader.report(
                "latency needs a time such as 20ms, or at least two of fastest, median, p90, p99, slowest"
            )
            return nil
        }
    }
}

extension CarrySettings {
    /// `{ rate: 1bps, every: 8h }`.
    mutating func applyFunding(_ reader: ConfigurationReader) {
        if reader.isWord("none") {
            (funding, fundingInterval) = (.zero, 0)
            return
        }
        guard let section = ConfigurationSection(reader, FundingKey.self),
            let rate = section.required(.rate)?.rate(from: Rate(perBillion: -1_000_000_000))
        else { return }
        var interval: Int64 = 8 * 3_600_000_000_000
        section.read(.every, into: &interval) { $0.duration() }
        (funding, fundingInterval) = (rate, interval)
    }
}

extension InterestSettings {
    /// `6%` on what is owed, or `{ debit: 6%, credit: 2% }`.
    mutating func apply(_ reader: ConfigurationReader) {
        guard reader.isBlock else {
            if reader.isWord("none") {
                self = InterestSettings()
            } else if let rate = reader.rate() {
                debit = rate
            }
            return
        }
        guard let section = ConfigurationSection(reader, InterestKey.self) else { return }
        section.read(.debit, into: &debit) { $0.rate() }
        section.read(.credit, into: &credit) { $0.rate() }
    }
}

extension StrategyReading {
    /// Latency, borrow fee and funding of each instrument: the strategy's own, else the asset's,
    /// else the default.
    func setHolding(_ settings: inout PortfolioSettings, _ instruments: [Instrument]) {
        let own = execution(entry)
        let usual = execution(defaults)
        var latencies = [LatencySettings](
            repeating: LatencySettings(), count: market.instruments.count)
        var carries = [CarrySettings](repeating: CarrySettings(), count: market.instruments.count)
        for instrument in instruments {
            let asset = assets.first { $0.symbol == instrument.symbol }
            let place = Int(instrument.id)
            if let reader = own?[.latency] ?? asset?.latency ?? usual?[.latency],
                let latency = LatencySettings(reading: reader)
            {
                latencies[place] = latency
            }
            if let reader = own?[.borrowFee] ?? asset?.borrowFee ?? usual?[.borrowFee],
                let rate = reader.isWord("none")
                    ? .zero : reader.rate(upTo: Rate(perBillion: 10_000_000_000))
            {
                carries[place].borrow = rate
            }
            if let reader = own?[.funding] ?? asset?.funding ?? usual?[.funding] {
                carries[place].applyFunding(reader)
            }
        }
        if latencies.contains(where: { !$0.isNone }) { settings.latencies = latencies }
        if carries.contains(where: { $0 != CarrySettings() }) { settings.carries = carries }
        if settings.execution.fill == .instant,
            let place = settings.latencies.firstIndex(where: { !$0.isNone })
        {
            (own?[.latency] ?? own?[.fill] ?? usual?[.fill] ?? entry.reader).report(
                "fill \"instant\" leaves no time for the latency of \(market.instruments[place].symbol)"
            )
        }
    }

    private func execution(
        _ section: ConfigurationSection<StrategyKey>?
    ) -> ConfigurationSection<ExecutionKey>? {
        guard let reader = section?[.execution], reader.isBlock else { return nil }
        return ConfigurationSection(reader, ExecutionKey.self)
    }
}
