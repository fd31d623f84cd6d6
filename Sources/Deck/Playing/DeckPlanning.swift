import CTapedeck
import Feeds
import Kernel
import Market
import StrategyHost

/// Works out what a run needs beside its slots' plans: who is played which events, and what must be
/// built.
struct DeckPlanning {
    /// What a deck is made of.
    struct Parts {
        var tape: TapeFile
        /// Of the tape's events; those before `first` are history, for warm-ups.
        var range: Range<Int>
        var first: Int
        var slots: [Slot]
        var blocks: BlockBuilder
        var routing: EventRouting
        var sharedWorkers: SharedWorkers
    }

    let configuration: DeckConfiguration
    let tape: TapeFile
    let options: PlayOptions
    /// Of the run.
    let sharedWorkers: SharedWorkers
    let calendars: RunCalendars
    let instruments: [Instrument]
    /// What is played, and from its first place back what warm-ups want before.
    private(set) var range: Range<Int>
    private let first: Int

    init(
        _ configuration: DeckConfiguration, _ options: PlayOptions,
        _ sharedWorkers: SharedWorkers = SharedWorkers()
    ) {
        self.configuration = configuration
        self.sharedWorkers = sharedWorkers
        let tape = configuration.open.tape
        self.tape = tape
        self.options = options
        calendars = RunCalendars(tape: tape.contents.instruments)
        instruments = configuration.outline.instruments
        let first = configuration.feed.from.map { tape.place(at: $0.rawValue) } ?? 0
        let end = configuration.feed.to.map { tape.place(at: $0.rawValue) } ?? tape.count
        self.first = min(first, end)
        range = self.first..<end
    }

    mutating func assemble(_ plugins: PluginStore) throws(DeckFailure) -> Parts {
        var demands = configuration.slots.map { SlotDemand($0, configuration.outline) }
        try lookBack(&demands)
        let blocks = try BlockBuilder(
            tape: tape, range: range, instruments: instruments, sessions: try sessions(),
            builders: try builders(demands), blockSize: max(1, options.blockSize))
        let views = try makeViews(demands, largestBlock: blocks.largestBlock)
        let slots = try makeSlots(
            demands, views, SlotPlacing(plugins), largestBlock: blocks.largestBlock)
        let routing = EventRouting(
            views, instrumentCount: instruments.count, calendarCount: calendars.names.count)
        return Parts(
            tape: tape, range: range, first: first, slots: slots, blocks: blocks, routing: routing,
            sharedWorkers: sharedWorkers)
    }

    /// Gives every slot the bars before `feed.from` that its warm-up wants, as far as the tape has
    /// them.
    private mutating func lookBack(_ demands: inout [SlotDemand]) throws(DeckFailure) {
        guard let from = configuration.feed.from else { return }
        let search = try HistorySearch(demands, from: from, tape: tape, configuration.outline)
        var beginning = from
        for index in demands.indices {
            let history = search.history(of: demands[index])
            demands[index].history = history
            demands[index].subscription.from = history.from
            beginning = min(
                beginning,
                try HistorySearch.beginning(
                    of: demands[index], at: history.from, configuration.outline))
        }
        range = min(tape.place(at: beginning.rawValue), range.lowerBound)..<range.upperBound
    }
}

extension DeckPlanning {
    /// The calendars, by number, whose openings and closings the deck must add: what the tape does
    /// not have.
    private var missingCalendars: [UInt32] {
        let own = tape.contents.hasSessions ? Set(calendars.names.prefix(calendars.ownCount)) : []
        let wanted = instruments.map(\.calendar) + configuration.slots.compactMap(\.calendar)
        return Set(wanted).subtracting(own).filter { !RunCalendars.isAlwaysOpen($0) }
            .map(calendars.number).sorted()
    }

    func sessions() throws(DeckFailure) -> SessionCursor? {
        let missing = missingCalendars
        guard !missing.isEmpty, !range.isEmpty else { return nil }
        let (first, last) = unsafe (
            tape.events[range.lowerBound].time, tape.events[range.upperBound - 1].time
        )
        do {
            return try SessionCursor(
                missing, of: calendars, from: Timestamp(nanoseconds: first),
                through: Timestamp(nanoseconds: last))
        } catch {
            throw DeckFailure(error.description)
        }
    }

    /// One builder for each instrument of which somebody wants bars that the tape has not.
    func builders(_ demands: [SlotDemand]) throws(DeckFailure) -> [BarBuilder] {
        var builders: [BarBuilder] = []
        for instrument in instruments {
            let frames = derivedFrames(of: instrument.id, demands)
            guard !frames.isEmpty else { continue }
            let source = try source(of: frames, instrument)
            do {
                let alignment: BarGrid.Alignment =
                    RunCalendars.isAlwaysOpen(instrument.calendar)
                    ? .epoch : .sessions(try TradingCalendar.named(instrument.calendar))
                builders.append(
                    try BarBuilder(
                        instrument, from: source, frames: frames.map(TimeFrame.init(rawValue:)),
                        aligned: alignment))
            } catch {
                throw DeckFailure("bars of \(instrument.symbol) cannot be built: \(error)")
            }
        }
        return builders
    }

    private func derivedFrames(of instrument: InstrumentID, _ demands: [SlotDemand]) -> [UInt32] {
        let wanted = demands.flatMap(\.subscription.series).filter {
            $0.instrument == instrument && $0.type == UInt8(TD_EVENT_BAR)
        }
        let there = configuration.outline.frames[Int(instrument)]
        return Set(wanted.map(\.timeframe)).subtracting(there).sorted()
    }

    /// The tape's longest bars that all of these can be built from, or its trades, or its quotes.
    private func source(
        of frames: [UInt32], _ instrument: Instrument
    ) throws(DeckFailure) -> BarBuilder.Source {
        let there = configuration.outline.frames[Int(instrument.id)]
        let fitting = there.last { shorter in
            frames.allSatisfy { $0 > shorter && $0.isMultiple(of: shorter) }
        }
        if let fitting { return .bars(TimeFrame(rawValue: fitting)) }
        if let ticks = configuration.outline.barSource(instrument.id) { return ticks }
        let names = frames.map { TimeFrame(rawValue: $0).description }.joined(separator: " and ")
        throw DeckFailure("no bars of \(instrument.symbol) on the tape can make both of \(names)")
    }

    /// One view for each distinct subscription.
    func makeViews(
        _ demands: [SlotDemand], largestBlock: Int
    ) throws(DeckFailure) -> [EventView] {
        let all = everything(demands)
        var views: [EventView] = []
        for demand in demands {
            let subscription = subscription(demand)
            guard !views.contains(where: { $0.subscription == subscription }) else { continue }
            let isWhole = hasAll(from: subscription.from) && all.isWithin(subscription)
            let isShared =
                !isPaced
                && demands.contains {
                    $0.plan.isolation == .worker && self.subscription($0) == subscription
                }
            views.append(
                EventView(
                    subscription, isWhole: isWhole, capacity: min(options.blockSize, range.count),
                    numberBefore: numberBefore(subscription.from),
                    tape: isShared ? try SlotPlacing.tape(largestBlock) : nil))
        }
        return views
    }

    /// The feed keeps time, and waits for nobody: every worker has a tape of its own.
    var isPaced: Bool { options.keepsTime }

    /// Whether nothing that is read comes before `time`.
    private func hasAll(from time: Timestamp) -> Bool {
        unsafe range.isEmpty || time.rawValue <= tape.events[range.lowerBound].time
    }

    /// Of the tape's last event before `time`.
    func numberBefore(_ time: Timestamp) -> UInt64 {
        let place = time == .distantPast ? 0 : tape.place(at: time.rawValue)
        return unsafe place > 0 ? tape.events[place - 1].sequence : 0
    }

    func subscription(_ demand: SlotDemand) -> Subscription {
        var subscription = demand.subscription
        let names = demand.instruments.map(\.calendar).filter { !RunCalendars.isAlwaysOpen($0) }
        subscription.calendars = Set(names.map(calendars.number)).sorted()
        return subscription
    }

    /// What a block can hold.
    func everything(_ demands: [SlotDemand]) -> Everything {
        var series = Set(demands.flatMap(\.subscription.series))
        var instruments: Set<InstrumentID> = []
        var calendars = Set(missingCalendars)
        for found in tape.header.series {
            switch EventKind(rawValue: found.type) {
            case .bar, .trade, .quote, .depth:
                series.insert(
                    Subscription.Series(
                        instrument: found.instrument, type: found.type, timeframe: found.timeframe))
            case .split, .dividend, .gap, .funding, .standing: instruments.insert(found.instrument)
            default: break
            }
        }
        if tape.contents.hasSessions {
            for number in 0..<self.calendars.ownCount
            where !RunCalendars.isAlwaysOpen(self.calendars.names[number]) {
                calendars.insert(UInt32(number))
            }
        }
        return Everything(series: series, instruments: instruments, calendars: calendars)
    }

    /// What can come in a run.
    struct Everything {
        var series: Set<Subscription.Series>
        var instruments: Set<InstrumentID>
        var calendars: Set<UInt32>

        func isWithin(_ subscription: Subscription) -> Bool {
            Set(subscription.series).isSuperset(of: series)
                && Set(subscription.instruments).isSuperset(of: instruments)
                && Set(subscription.calendars).isSuperset(of: calendars)
        }
    }
}

extension DeckPlanning {
    private func makeSlots(
        _ demands: [SlotDemand], _ views: [EventView], _ placing: SlotPlacing, largestBlock: Int
    ) throws(DeckFailure) -> [Slot] {
        var placing = placing
        var slots: [Slot] = []
        var problems: [String] = []
        for (index, demand) in demands.enumerated() {
            let subscription = subscription(demand)
            guard let view = views.first(where: { $0.subscription == subscription }) else {
                continue
            }
            do throws(DeckFailure) {
                let placement = try placing.placement(of: demand.plan)
                slots.append(
                    try makeSlot(
                        demand, view, placement, number: index + 1, largestBlock, playsWithout: true
                    ))
            } catch {
                problems.append("strategy \"\(demand.plan.name)\": \(error)")
            }
        }
        // A worker's strategy that fails so early is stopped alone; but with no strategy there is
        // nothing to play.
        let faults = slots.compactMap { slot in
            slot.runner.standing.fault.map { "strategy \"\(slot.plan.name)\": \($0)" }
        }
        if faults.count == slots.count { problems += faults }
        guard problems.isEmpty else { throw DeckFailure(problems.joined(separator: "\n")) }
        return slots
    }

    func makeSlot(
        _ demand: SlotDemand, _ view: EventView, _ placement: Placement, number: Int,
        _ largestBlock: Int,
        begins: Slot.Beginning? = nil, playsWithout: Bool = false
    ) throws(DeckFailure) -> Slot {
        let plan = demand.plan
        let making = making(demand, number: number)
        var settings = demand.settings
        if let from = configuration.feed.from { settings.warmUpUntil = from }
        settings.isRemembered = plan.onFault.restarts > 0
        let queue = try queue(for: plan, largestBlock)
        do {
            let runner: any SlotRunner =
                switch placement {
                case .host:
                    try StrategyRunner(placement, settings: settings, portfolio: making.make())
                case .plugless:
                    EnsembleRunner(placement, plan, settings: settings, portfolio: making.make())
                case .worker, .sealed:
                    try Self.worker(
                        placement, settings, making, queue?.tape ?? view.tape,
                        isStepwise: queue != nil, largestBlock, plan.limits, sharing(plan),
                        playsWithout: playsWithout)
                }
            return Slot(
                plan: plan, number: number, view: view, runner: runner, tally: tally(plan),
                begins: begins ?? self.begins,
                history: demand.history, queue: runner is AbsentRunner ? nil : queue,
                keepsTime: isPaced)
        } catch {
            throw DeckFailure(error.description)
        }
    }

    /// What the portfolio of a slot is made of.
    func making(_ demand: SlotDemand, number: Int) -> PortfolioMaking {
        let all = demand.allInstruments(instruments)
        return PortfolioMaking(
            settings: demand.plan.settings, instruments: all,
            calendars: all.map { calendars.number(of: $0.calendar) },
            matching: demand.matching(count: instruments.count),
            coarse: demand.coarse(count: instruments.count),
            slot: UInt64(number))
    }

    func sharing(_ plan: SlotPlan) -> WorkerSharing? {
        guard plan.mostSharers > 1 else { return nil }
        return WorkerSharing(sharedWorkers, name: plan.name, most: plan.mostSharers)
    }

    /// What a feed that keeps time does not wait for: workers, and whoever listens to them.
    private func queue(for plan: SlotPlan, _ largestBlock: Int) throws(DeckFailure) -> SlotQueue? {
        guard isPaced, plan.isolation != .host || plan.ensemble != nil else { return nil }
        return SlotQueue(
            tape: try queueTape(of: plan, largestBlock), isStepwise: plan.isolation == .sealed)
    }

    /// The tape of one slot on a feed that keeps time. Its orders wait for no new page, but of many
    /// that share a worker each takes only what it writes.
    func queueTape(of plan: SlotPlan, _ largestBlock: Int) throws(DeckFailure) -> SharedTape {
        let tape = try SlotPlacing.tape(largestBlock)
        if plan.mostSharers <= 1 { tape.prepare() }
        return tape
    }

    /// - Parameter playsWithout: where the strategy fails at once, its portfolio goes on alone.
    private static func worker(
        _ placement: Placement, _ settings: StrategyRunner.Settings, _ making: PortfolioMaking,
        _ tape: SharedTape?, isStepwise: Bool,
        _ largestBlock: Int, _ limits: WorkerLimits, _ sharing: WorkerSharing?, playsWithout: Bool
    ) throws(StrategyFault) -> any SlotRunner {
        do throws(StrategyFault) {
            return try WorkerRunner(
                placement, settings: settings, making: making, tape: tape, isStepwise: isStepwise,
                largestBlock: largestBlock, limits: limits, sharing: sharing)
        } catch {
            if case .worker(.notStarted) = error.cause { throw error }
            guard playsWithout else { throw error }
            return AbsentRunner(
                placement, settings: settings, portfolio: making.make(), fault: error)
        }
    }

    /// Where results begin to count.
    private var begins: Slot.Beginning {
        guard let from = configuration.feed.from else {
            return Slot.Beginning(time: .distantPast, sequence: 0)
        }
        return Slot.Beginning(
            time: from, sequence: unsafe first < tape.count ? tape.events[first].sequence : .max)
    }

    private func tally(_ plan: SlotPlan) -> SlotTally {
        var instrument: InstrumentID?
        switch configuration.metrics.benchmark {
        case .first: instrument = plan.instruments.first
        case .symbol(let id): instrument = plan.instruments.contains(id) ? id : nil
        case .none: break
        }
        let track = instrument.map { instrument in
            BenchmarkTrack(
                instrument, from: begins.time,
                hasActions: tape.header.series.contains {
                    $0.instrument == instrument
                        && [UInt8(TD_EVENT_SPLIT), UInt8(TD_EVENT_DIVIDEND)].contains($0.type)
                })
        }
        return SlotTally(
            benchmark: track, instruments: instruments, base: plan.settings.currency,
            expectedSamples: 256)
    }
}
