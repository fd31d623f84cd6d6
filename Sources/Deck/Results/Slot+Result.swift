import Analysis
import Journal
import Kernel
import Market
import StrategyHost

extension Slot {
    var identity: SlotIdentity {
        SlotIdentity(
            name: plan.name, plugin: plan.plugin.manifest.id,
            pluginVersion: plan.plugin.manifest.version.description,
            pluginDigest: plan.plugin.digest.description, parameters: plan.parameters.json,
            currency: plan.settings.currency, cash: plan.settings.cash,
            isolation: plan.isolation.rawValue,
            walls: walls)
    }

    /// Where its strategy runs, and inside which walls: `worker: every layer`.
    var walls: String {
        if plan.ensemble != nil { return "host: none, it has no code of its own" }
        guard let walls = runner.walls else {
            if plan.isolation != .host {
                return "\(plan.isolation.rawValue): it was never inside them"
            }
            let why =
                plan.isPinned
                ? "its hash is pinned" : "the configuration says so; its hash is not pinned"
            return "\(plan.isolation.rawValue): none, \(why)"
        }
        return "\(plan.isolation.rawValue): \(walls.words)"
    }

    /// What it came to; after `finish`.
    func result(_ configuration: DeckConfiguration) -> SlotResult {
        let figures = SlotFigures(self, configuration)
        let manifest = plan.plugin.manifest
        let instruments = configuration.outline.instruments
        return SlotResult(
            name: plan.name,
            plugin: SlotResult.Plugin(
                id: manifest.id, name: manifest.name, version: manifest.version.description,
                digest: plan.plugin.digest.description, path: plan.plugin.path),
            parameters: plan.parameters.text,
            symbols: plan.instruments.map { instruments[Int($0)].symbol },
            timeframes: plan.timeFrames.map { TimeFrame(rawValue: $0).description },
            currency: plan.settings.currency.code,
            isSynthetic: plan.instruments.contains { instruments[Int($0)].isSynthetic },
            fault: faultReport,
            account: account, positions: positions(instruments), counts: counts,
            ledger: tally.ledger.lines,
            rejections: rejections, breaches: tally.breaches.map(Self.breach),
            sampling: plan.settings.equitySampling.rawValue,
            assumptions: assumptions(configuration), conventions: figures.metrics.conventions,
            metrics: figures.metrics.lines.map(FigureLine.init), trades: Self.trades(figures),
            long: figures.trades.long.lines.map(FigureLine.init),
            short: figures.trades.short.lines.map(FigureLine.init),
            exitReasons: figures.exitReasons, months: figures.months, falls: figures.falls,
            bestPeriods: figures.bestPeriods, worstPeriods: figures.worstPeriods,
            distribution: figures.distribution,
            benchmark: figures.benchmark, curve: figures.curve,
            digest: runner.portfolio.digest.text,
            shadow: plan.isShadow ? true : nil, ensemble: ensemble?.result)
    }

    private func assumptions(_ configuration: DeckConfiguration) -> [Assumption] {
        let warmUp = plan.warmUp(history, from: configuration.feed.from, configuration.outline)
        return plan.assumptions(
            configuration.outline, barsWithoutDetail: counts.barsWithoutDetail ?? 0)
            + [Assumption(subject: "walls", text: walls)] + (warmUp.map { [$0] } ?? [])
    }

    private var counts: SlotResult.Counts {
        var counts = tally.allCounts
        if plan.settings.execution.intrabar == .detail {
            counts.barsWithoutDetail = runner.portfolio.barsWithoutDetail
        }
        return counts
    }

    /// Without what counts bars: the marks here are the samples of the equity, and the metrics have
    /// their exposure.
    private static func trades(_ figures: SlotFigures) -> [FigureLine] {
        let left = ["bars_in_market", "exposure_of_bars", "max_drawdown_fraction"]
        return figures.trades.lines.filter { !left.contains($0.key) }.map(FigureLine.init)
    }

    private func amount(_ money: Money) -> Double {
        DecimalScale(exponent: -plan.settings.currency.exponent).value(of: money.rawValue)
    }

    private var faultReport: SlotResult.FaultReport? {
        guard let fault = runner.standing.fault else { return nil }
        return SlotResult.FaultReport(
            message: fault.description, sequence: fault.sequence, time: faultTime.map(Moment.init))
    }

    private var account: SlotResult.Account {
        let cash = runner.portfolio.books.cash
        return SlotResult.Account(
            initial: amount(plan.settings.cash), equity: amount(runner.portfolio.books.equity),
            cash: amount(cash),
            realised: amount(runner.portfolio.books.realised),
            unrealised: amount(runner.portfolio.books.unrealised),
            fees: amount(runner.portfolio.books.fees),
            income: amount(runner.portfolio.books.income),
            drawdown: runner.portfolio.books.drawdown.deepest, currencyResult: currencyResult,
            foreignCash: foreignCash)
    }

    /// The currencies beside the portfolio's own that its instruments trade in, in their order.
    private var foreignCurrencies: [Currency] {
        var found: [Currency] = []
        for id in plan.instruments {
            let currency = runner.portfolio.instruments[Int(id)].currency
            if currency != plan.settings.currency, !found.contains(currency) {
                found.append(currency)
            }
        }
        return found
    }

    private var currencyResult: Double? {
        foreignCurrencies.isEmpty ? nil : amount(runner.portfolio.books.currencyResult)
    }

    private var foreignCash: [SlotResult.Holding]? {
        guard !foreignCurrencies.isEmpty else { return nil }
        return foreignCurrencies.map { currency in
            let cash = runner.portfolio.books.cash(in: currency).rawValue
            return SlotResult.Holding(
                currency: currency.code,
                cash: DecimalScale(exponent: -currency.exponent).value(of: cash))
        }
    }

    private func inBase(_ money: Money, _ id: InstrumentID) -> Double {
        amount(runner.portfolio.books.inBase(money, of: id))
    }

    private func positions(_ instruments: [Instrument]) -> [SlotResult.Position] {
        plan.instruments.compactMap { id in
            let quantity = runner.portfolio.books.quantity(of: id)
            guard !quantity.isZero else { return nil }
            let instrument = instruments[Int(id)]
            let scale = instrument.priceScale
            let average = runner.portfolio.books.averagePrice(of: id) ?? 0
            return SlotResult.Position(
                symbol: instrument.symbol,
                quantity: instrument.quantityScale.value(of: quantity.rawValue),
                averagePrice: average * scale.value(of: 1),
                mark: scale.value(of: runner.portfolio.books.mark(of: id).rawValue),
                value: inBase(runner.portfolio.books.marketValue(of: id), id),
                unrealised: inBase(runner.portfolio.books.unrealised(of: id), id))
        }
    }

    /// Most frequent first, of equals by code.
    private var rejections: [SlotResult.ReasonCount] {
        tally.rejections.enumerated().filter { $0.element > 0 }
            .sorted { ($1.element, $0.offset) < ($0.element, $1.offset) }
            .map {
                SlotResult.ReasonCount(
                    reason: Reason(rawValue: UInt16($0.offset)).words, count: $0.element)
            }
    }

    private static func breach(_ breach: BreachRecord) -> SlotResult.Breach {
        SlotResult.Breach(
            time: Moment(breach.time), rule: breach.rule.rawValue, action: breach.action.rawValue,
            measured: breach.measured, allowed: breach.allowed)
    }
}

extension Parameters {
    /// An object by name, in the manifest's order.
    package var json: String {
        let members = zip(declarations, values).map { "\(Self.quoted($0.name)):\(Self.json($1))" }
        return "{\(members.joined(separator: ","))}"
    }

    private static func json(_ value: ParameterValue) -> String {
        switch value {
        case .bool, .int, .float: value.text
        case .string, .choice, .duration, .instrument, .file: quoted(value.text)
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case let control where control.value < 0x20:
                let digits = String(control.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
