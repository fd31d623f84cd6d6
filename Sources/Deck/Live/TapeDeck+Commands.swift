import CTapedeck
import Journal
import Kernel
import Market
import StrategyHost

/// What is done between two blocks, on the thread that plays.
extension TapeDeck {
    /// The last event that all slots have been given.
    package var moment: DeckMoment {
        DeckMoment(sequence: blocks.lastSequence, time: blocks.presentTime)
    }

    /// - Throws: when there is no such slot; which there are.
    func slot(named name: String) throws(DeckFailure) -> Slot {
        if let slot = slots.last(where: { $0.plan.name == name }) { return slot }
        let names = slots.map(\.plan.name)
        let hint = Suggestion.clause(for: name, among: names)
        let known = names.isEmpty ? "none is loaded" : "there are \(names.joined(separator: ", "))"
        throw DeckFailure("there is no strategy \"\(name)\"" + (hint.isEmpty ? "; " + known : hint))
    }

    func openMail() throws(DeckFailure) {
        try doCommandsOfTape()
        guard mailbox.hasMail, blocks.isAtBoundary else { return }
        mailbox.open(for: self)
    }

    /// What was commanded when the tape was recorded is commanded again.
    func doCommandsOfTape() throws(DeckFailure) {
        while let event = blocks.takeCommand() {
            guard let command = DeckCommand(rawValue: event.command.kind) else { continue }
            guard let slot = slots.first(where: { UInt64($0.number) == event.command.slot }) else {
                try note(
                    command.word, nil, by: "the recording", "it has no slot \(event.command.slot)",
                    isDone: false)
                continue
            }
            try settle(slot)
            if command.ofPortfolio != nil {
                try perform(event, command, slot, by: "the recording")
            } else if command == .set {
                try setAgain(event, slot)
            } else {
                try note(
                    command.word, slot, by: "the recording",
                    "not done again: it needs the plug-in of then",
                    isDone: false)
            }
        }
    }

    /// Has a portfolio do what is commanded, and writes it down at once: the next events' records
    /// take the place of those that nobody has fetched.
    private func perform(
        _ event: Event, _ command: DeckCommand, _ slot: Slot, by who: String
    ) throws(DeckFailure) {
        slot.play(event)
        try note(command.word, slot, by: who, command.done)
        try drain(slot)
    }

    private func setAgain(_ event: Event, _ slot: Slot) throws(DeckFailure) {
        let declarations = slot.plan.plugin.manifest.parameters
        guard let declaration = declarations.first(where: { $0.id == event.command.argument }),
            let text = declaration.text(of: event.command.number)
        else {
            return try note(
                "set", slot, by: "the recording", "it has no such parameter", isDone: false)
        }
        try change(slot, declaration.name, text)
        try note(
            "set \(declaration.name) \(text)", slot, by: "the recording",
            "\(declaration.name) is \(text)")
        try drain(slot)
    }

    /// Pauses, resumes, flattens or kills one slot, or all.
    package func command(
        _ command: DeckCommand, _ name: String?, by who: String
    ) throws(DeckFailure) -> DeckAnswer {
        let chosen: [Slot]
        if let name { chosen = [try slot(named: name)] } else { chosen = slots }
        for slot in chosen {
            try settle(slot)
            let event = event(command, slot)
            try recorder?.record(event, before: blocks.position)
            try perform(event, command, slot, by: who)
        }
        let who = name ?? "\(chosen.count) strategies"
        return DeckAnswer(moment: moment, text: "\(who): \(command.done)")
    }

    /// Changes a live parameter.
    package func set(
        _ name: String, _ parameter: String, _ text: String, by who: String
    ) throws(DeckFailure) -> DeckAnswer {
        let slot = try slot(named: name)
        let line = "set \(parameter) \(text)"
        do throws(DeckFailure) {
            let value = try change(slot, parameter, text)
            let declarations = slot.plan.plugin.manifest.parameters
            if let value, let declaration = declarations.first(where: { $0.name == parameter }) {
                var event = event(.set, slot)
                event.command.argument = declaration.id
                event.command.number = value
                try recorder?.record(event, before: blocks.position)
            }
        } catch {
            try note(line, slot, by: who, error.description, isDone: false)
            throw error
        }
        let answer = "\(parameter) is \(text)"
        try note(line, slot, by: who, answer)
        try drain(slot)
        return DeckAnswer(moment: moment, text: "\(name): \(answer)")
    }

    /// The new value as a number; nil where it is none.
    @discardableResult
    private func change(_ slot: Slot, _ name: String, _ text: String) throws(DeckFailure) -> Double?
    {
        try settle(slot)
        accept(slot)
        do {
            try slot.runner.setParameter(name, text: text)
        } catch {
            throw DeckFailure(error.description)
        }
        slot.settle()
        // What it ordered, or what its fault closed, is told before anything else is.
        try drain(slot)
        if let fault = slot.runner.standing.fault {
            throw DeckFailure("it was stopped: \(fault.description)")
        }
        slot.plan.parameters = slot.runner.settings.setup.parameters
        return slot.plan.parameters[name]?.asNumber
    }

    func event(_ command: DeckCommand, _ slot: Slot) -> Event {
        var event = Event.command(command.rawValue, slot: UInt64(slot.number), at: moment.time)
        event.sequence = moment.sequence
        return event
    }

    /// Writes down what was done, or refused.
    func note(
        _ command: String, _ slot: Slot?, by who: String, _ answer: String, isDone: Bool = true,
        at moment: DeckMoment? = nil
    ) throws(DeckFailure) {
        let moment = moment ?? self.moment
        try sink?.command(
            CommandRecord(
                sequence: moment.sequence, time: moment.time, at: WallClock.present, who: who,
                slot: slot.map { $0.number - 1 }, command: command, answer: answer, isDone: isDone))
    }
}

extension DeckCommand {
    fileprivate var done: String {
        switch self {
        case .pause: "paused: no new positions, what reduces one is accepted"
        case .resume: "trading again"
        case .flatten: "every order cancelled, every position being closed"
        case .kill: "flattened, and nothing is accepted any more; resume undoes it"
        case .set, .reload, .rollback, .load, .unload: "done"
        }
    }
}
