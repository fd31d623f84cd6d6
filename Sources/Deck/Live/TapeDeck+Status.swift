import Glibc
import Kernel
import Market
import StrategyHost

extension TapeDeck {
    /// How everything stands after the last block.
    package func status() throws(DeckFailure) -> DeckStatus {
        try playReady()
        return DeckStatus(
            kind: options.kind, configuration: configuration.path,
            state: isStaying ? "staying" : "playing",
            event: moment.sequence, time: Moment(moment.time),
            done: blocks.position - range.lowerBound,
            total: range.count, process: getpid(), lanes: laneCount,
            slots: slots.map { $0.status(configuration.outline.instruments) },
            pinned: slots.flatMap { slot in slot.runner.lingering.map { "\(slot.plan.name): \($0)" }
            })
    }
}

extension Slot {
    fileprivate func status(_ instruments: [Instrument]) -> DeckStatus.Slot {
        let scale = DecimalScale(exponent: -plan.settings.currency.exponent)
        func amount(_ money: Money) -> Double { scale.value(of: money.rawValue) }
        let manifest = plan.plugin.manifest
        return DeckStatus.Slot(
            name: plan.name, plugin: manifest.id, version: "\(manifest.version)",
            digest: plan.plugin.digest.description, path: plan.plugin.path,
            isolation: plan.isolation.rawValue,
            walls: walls, process: runner.lifeline?.process, sandbox: runner.walls,
            state: stateWord,
            fault: runner.standing.fault?.description,
            probation: runner.probation.map {
                DeckStatus.Slot.Probation(events: $0.events, most: $0.most, version: $0.version)
            },
            symbols: plan.instruments.map { instruments[Int($0)].symbol },
            timeframes: plan.timeFrames.map { TimeFrame(rawValue: $0).description },
            parameters: plan.parameters.text,
            currency: plan.settings.currency.code, equity: amount(runner.portfolio.books.equity),
            cash: amount(runner.portfolio.books.cash), initial: amount(plan.settings.cash),
            realised: amount(runner.portfolio.books.realised),
            unrealised: amount(runner.portfolio.books.unrealised),
            fees: amount(runner.portfolio.books.fees), drawdown: drawdown,
            positions: positions(instruments, scale),
            orders: runner.portfolio.workingOrders, fills: tally.counts.fills,
            trades: tally.counts.roundTrips,
            events: eventCount, late: isLate ? lateEvents : nil, shadow: plan.isShadow ? true : nil,
            ensemble: ensemble?.result)
    }

    private var stateWord: String {
        if runner.portfolio.isDisabled { return "disabled" }
        if runner.portfolio.isPaused { return "paused" }
        switch runner.standing {
        case .created: return "waiting"
        case .running: return "running"
        case .done: return "done"
        case .faulted, .stopped: return "stopped"
        }
    }

    private var drawdown: Double {
        let peak = Double(runner.portfolio.books.drawdown.peak.rawValue)
        return peak > 0 ? max(0, 1 - Double(runner.portfolio.books.equity.rawValue) / peak) : 0
    }

    private func positions(
        _ instruments: [Instrument], _ money: DecimalScale
    ) -> [DeckStatus.Slot.Position] {
        instruments.compactMap { instrument in
            let quantity = runner.portfolio.books.quantity(of: instrument.id)
            guard !quantity.isZero else { return nil }
            return DeckStatus.Slot.Position(
                symbol: instrument.symbol,
                quantity: instrument.quantityScale.value(of: quantity.rawValue),
                unrealised: money.value(
                    of: runner.portfolio.books.unrealised(of: instrument.id).rawValue))
        }
    }
}
