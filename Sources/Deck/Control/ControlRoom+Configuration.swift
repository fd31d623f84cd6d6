import Kernel
import Market
import StrategyHost
import Synchronization

extension ControlRoom {
    /// Follows the configuration's file as it is now: only what differs is touched.
    /// - Throws: what is wrong with it, all of it; nothing has changed then.
    package func reloadConfiguration(_ who: String) throws(DeckFailure) -> ControlAnswer {
        let wanted: DeckConfiguration
        do throws(DeckFailure) {
            wanted = try readConfiguration()
        } catch {
            try note("reload", by: who, "nothing is changed: \(error.description)", isDone: false)
            throw error
        }
        return try follow(wanted, who)
    }

    /// The same for a file that is known to hold this; nil when it holds something else by now, and
    /// then nothing is done: part of a file can be a configuration too.
    func follow(
        _ digest: SHA256.Digest, _ who: String
    ) throws(DeckFailure) -> ControlAnswer? {
        let path = desk.withLock { $0.path }
        let problems = ProblemList(file: path)
        let text = ConfigurationText.read(path: path, problems: problems)
        if let text, SHA256.hash(Array(text.utf8)) != digest,
            // What is read leaves a byte order mark out.
            SHA256.hash([0xEF, 0xBB, 0xBF] + Array(text.utf8)) != digest
        {
            return nil
        }
        do throws(DeckFailure) {
            guard let text else { throw DeckFailure(problems.all.description) }
            return try follow(try readConfiguration(text), who)
        } catch {
            try note("reload", by: who, "nothing is changed: \(error.description)", isDone: false)
            throw error
        }
    }

    private func follow(
        _ wanted: DeckConfiguration, _ who: String
    ) throws(DeckFailure) -> ControlAnswer {
        let there = try mailbox.ask { deck throws(DeckFailure) in deck.slots.map(\.plan) }
        var lines: [String] = []
        var isWhole = true
        func step(_ body: () throws(DeckFailure) -> String?) {
            do throws(DeckFailure) { if let line = try body() { lines.append(line) } } catch {
                lines.append(error.description)
                isWhole = false
            }
        }
        for plan in there where !wanted.slots.contains(where: { $0.name == plan.name }) {
            step { () throws(DeckFailure) in try remove(plan.name, "unload \(plan.name)", who).text
            }
        }
        for plan in wanted.slots {
            if let old = there.first(where: { $0.name == plan.name }) {
                step { () throws(DeckFailure) in try follow(old, plan, who) }
            } else {
                step { () throws(DeckFailure) in try add(plan, "load \(plan.name)", who).text }
            }
        }
        let waiting = desk.withLock { $0.keysOfTheRun(thatDifferIn: wanted) }
        if !waiting.isEmpty {
            let verb = waiting.count == 1 ? "counts" : "count"
            let line = "what is new in \(waiting.joined(separator: ", ")) \(verb) in the next run"
            try note("reload", by: who, line, isDone: false)
            lines.append(line)
        }
        desk.withLock { desk in
            desk.slots = wanted.slots
            desk.plugins = wanted.plugins
            desk.text = wanted.text
            desk.fileDigest = wanted.fileDigest
        }
        let moment = try mailbox.ask { deck throws(DeckFailure) in deck.moment }
        var answer = ControlAnswer(
            DeckAnswer(
                moment: moment,
                text: lines.isEmpty
                    ? "the configuration says what is played" : lines.joined(separator: "\n")))
        answer.ok = isWhole
        return answer
    }

    /// Makes one slot what the file says now; nil when it is that already.
    private func follow(
        _ old: SlotPlan, _ plan: SlotPlan, _ who: String
    ) throws(DeckFailure) -> String? {
        if let what = old.wiring(differsFrom: plan) {
            let held = try mailbox.ask(of: old.name) { deck throws(DeckFailure) in
                try deck.isFlat(old.name)
            }
            guard held else {
                throw DeckFailure(
                    "\(old.name): its \(what) cannot change while it has positions or orders; flatten it first, "
                        + "then reload")
            }
            // What cannot begin takes nobody's place.
            if plan.ensemble == nil {
                do throws(DeckFailure) { try rehearse(plan) } catch {
                    try note(
                        "load \(plan.name)", plan.name, by: who, error.description, isDone: false)
                    throw error
                }
            }
            _ = try remove(old.name, "unload \(old.name)", who)
            return try put(plan, "load \(plan.name)", who).text
                + ", anew and with a portfolio of its own: its \(what) changed"
        }
        let isRemembered = old.onFault.restarts > 0
        guard old.plugin.digest == plan.plugin.digest, !old.isPlacedOtherwise(than: plan),
            !old.warmsUpOtherwise(than: plan),
            isRemembered == (plan.onFault.restarts > 0)
        else {
            let sketch = try sketch(old.name)
            return try handOver(plan, sketch, "reload \(plan.name)", who).text
        }
        let lines = [
            try setPolicy(old, plan, who), try setParameters(old, plan, who),
        ].compactMap { $0 }
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }

    private func setPolicy(
        _ old: SlotPlan, _ plan: SlotPlan, _ who: String
    ) throws(DeckFailure) -> String? {
        guard old.onFault != plan.onFault else { return nil }
        return try mailbox.ask { deck throws(DeckFailure) in
            let slot = try deck.slot(named: plan.name)
            slot.plan.onFault = plan.onFault
            slot.care.policy = plan.onFault
            try deck.note("reload \(plan.name)", slot, by: who, "on_fault is another", isDone: true)
            return "\(plan.name): on_fault is another"
        }
    }

    private func setParameters(
        _ old: SlotPlan, _ plan: SlotPlan, _ who: String
    ) throws(DeckFailure) -> String? {
        let changed = zip(
            plan.parameters.declarations, zip(old.parameters.values, plan.parameters.values)
        )
        .filter { $0.1.0 != $0.1.1 }
        guard !changed.isEmpty else { return nil }
        if changed.allSatisfy({ $0.0.isLive }) {
            var lines: [String] = []
            for (declaration, values) in changed {
                let answer: DeckAnswer = try mailbox.askLater { deck, reply in
                    deck.set(old.name, declaration.name, values.1.text, by: who, reply)
                }
                lines.append(answer.text)
            }
            return lines.joined(separator: "\n")
        }
        let sketch = try sketch(old.name)
        let words = changed.map { "\($0.0.name) \($0.1.1.text)" }.joined(separator: ", ")
        return try handOver(plan, sketch, "reload \(plan.name)", who).text + ", with \(words)"
    }
}

extension DeckConfiguration {
    /// Keys of the whole run that are set up once, when it begins.
    fileprivate func keysOfTheRun(thatDifferIn other: DeckConfiguration) -> [String] {
        [
            ("limits", limits != other.limits), ("compare", comparisons != other.comparisons),
            ("journal", journal != other.journal), ("metrics", metrics != other.metrics),
            ("lanes", lanes != other.lanes), ("control", control != other.control),
        ].filter(\.1).map(\.0)
    }
}

extension SlotPlan {
    /// What of the slot itself is another: nil when only its strategy, or that one's parameters,
    /// differ.
    fileprivate func wiring(differsFrom other: SlotPlan) -> String? {
        if instruments != other.instruments { return "symbols" }
        if timeFrames != other.timeFrames { return "timeframe" }
        if plugin.manifest.id != other.plugin.manifest.id { return "plugin" }
        if ensemble != other.ensemble { return "ensemble" }
        if isShadow != other.isShadow { return "shadow" }
        if calendar != other.calendar { return "schedule" }
        return settings != other.settings ? "cash, sizing, risk or execution" : nil
    }

    /// Whether another number of bars has to pass before it may trade, and not only because its
    /// parameters say so.
    fileprivate func warmsUpOtherwise(than other: SlotPlan) -> Bool {
        warmUpBars != other.warmUpBars
            && !(warmsUpByManifest && other.warmsUpByManifest)
    }
}

extension TapeDeck {
    /// Whether a slot has neither positions nor orders.
    func isFlat(_ name: String) throws(DeckFailure) -> Bool {
        let slot = try slot(named: name)
        try settle(slot)
        return slot.runner.portfolio.books.openPositions == 0
            && slot.runner.portfolio.workingOrders == 0
    }
}
