import CTapedeck
import Kernel
import Market
import StrategyHost

/// The keys of `ensemble`.
package enum EnsembleKey: String, CaseIterable {
    case of, rule
    case atLeast = "at_least"
    case regime, every, window
    case leastChange = "least_change"
}

/// What there is for an ensemble to listen to.
struct EnsembleMembers {
    /// All of the configuration.
    var names: [String]
    var ensembles: [String]
    private var plans: [SlotPlan]

    init(names: [String], ensembles: [String], plans: [SlotPlan?]) {
        self.names = names
        self.ensembles = ensembles
        self.plans = plans.compactMap { $0 }
    }

    /// Nil for one whose own entry has problems.
    func plan(_ name: String) -> SlotPlan? { plans.first { $0.name == name } }
}

/// An entry of `strategies` that listens to others instead of having a plug-in.
extension StrategyReading {
    /// Nil where a problem was reported, of this entry or of a member's.
    func ensemble(_ name: String, _ members: EnsembleMembers) -> SlotPlan? {
        refuseWhatAPluginNeeds()
        let isShadow = readShadow()
        guard let reader = entry[.ensemble]?.renamed("the ensemble"),
            let section = ConfigurationSection(reader, EnsembleKey.self)
        else { return nil }
        guard var ensemble = readRule(section, members, name) else { return nil }
        let plans = ensemble.members.compactMap { members.plan($0) }
        let regime = ensemble.regime.flatMap { members.plan($0) }
        guard plans.count == ensemble.members.count, (regime == nil) == (ensemble.regime == nil)
        else { return nil }
        let instruments = readInstruments(plans, regime, section)
        guard let settings = readSettings(name, instruments), !instruments.isEmpty,
            let (file, parameters) = describe(ensemble)
        else { return nil }
        ensemble.series = series(of: plans, instruments)
        let bars = ensemble.series.filter { $0.type == UInt8(TD_EVENT_BAR) }
        var plan = SlotPlan(
            name: name, plugin: file, parameters: parameters, instruments: instruments.map(\.id),
            timeFrames: Set(bars.map(\.timeframe)).sorted(), settings: settings, warmUpBars: 0,
            calendar: readCalendar())
        plan.isolation = .host
        plan.isPlaced = true
        plan.isShadow = isShadow
        plan.ensemble = ensemble
        return plan
    }

    /// Of the entry itself; what the defaults say of them is for strategies.
    private func refuseWhatAPluginNeeds() {
        for key in [StrategyKey.plugin, .params, .timeframe, .isolation, .onFault, .limits, .grant]
        {
            entry[key]?.report("an ensemble has no plug-in, so it takes no \(key.rawValue)")
        }
    }

    private func readRule(
        _ section: ConfigurationSection<EnsembleKey>, _ members: EnsembleMembers, _ name: String
    ) -> EnsemblePlan? {
        guard let list = section.required(.of) else { return nil }
        var plan = EnsemblePlan(members: [])
        var isSound = true
        for item in list.list() {
            guard let member = readMember(item, members, name) else {
                isSound = false
                continue
            }
            if plan.members.contains(member) { item.report("\(member) is there twice") }
            plan.members.append(member)
        }
        if isSound, plan.members.count < 2 { list.report("an ensemble needs two members or more") }
        section.read(.rule, into: &plan.rule) { $0.choice() }
        section.read(.atLeast, into: &plan.atLeast) {
            $0.integer(in: 1...max(1, plan.members.count))
        }
        section.read(.window, into: &plan.window) { $0.integer(in: 2...10_000) }
        section.read(.leastChange, into: &plan.leastChange) {
            $0.rate().map { Double($0.rawValue) / 1e9 }
        }
        section.read(.every, into: &plan.every) { reader in
            guard let span = reader.duration() else { return nil }
            if span < 60_000_000_000 { reader.report("every takes a span from 1m on") }
            return span
        }
        if let reader = section[.regime] { plan.regime = readMember(reader, members, name) }
        checkRule(plan, section)
        return isSound ? plan : nil
    }

    private func checkRule(_ plan: EnsemblePlan, _ section: ConfigurationSection<EnsembleKey>) {
        if plan.rule != .vote { section[.atLeast]?.report("at_least belongs to the rule vote") }
        if plan.rule == .regime {
            if section[.regime] == nil {
                section.reader.report(
                    "the rule regime needs the key \"regime\": the strategy whose signal names it")
            }
        } else {
            section[.regime]?.report("regime belongs to the rule regime")
        }
        if !plan.rule.isMeasured {
            for key in [EnsembleKey.every, .window] {
                section[key]?.report(
                    "the rule \(plan.rule.rawValue) measures nothing, so it takes no \(key.rawValue)"
                )
            }
        }
    }

    private func readMember(
        _ reader: ConfigurationReader, _ members: EnsembleMembers, _ own: String
    ) -> String? {
        guard let name = reader.string(expected: "the name of a strategy") else { return nil }
        if members.ensembles.contains(name) {
            reader.report(
                name == own
                    ? "it cannot listen to itself"
                    : "\(name) is an ensemble; name the strategies that it listens to")
            return nil
        }
        guard members.names.contains(name) else {
            reader.reportUnknownStrategy(
                name, among: members.names.filter { !members.ensembles.contains($0) })
            return nil
        }
        return name
    }

    /// What is written; else all that its members trade.
    private func readInstruments(
        _ members: [SlotPlan], _ regime: SlotPlan?, _ section: ConfigurationSection<EnsembleKey>
    ) -> [Instrument] {
        guard let place = value(.symbols) else {
            return market.instruments.filter { one in
                members.contains { $0.instruments.contains(one.id) }
            }
        }
        let chosen = readInstruments()
        for one in chosen {
            if !members.contains(where: { $0.instruments.contains(one.id) }) {
                place.report("no member of the ensemble trades \(one.symbol)")
            } else if let regime, !regime.instruments.contains(one.id) {
                section[.regime]?.report("\(regime.name) does not look at \(one.symbol)")
            }
        }
        return chosen
    }

    private func readCalendar() -> String? {
        var calendar: String?
        for reader in [defaults?[.schedule], entry[.schedule]].compactMap({ $0 }) {
            ConfigurationSection(reader, ScheduleKey.self)?.read(.calendar, into: &calendar) {
                $0.calendarName()
            }
        }
        if let reader = entry[.schedule], reader.isBlock {
            ConfigurationSection(reader, ScheduleKey.self)?[.warmUp]?.report(
                "an ensemble needs no warm_up: a member has no vote before its own is over")
        }
        return calendar
    }

    private func series(
        of members: [SlotPlan], _ instruments: [Instrument]
    ) -> [Subscription.Series] {
        let shown = members.flatMap { plan in
            instruments.filter { plan.instruments.contains($0.id) }
                .flatMap { SlotDemand.shown($0.id, plan, plan.plugin.manifest) }
        }
        return Set(shown).sorted()
    }

    /// The ensemble as if it were a plug-in: its rule is its parameters.
    private func describe(_ plan: EnsemblePlan) -> (PluginFile, Parameters)? {
        var values = [("rule", plan.rule.rawValue), ("of", plan.members.joined(separator: ","))]
        if let least = plan.atLeast { values.append(("at_least", "\(least)")) }
        if let regime = plan.regime { values.append(("regime", regime)) }
        if plan.rule.isMeasured {
            values.append(("every", SpanOfReturns.text(plan.every)))
            values.append(("window", "\(plan.window)"))
        }
        values.append(("least_change", "\(plan.leastChange)"))
        let declarations = values.enumerated().map { place, value in
            "{\"id\": \(place + 1), \"name\": \"\(value.0)\", \"type\": \"string\", "
                + "\"doc\": \"See docs/ENSEMBLES.md.\"}"
        }
        let text = """
            {"schema": 1, "id": "tapedeck.ensemble", "name": "Ensemble", "version": "1.0.0", "vendor": "Tapedeck",
             "abi": {"major": 1, "minor": 0}, "subscribes": ["bars"], "instruments": {"min": 1, "max": 4096},
             "parameters": [\(declarations.joined(separator: ", "))]}
            """
        do {
            let manifest = try Manifest(text: text)
            let given = values.map { GivenParameter(name: $0.0, text: $0.1) }
            return (
                PluginFile(hostOwn: manifest),
                try manifest.resolve(parameters: given, instruments: [])
            )
        } catch {
            entry[.ensemble]?.report("the ensemble cannot be described: \(error)")
            return nil
        }
    }
}
