import Market
package import StrategyHost
import Synchronization

/// Turns what operators, files and folders want into what is done to a running deck: staging,
/// checking and trying happen here, on the thread that asks; only the hand-over itself is the
/// deck's.
package final class ControlRoom: Sendable {
    let mailbox: Mailbox
    let plugins: PluginStore
    private let stop: StopSwitch
    private let overrides: [String]
    private let hangs: HangWatch?
    /// The last one that is known, for when there can be no other.
    private let lastStatus: Mutex<DeckStatus?>
    /// As the deck plays it; one change at a time.
    let desk: Mutex<DeckConfiguration>

    package init(
        _ deck: TapeDeck, plugins: PluginStore, overrides: [String] = [], stop: StopSwitch,
        hangs: HangWatch? = nil
    ) throws(DeckFailure) {
        mailbox = deck.mailbox
        self.plugins = plugins
        self.stop = stop
        self.overrides = overrides
        desk = Mutex(deck.configuration)
        self.hangs = hangs
        lastStatus = Mutex(try deck.status())
        mailbox.giveUp { [hangs] in
            hangs?.present.map {
                DeckFailure(
                    "\($0.description). What was asked is done should it come back; `tapedeck stop` ends the run"
                )
            }
        }
        deck.onLeaving = { [plugins] image in
            // What is proven gone needs no word; what stays is in the status.
            ControlServer.thread { _ = plugins.close(image) }
        }
    }

    /// What an operator is answered.
    package func answer(_ request: ControlRequest, from who: String) -> ControlAnswer {
        do throws(DeckFailure) {
            return try perform(request, who)
        } catch {
            return ControlAnswer(ok: false, text: error.description)
        }
    }

    private func perform(
        _ request: ControlRequest, _ who: String
    ) throws(DeckFailure) -> ControlAnswer {
        let name = request.strategy
        switch request.command {
        case .status: return try status()
        case .stop:
            stop.set()
            if let hang = hangs?.present {
                return ControlAnswer(
                    ok: true,
                    text: "the run ends without waiting for \(hang.name); what it journaled is kept"
                )
            }
            return ControlAnswer(ok: true, text: "the run ends after its present block")
        case .pause, .resume, .flatten, .kill:
            guard let command = DeckCommand(word: request.command.rawValue) else { break }
            return ControlAnswer(
                try mailbox.askLater { deck, reply in deck.command(command, name, by: who, reply) })
        case .set:
            guard let name, let parameter = request.parameter, let value = request.value else {
                break
            }
            return ControlAnswer(
                try mailbox.askLater { deck, reply in
                    deck.set(name, parameter, value, by: who, reply)
                })
        case .rollback:
            guard let name else { break }
            return ControlAnswer(
                try mailbox.ask(of: name) { deck throws(DeckFailure) in
                    try deck.rollBack(name, by: who)
                })
        case .unload:
            guard let name else { break }
            let withPositions = request.withPositions ?? false
            return ControlAnswer(
                try remove(name, withPositions: withPositions, request.line, who))
        case .load:
            guard let name else { break }
            return try load(name, request.line, who)
        case .reload:
            guard let name else { return try reloadConfiguration(who) }
            return try reload(name, from: request.plugin, request.line, who)
        }
        throw DeckFailure("\(request.command.rawValue) needs the name of a strategy")
    }

    private func status() throws(DeckFailure) -> ControlAnswer {
        var status: DeckStatus
        do throws(DeckFailure) {
            status = try mailbox.ask { deck throws(DeckFailure) in try deck.status() }
            lastStatus.withLock { $0 = status }
        } catch {
            guard let hang = hangs?.present, let last = lastStatus.withLock({ $0 }) else {
                throw error
            }
            status = last.held(by: hang)
        }
        status.pinned += plugins.pinned.map(\.description)
        var answer = ControlAnswer(ok: true, text: status.state)
        answer.event = status.event
        answer.time = status.time
        answer.status = status
        return answer
    }

    /// The configuration as it is on disk now, with the feed that is played.
    /// - Parameter text: what is in the file, where that has been read already.
    func readConfiguration(_ text: String? = nil) throws(DeckFailure) -> DeckConfiguration {
        let running = desk.withLock { $0 }
        let read =
            if let text {
                DeckConfiguration.load(
                    text: text, path: running.path, overrides: overrides, keeping: running)
            } else {
                DeckConfiguration.load(running.path, overrides: overrides, keeping: running)
            }
        switch read {
        case .success(let configuration): return configuration
        case .failure(let problems): throw DeckFailure(problems.description)
        }
    }

    private func load(
        _ name: String, _ line: String, _ who: String
    ) throws(DeckFailure) -> ControlAnswer {
        let configuration = try readConfiguration()
        guard let plan = configuration.slots.first(where: { $0.name == name }) else {
            let names = configuration.slots.map(\.name)
            let hint = Suggestion.clause(for: name, among: names)
            let rest = hint.isEmpty ? "; it has \(names.joined(separator: ", "))" : hint
            throw DeckFailure("\(configuration.path) has no strategy \"\(name)\"\(rest)")
        }
        return ControlAnswer(try add(plan, line, who))
    }

    func add(_ plan: SlotPlan, _ line: String, _ who: String) throws(DeckFailure) -> DeckAnswer {
        if plan.isolation == .host, plan.ensemble == nil { try rehearse(plan) }
        return try put(plan, line, who)
    }

    /// The same for one that has been tried.
    func put(_ plan: SlotPlan, _ line: String, _ who: String) throws(DeckFailure) -> DeckAnswer {
        var placing = SlotPlacing(plugins)
        let placement = try placing.placement(of: plan)
        return try mailbox.ask { deck throws(DeckFailure) in
            try deck.add(NewSlot(plan: plan, placement: placement, command: line, who: who))
        }
    }

    func remove(
        _ name: String, withPositions: Bool = false, _ line: String, _ who: String
    ) throws(DeckFailure) -> DeckAnswer {
        try mailbox.ask(
            of: name,
            preparing: { deck throws(DeckFailure) in
                try deck.questionBeforeRemoval(name, withPositions: withPositions)
            }
        ) { deck throws(DeckFailure) in
            try deck.remove(name, withPositions: withPositions, command: line, by: who)
        }
    }

    /// - Parameter name: of the strategy that it is about; nil for the whole run.
    func note(
        _ command: String, _ name: String? = nil, by who: String, _ answer: String, isDone: Bool
    ) throws(DeckFailure) {
        try mailbox.ask { deck throws(DeckFailure) in
            let slot = deck.slots.last { $0.plan.name == name }
            try deck.note(command, slot, by: who, answer, isDone: isDone)
        }
    }
}

extension DeckCommand {
    init?(word: String) {
        guard let found = Self.allCases.first(where: { $0.word == word }) else { return nil }
        self = found
    }
}
