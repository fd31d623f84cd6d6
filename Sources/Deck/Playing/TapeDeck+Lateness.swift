import StrategyHost

/// What is to be done to a slot once it has played what had come when it was asked for.
struct Appointment {
    let slot: Slot
    /// Where it is.
    let mark: SlotMark
    /// Of the feed, when it was asked for.
    let moment: DeckMoment
    /// Whether nothing else has to come first.
    let isDue: () -> Bool
    let keep: () throws(DeckFailure) -> Void
    /// Instead, when it will never be.
    let abandon: () -> Void
}

/// Slots that are not at the feed's last event, and what is to be done to them.
extension TapeDeck {
    /// The feed waits for nobody.
    var keepsTime: Bool { options.keepsTime }

    /// Plays what slots have left over, until all are at the same event.
    func settle() throws(DeckFailure) {
        for slot in slots { try settle(slot) }
    }

    /// The same for one slot: before anything is done to it between two events.
    func settle(_ slot: Slot) throws(DeckFailure) {
        guard appointed == nil else { return }
        // What it hears comes first.
        for case let member? in slot.ensemble?.taps.map(\.slot) ?? [] { try settle(member) }
        repeat {
            while slot.isBehind {
                slot.catchUp()
                try drain(slot)
            }
        } while try keepAppointment(of: slot)
        if let failure = slot.failure { throw failure }
    }

    /// The same for slots that share a tape with others; those that keep a queue have copies.
    func settleShared() throws(DeckFailure) {
        for slot in slots where !slot.keepsQueue { try settle(slot) }
    }

    /// What slots have left over, without waiting for one that is late; whoever listens comes last.
    func playReady() throws(DeckFailure) {
        for slot in slots where slot.ensemble == nil { try playReady(slot) }
        if let ensembles { for slot in ensembles.slots { try playReady(slot) } }
    }

    private func playReady(_ slot: Slot) throws(DeckFailure) {
        guard slot.keepsQueue else { return try settle(slot) }
        repeat {
            while slot.isReady {
                slot.catchUp()
                try drain(slot)
                lateRest = Self.shortestRest
            }
        } while try keepAppointment(of: slot)
        if let failure = slot.failure { throw failure }
    }

    /// Has something done to a slot between two events: now, or, where it is late, when it has come
    /// to this one. Nobody waits for that.
    func appoint(
        _ slot: Slot, isDue: @escaping () -> Bool = { true },
        orElse abandon: @escaping () -> Void = {},
        _ body: @escaping () throws(DeckFailure) -> Void
    ) throws(DeckFailure) {
        if !slot.keepsQueue { try settle(slot) } else { try playReady(slot) }
        let isExpected = appointments.contains { $0.slot === slot }
        guard slot.isLate || isExpected || !isDue() else { return try body() }
        appointments.append(
            Appointment(
                slot: slot, mark: slot.mark(), moment: moment, isDue: isDue, keep: body,
                abandon: abandon))
        if !isExpected { slot.hold(before: slot.level) }
        lateRest = Self.shortestRest
    }

    /// Keeps the next appointment of a slot, if it has come so far. Answers whether it did.
    private func keepAppointment(of slot: Slot) throws(DeckFailure) -> Bool {
        guard appointed == nil,
            let place = appointments.firstIndex(where: { $0.slot === slot }),
            slot.hasReached(appointments[place].mark), appointments[place].isDue()
        else { return false }
        let appointment = appointments.remove(at: place)
        slot.forget(appointment.mark)
        appointed = appointment
        defer { appointed = nil }
        try appointment.keep()
        guard slots.contains(where: { $0 === slot }) else {
            abandonAppointments(of: slot)
            return false
        }
        slot.hold(before: appointments.first { $0.slot === slot }?.mark.block)
        return true
    }

    /// Nothing more is done to it, or to any.
    func abandonAppointments(of slot: Slot? = nil) {
        let abandoned = appointments.filter { slot == nil || $0.slot === slot }
        appointments.removeAll { slot == nil || $0.slot === slot }
        for appointment in abandoned { appointment.abandon() }
    }

    /// Has something done to a slot, and answered once it is.
    func whenLevel<Answer: Sendable>(
        _ name: String, _ reply: Reply<Answer>,
        _ question: @escaping (TapeDeck) throws(DeckFailure) -> SlotQuestion?,
        _ body: @escaping (TapeDeck) throws(DeckFailure) -> Answer
    ) {
        do throws(DeckFailure) {
            let slot = try slot(named: name)
            try appoint(slot) { [unowned self] () throws(DeckFailure) in
                if let question = try question(self) { slot.runner.prepare(question) }
            }
            try appoint(
                slot, isDue: { slot.runner.isAnswered },
                orElse: { reply.give(.failure(Mailbox.over)) }
            ) {
                [unowned self] () throws(DeckFailure) in
                do throws(DeckFailure) {
                    reply.give(.success(try body(self)))
                } catch {
                    reply.give(.failure(error))
                }
            }
        } catch {
            reply.give(.failure(error))
        }
    }
}
