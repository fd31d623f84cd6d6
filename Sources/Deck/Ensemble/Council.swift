import Market

/// What an ensemble's members have said last, and what they weigh.
struct Council {
    /// What one member says about one instrument.
    private struct Seat {
        var isReady = false
        /// Of its position.
        var direction = 0.0
        /// Its own words; from the first one on its position says nothing more.
        var signal: (forecast: Double, confidence: Double)?
    }

    private let plan: EnsemblePlan
    /// By member, the regime's slot last, and instrument.
    private var seats: [[Seat]]
    private(set) var silence: [SignalTap.Silence]
    private(set) var track: MemberTrack

    init(_ plan: EnsemblePlan, instruments: Int) {
        self.plan = plan
        seats = plan.heard.map { _ in Array(repeating: Seat(), count: instruments) }
        silence = plan.heard.map { _ in .absent }
        track = MemberTrack(plan)
    }

    /// Counts one word; answers the places of the instruments that it is about.
    mutating func take(_ input: SignalTap.Input, _ instruments: [InstrumentID]) -> [Int] {
        let member = input.member
        func place(_ id: InstrumentID) -> Int? { instruments.firstIndex(of: id) }
        switch input.word {
        case .ready(let id):
            guard let place = place(id) else { return [] }
            seats[member][place].isReady = true
            return [place]
        case .signal(let id, let forecast, let confidence):
            // What is said during the warm-up is no word.
            guard let place = place(id), seats[member][place].isReady else { return [] }
            seats[member][place].signal = (forecast, confidence)
            return [place]
        case .direction(let id, let direction):
            guard let place = place(id) else { return [] }
            seats[member][place].direction = direction
            return seats[member][place].signal == nil ? [place] : []
        case .silence(let silence):
            // One that comes, or runs again, has to speak anew.
            if self.silence[member] != [] && silence == [] {
                for place in seats[member].indices { seats[member][place].signal = nil }
            }
            if silence.contains(.absent) { seats[member] = seats[member].map { _ in Seat() } }
            self.silence[member] = silence
            return Array(instruments.indices)
        }
    }

    /// Nil where the member has no vote.
    private func ballot(_ member: Int, _ place: Int) -> Ballot? {
        let seat = seats[member][place]
        guard silence[member] == [], seat.isReady else { return nil }
        let (forecast, confidence) = seat.signal ?? (seat.direction, 1)
        return Ballot(forecast: forecast, confidence: confidence, weight: track.weight(member))
    }

    /// What a member says now; nil where it has no vote.
    func word(of member: Int, _ place: Int) -> Double? { ballot(member, place)?.forecast }

    private func ballots(_ place: Int) -> [Ballot] {
        plan.members.indices.compactMap { ballot($0, place) }
    }

    /// The members' one signal about an instrument, -1...1.
    func combined(_ place: Int) -> Double {
        let ballots = ballots(place)
        switch plan.rule {
        case .vote:
            return plan.atLeast.map { Combining.vote(ballots, atLeast: $0) }
                ?? Combining.vote(ballots)
        case .confidence: return Combining.confidence(ballots)
        case .inverseVolatility, .performance: return Combining.weighted(ballots)
        case .regime: return best(place)
        }
    }

    /// The word of the member that was best in the present regime.
    private func best(_ place: Int) -> Double {
        switch track.best(in: label(place), place) {
        case .unknown:
            return Combining.weighted(ballots(place).map { Ballot(forecast: $0.forecast) })
        case .none: return 0
        case .member(let member): return ballot(member, place)?.forecast ?? 0
        }
    }

    /// The member whose word counts by the rule regime; nil where none does alone.
    func bestMember(_ place: Int) -> Int? {
        if case .member(let member) = track.best(in: label(place), place) { member } else { nil }
    }

    /// The regime of an instrument: the side of the regime slot's signal; nil while it has not
    /// spoken.
    func label(_ place: Int) -> Int? {
        guard plan.regime != nil, let regime = seats.last, silence.last == [],
            let signal = regime[place].signal
        else { return nil }
        return signal.forecast > 0 ? 1 : signal.forecast < 0 ? -1 : 0
    }

    /// Whether members want both sides.
    func isDivided(_ place: Int) -> Bool {
        let forecasts = ballots(place).map(\.forecast)
        return forecasts.contains { $0 > 0 } && forecasts.contains { $0 < 0 }
    }

    /// The share of the members that have a vote.
    func attendance(_ place: Int) -> Double {
        Double(ballots(place).count) / Double(max(1, plan.members.count))
    }

    /// Whether a member's own signals are its votes.
    func speaks(_ member: Int) -> Bool { seats[member].contains { $0.signal != nil } }

    mutating func measure(_ equity: [Int64?]) {
        let labels = seats.first.map { $0.indices.map(label) } ?? []
        track.measure(equity, labels)
    }
}
