import CTapedeck
import Journal
import Kernel
import Market
import StrategyHost

/// What is done between two blocks, on the thread that plays.
extension TapeDeck {
    /// The last event that all slots have been given; of what is done to a slot that was late, the
    /// one at which it was asked for.
    package var moment: DeckMoment {
        appointed?.moment ?? DeckMoment(sequence: blocks.lastSequence, time: blocks.presentTime)
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
            try appoint(slot) { [unowned self] () throws(DeckFailure) in
                try doAgain(event, command, slot)
            }
        }
    }

    private func doAgain(
        _ event: Event, _ command: DeckCommand, _ slot: Slot
    ) throws(DeckFailure) {
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

    /// Pauses, resumes, flattens or kills one slot, or all; waits for one that is late.
    package func command(
        _ command: DeckCommand, _ name: String?, by who: String
    ) throws(DeckFailure) -> DeckAnswer {
        for slot in try chosen(name) { try settle(slot) }
        let reply = Reply<DeckAnswer>()
        self.command(command, name, by: who, reply)
        return try reply.wait()
    }

    private func chosen(_ name: String?) throws(DeckFailure) -> [Slot] {
        if let name { [try slot(named: name)] } else { slots }
    }

    /// The same, answered when the last of them has done it: one that is late when it has come to
    /// this event.
    package func command(
        _ command: DeckCommand, _ name: String?, by who: String, _ reply: Reply<DeckAnswer>
    ) {
        do throws(DeckFailure) {
            let chosen = try chosen(name)
            let asked = Asked(chosen.count, at: moment)
            let words = "\(name ?? "\(chosen.count) strategies"): \(command.done)"
            for slot in chosen {
                let event = event(command, slot)
                try recorder?.record(event, before: blocks.position)
                let isLate = slot.isLate
                try appoint(slot, orElse: { reply.give(.failure(Mailbox.over)) }) {
                    [unowned self] () throws(DeckFailure) in
                    try perform(event, command, slot, by: who)
                    asked.isDone(byLate: isLate)
                    guard asked.left == 0 else { return }
                    reply.give(.success(asked.answer(words)))
                }
            }
            if chosen.isEmpty { reply.give(.success(asked.answer(words))) }
        } catch {
            reply.give(.failure(error))
        }
    }

    /// Changes a live parameter; waits for a slot that is late.
    package func set(
        _ name: String, _ parameter: String, _ text: String, by who: String
    ) throws(DeckFailure) -> DeckAnswer {
        try settle(try slot(named: name))
        let reply = Reply<DeckAnswer>()
        set(name, parameter, text, by: who, reply)
        return try reply.wait()
    }

    /// The same, answered when it has been done.
    package func set(
        _ name: String, _ parameter: String, _ text: String, by who: String,
        _ reply: Reply<DeckAnswer>
    ) {
        do throws(DeckFailure) {
            let slot = try slot(named: name)
            let asked = Asked(1, at: moment)
            let isLate = slot.isLate
            // A recording has it where it was asked for.
            if isLate { try recordSetting(slot, parameter, text) }
            try appoint(slot, orElse: { reply.give(.failure(Mailbox.over)) }) {
                [unowned self] () throws(DeckFailure) in
                do throws(DeckFailure) {
                    let answer = try change(slot, parameter, text, by: who)
                    if !isLate { try recordSetting(slot, parameter, text) }
                    asked.isDone(byLate: isLate)
                    reply.give(.success(asked.answer("\(name): \(answer)")))
                } catch {
                    reply.give(.failure(error))
                }
            }
        } catch {
            reply.give(.failure(error))
        }
    }

    /// Writes a new value into the recording; one that is not allowed, or no number, is in none.
    private func recordSetting(
        _ slot: Slot, _ parameter: String, _ text: String
    ) throws(DeckFailure) {
        guard let recorder else { return }
        let wired = slot.plan.instruments.map { configuration.outline.instruments[Int($0)] }
        var event = event(.set, slot)
        do throws(ParameterProblem) {
            let (declaration, value) = try slot.plan.plugin.manifest.liveValue(
                parameter, text: text, instruments: wired)
            guard let number = value.asNumber else { return }
            event.command.argument = declaration.id
            event.command.number = number
        } catch {
            // Whoever asked is told by what comes of it.
            return
        }
        try recorder.record(event, before: blocks.position)
    }

    private func change(
        _ slot: Slot, _ parameter: String, _ text: String, by who: String
    ) throws(DeckFailure) -> String {
        let line = "set \(parameter) \(text)"
        do throws(DeckFailure) {
            try change(slot, parameter, text)
        } catch {
            try note(line, slot, by: who, error.description, isDone: false)
            throw error
        }
        let answer = "\(parameter) is \(text)"
        try note(line, slot, by: who, answer)
        try drain(slot)
        return answer
    }

    private func change(_ slot: Slot, _ name: String, _ text: String) throws(DeckFailure) {
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
        let warmsUpByManifest = slot.plan.warmsUpByManifest
        slot.plan.parameters = slot.runner.settings.setup.parameters
        guard warmsUpByManifest else { return }
        slot.plan.warmUpBars = slot.plan.plugin.manifest.warmUpBars(slot.plan.parameters)
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

/// What one command comes to, over all slots that it is for.
private final class Asked {
    private let moment: DeckMoment
    private let begin = WallClock.nanoseconds
    private(set) var left: Int
    private var late = 0

    init(_ count: Int, at moment: DeckMoment) {
        left = count
        self.moment = moment
    }

    func isDone(byLate isLate: Bool) {
        left -= 1
        if isLate { late += 1 }
    }

    func answer(_ words: String) -> DeckAnswer {
        guard late > 0 else { return DeckAnswer(moment: moment, text: words) }
        let milliseconds = (WallClock.nanoseconds - begin) / 1_000_000
        let who = late == 1 ? "a strategy that was late" : "\(late) strategies that were late"
        return DeckAnswer(
            moment: moment, text: words + "; \(who) came to this event \(milliseconds) ms later")
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
