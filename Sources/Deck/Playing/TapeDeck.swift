import CTapedeck
import Feeds
import Journal
import Kernel
import Market
package import StrategyHost
import Synchronization

/// Plays one tape into many slots.
///
/// A run depends on the tape and on each slot's own plan alone: not on the other slots, the lanes,
/// the size of the blocks, or the time of day. A strategy that fails is called no more; its
/// portfolio and all other slots go on. Slots may come and go, and their strategies change, between
/// two events (Deck/Live). Plays once.
package final class TapeDeck {
    package let configuration: DeckConfiguration
    let options: PlayOptions
    let tape: TapeFile
    /// Events of the tape that are played.
    let range: Range<Int>
    /// The first of them of which results count.
    private let first: Int
    /// What is played, by number.
    var slots: [Slot]
    /// What was played and has left.
    var retired: [Slot] = []
    let blocks: BlockBuilder
    var routing: EventRouting
    /// Those that hold several strategies each.
    let sharedWorkers: SharedWorkers
    private let crew: LaneCrew
    private let turn = Atomic(0)
    private var events = 0
    private var lastTime: Timestamp?

    /// Looks at all slots together; nil where nobody wants it.
    var overall: OverallWatch?
    /// Slots that listen to others, which play a block before them; nil where there is none.
    var ensembles: Ensembles?

    /// What other threads want of this deck.
    package let mailbox = Mailbox()
    /// Told, on the thread that plays, of an image that a strategy has left.
    package var onLeaving: ((PluginImage) -> Void)?
    var sink: (any RecordSink)?
    var recorder: TapeRecorder?
    /// Blocks that have been played.
    private var round = 0
    /// What is to be done to slots that are late, in the order in which it was asked for.
    var appointments: [Appointment] = []
    /// The one that is kept now.
    var appointed: Appointment?
    /// How long it rests while a slot is late; longer the longer nothing happens.
    var lateRest: Int64 = TapeDeck.shortestRest
    /// Hand-overs that wait for their slot's turn.
    var waiting: [WaitingHandOver] = []
    /// Slots whose strategy may still be taken back, with the image of the one before.
    var onProbation: [SlotOnProbation] = []
    /// It has nothing to play, but may be told more.
    var isStaying = false

    /// Opens the plug-ins and creates every strategy.
    /// - Throws: all that stands in the way, of all slots at once.
    package convenience init(
        _ configuration: DeckConfiguration, plugins: PluginStore,
        options: PlayOptions = PlayOptions()
    ) throws(DeckFailure) {
        var planning = DeckPlanning(configuration, options)
        try self.init(configuration, options, planning.assemble(plugins))
    }

    init(
        _ configuration: DeckConfiguration, _ options: PlayOptions, _ parts: DeckPlanning.Parts
    ) {
        self.configuration = configuration
        self.options = options
        tape = parts.tape
        range = parts.range
        first = parts.first
        slots = parts.slots
        blocks = parts.blocks
        routing = parts.routing
        sharedWorkers = parts.sharedWorkers
        let lanes = options.lanes ?? configuration.lanes ?? LaneCrew.processors
        crew = LaneCrew(lanes: max(1, min(lanes, slots.count)))
        if let limits = configuration.limits, first < range.upperBound {
            overall = unsafe OverallWatch(limits, first: tape.events[first].time)
        }
        connectEnsembles(
            at: .beginning, next: unsafe first < tape.count ? tape.events[first].time : 0)
    }

    /// Threads that play slots.
    var laneCount: Int { crew.lanes }

    /// Every slot that the run has or had, by number.
    var allSlots: [Slot] { (slots + retired).sorted { $0.number < $1.number } }

    /// Plays everything, or until `stop` is set: then what was done so far is finished like a whole
    /// run.
    /// - Parameter progress: called between two blocks.
    package func play(
        into sink: (any RecordSink)? = nil, stop: StopSwitch = StopSwitch(),
        progress: ((PlayProgress) -> Void)? = nil
    ) throws(DeckFailure) -> RunResult {
        defer {
            mailbox.shut()
            abandonAppointments()
        }
        self.sink = sink
        let identity = self.identity
        try sink?.begin(
            identity, slots: slots.map(\.identity), instruments: configuration.outline.instruments,
            at: WallClock.present)
        do throws(DeckFailure) {
            if let path = configuration.feed.record { recorder = try TapeRecorder(path, of: tape) }
            return try playToEnd(identity, stop, progress)
        } catch {
            sink?.fail(at: WallClock.present)
            throw error
        }
    }

    private func playToEnd(
        _ identity: RunIdentity, _ stop: StopSwitch, _ progress: ((PlayProgress) -> Void)?
    ) throws(DeckFailure) -> RunResult {
        let start = WallClock.nanoseconds
        try playBlocks(stop, progress)
        try settle()
        try watchProbations()
        for slot in slots { slot.finish() }
        try drain()
        let recording = try recorder?.finish()
        let seconds = Double(WallClock.nanoseconds - start) / 1e9
        let isWhole = blocks.position == range.upperBound
        var result = result(identity, isWhole ? .complete : .interrupted, seconds)
        result.recording = recording
        try sink?.end(result, at: WallClock.present)
        return result
    }

    private func playBlocks(
        _ stop: StopSwitch, _ progress: ((PlayProgress) -> Void)?
    ) throws(DeckFailure) {
        let pacer = pacer()
        while !stop.isSet {
            try openMail()
            var limit = try eventsBeforeLook()
            if let pacer, !blocks.isAtEnd, blocks.position < range.upperBound {
                let due = tape.place(at: pacer.present.rawValue + 1)
                guard due > blocks.position else {
                    try playReady()
                    try handOverNow()
                    let next = unsafe tape.events[blocks.position].time
                    try rest(nanoseconds: pacer.pause(until: Timestamp(nanoseconds: next)))
                    continue
                }
                limit = min(limit, due - blocks.position)
            }
            if let block = try unsafe blocks.next(limit: limit) {
                try recorder?.record(to: blocks.position)
                try unsafe play(block)
                try watchProbations()
                try drain()
                if pacer != nil { try awaitTheQuick() }
            } else if blocks.isAtEnd, try !goesOn() {
                return
            }
            progress?(
                PlayProgress(
                    done: blocks.position - range.lowerBound, total: range.count,
                    time: lastTime ?? Timestamp(nanoseconds: 0)))
        }
    }

    /// The end of the tape: whether there may still be something to do.
    private func goesOn() throws(DeckFailure) -> Bool {
        if options.stays { try playReady() } else { try settle() }
        try doCommandsOfTape()
        try handOverNow()
        try drain()
        guard options.stays else { return false }
        isStaying = true
        if !mailbox.hasMail { try rest(nanoseconds: 100_000_000) }
        return true
    }

    private func pacer() -> Pacer? {
        guard case .times(let speed) = options.speed, first < range.upperBound else { return nil }
        let first = unsafe tape.events[first].time
        return Pacer(speed: speed, begins: Timestamp(nanoseconds: first))
    }

    /// One block into all slots; each lane takes the next slots that nobody has taken. A slot whose
    /// strategy is handed over comes last: no other slot waits for that.
    /// - Throws: when a slot's place on a tape that others share is lost, and none is left.
    func play(_ block: EventRun) throws(DeckFailure) {
        for handOver in waiting { handOver.slot.hold() }
        if unsafe !routing.route(block) {
            try settle()
            guard unsafe routing.route(block) else {
                throw DeckFailure(
                    "a tape that workers share has no room for \(unsafe block.count) events, though all has been played"
                )
            }
        }
        round += 1
        events += unsafe played(block)
        if unsafe block.count > 0 {
            lastTime = unsafe Timestamp(nanoseconds: block.events[block.count - 1].time)
        }
        playSlots()
    }

    private func playSlots() {
        guard !waiting.isEmpty || ensembles != nil else { return play(slots) }
        let late = waiting
        waiting = []
        let first = slots.filter { $0.ensemble == nil }
        play(first.filter { slot in !late.contains { $0.slot === slot } })
        for handOver in late { handOver.perform() }
        play(first.filter { slot in late.contains { $0.slot === slot } })
        if let ensembles { play(ensembles.slots) }
    }

    private func play(_ slots: [Slot]) {
        guard crew.lanes > 1, slots.count > 1 else {
            for slot in slots { slot.play(round: round) }
            return
        }
        turn.store(0, ordering: .relaxed)
        let batch = max(1, slots.count / (crew.lanes * 16))
        crew.perform { [slots, round] _ in
            while true {
                let first = self.turn.add(batch, ordering: .relaxed).oldValue
                guard first < slots.count else { return }
                for slot in slots[first..<min(first + batch, slots.count)] {
                    slot.play(round: round)
                }
            }
        }
    }

    /// Without what is history.
    private func played(_ block: EventRun) -> Int {
        guard let from = configuration.feed.from?.rawValue, unsafe block.count > 0,
            unsafe block.events[0].time < from
        else { return unsafe block.count }
        return unsafe (0..<block.count).reduce(0) {
            unsafe $0 + (block.events[$1].time >= from ? 1 : 0)
        }
    }

    /// Hands over what slots have recorded: slot after slot, so that the order is the same for any
    /// lanes.
    func drain() throws(DeckFailure) {
        for slot in slots { try drain(slot) }
    }

    func drain(_ slot: Slot) throws(DeckFailure) {
        guard let sink else { return }
        let index = slot.number - 1
        try sink.take(slot: index, &slot.records)
        try sink.take(slot: index, &slot.output)
        slot.output.removeAll()
        for fault in slot.takeFaults() {
            try sink.fault(
                slot: index, sequence: fault.sequence, time: fault.time, text: fault.text)
        }
    }

    private func result(
        _ identity: RunIdentity, _ status: RunStatus, _ seconds: Double
    ) -> RunResult {
        RunResult(
            identity: identity, status: status,
            firstEvent: unsafe events > 0 && first < range.upperBound
                ? Moment(Timestamp(nanoseconds: tape.events[first].time)) : nil,
            lastEvent: lastTime.map(Moment.init), events: events, lanes: crew.lanes,
            seconds: seconds,
            digest: digest(identity), slots: results(), overall: overall?.finished(countedSlots),
            comparisons: comparisons)
    }

    /// What each slot came to, worked out by all lanes.
    private func results() -> [SlotResult] {
        let slots = allSlots
        let places = UnsafeMutablePointer<SlotResult?>.allocate(capacity: slots.count)
        unsafe places.initialize(repeating: nil, count: slots.count)
        defer {
            unsafe places.deinitialize(count: slots.count)
            unsafe places.deallocate()
        }
        turn.store(0, ordering: .relaxed)
        crew.perform { [configuration] _ in
            while true {
                let place = self.turn.add(1, ordering: .relaxed).oldValue
                guard place < slots.count else { return }
                unsafe places[place] = slots[place].result(configuration)
            }
        }
        return slots.indices.compactMap { unsafe places[$0] }
    }
}
