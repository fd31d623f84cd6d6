import CTapedeck
import Glibc
import Market

/// The host that a plug-in meets in a trial: it notes everything that is asked of it, keeps the
/// contract's rules strictly, and can be made to fail. One instance's; on one thread at a time.
@safe final class TrialHost {
    /// The first rule of the contract that was broken, in words.
    private(set) var breach: String?
    private(set) var acts: [TrialAct] = []
    /// Calls that could have failed.
    private(set) var calls = 0
    /// An order that no strategy sends on purpose, in words: the first one.
    private(set) var oddOrder: String?
    /// The most orders at one event.
    private(set) var mostOrders = 0
    private var ordersAtEvent = 0

    /// The call that fails, counted from 1, with what it answers; nil for none.
    var failing: (call: Int, status: td_status)?
    /// Keeps only the last of what it notes: for plays in which its own memory must not grow.
    var isForgetful = false
    /// Every order, change and timer is refused.
    var refusesEverything = false

    var market: TrialMarket
    private var random: SplitMix64
    private let timeFrames: [UInt32]
    private let historyBars: Int
    private var history: [[Bar]]
    private let startTime: Int64

    private(set) var stage = HostContext.Stage.outside
    private var thread: pthread_t = 0

    // The call of on_events that the strategy is in.
    private var slice: UnsafePointer<Event>?
    private var count: UInt64 = 0
    private var consumed: UnsafeMutablePointer<UInt64>?
    private var seen: UInt64 = 0
    private(set) var actedAt: UInt64 = 0
    /// Events of the slice whose prices are marked and whose bars are remembered; nil where that
    /// was done before.
    private var marked: Int?

    init(_ shape: TrialTape.Shape, historyBars: Int, seed: UInt64) {
        market = TrialMarket(instruments: shape.instruments)
        random = SplitMix64(seed: seed)
        timeFrames = shape.timeFrames
        self.historyBars = historyBars
        history = Array(repeating: [], count: shape.instruments * max(1, shape.timeFrames.count))
        startTime = TrialTape.start
    }

    /// What a plug-in is handed as its context; valid as long as this lives.
    var context: OpaquePointer { unsafe OpaquePointer(Unmanaged.passUnretained(self).toOpaque()) }

    func enter(_ stage: HostContext.Stage) {
        self.stage = stage
        thread = pthread_self()
    }

    func leave() {
        stage = .outside
        unsafe slice = nil
    }

    /// - Parameter isQuiet: whether the events only mark prices, which is done as the strategy
    ///   comes to them.
    func beginRun(
        _ events: UnsafePointer<Event>, _ count: Int, _ consumed: UnsafeMutablePointer<UInt64>,
        isQuiet: Bool
    ) {
        unsafe slice = events
        self.count = UInt64(count)
        unsafe self.consumed = consumed
        seen = 0
        actedAt = 0
        ordersAtEvent = 0
        marked = isQuiet ? 0 : nil
        if isForgetful, acts.count > 64 { acts.removeAll(keepingCapacity: true) }
    }

    /// Ends a run of which `handled` events were handled.
    func endRun(handled: Int) {
        mark(to: handled)
        remember(to: handled)
    }

    func note(_ words: String) { if breach == nil { breach = words } }

    private func mark(to place: Int) {
        guard let marked, let slice = unsafe slice, place > marked else { return }
        for index in marked..<place {
            let event = unsafe slice[index]
            // Bars are remembered once the strategy is beyond them.
            market.mark(event)
        }
        self.marked = place
    }

    private var remembered = 0

    /// Bars of the present slice that are behind the event in hand.
    private func remember(to place: Int) {
        guard marked != nil, let slice = unsafe slice else { return }
        while remembered < place {
            unsafe keep(slice[remembered])
            remembered += 1
        }
    }

    func resetMemory() { remembered = 0 }

    func keep(_ event: Event) {
        guard historyBars > 0, event.type == TD_EVENT_BAR,
            let ring = ring(event.instrument, event.timeframe)
        else { return }
        history[ring].append(event.bar)
        if isForgetful, history[ring].count > 2 * historyBars + 64 {
            history[ring].removeFirst(historyBars + 64)
        }
    }

    private func ring(_ instrument: UInt16, _ frame: UInt32) -> Int? {
        guard Int(instrument) < market.positions.count, let place = timeFrames.firstIndex(of: frame)
        else { return nil }
        return Int(instrument) * timeFrames.count + place
    }

    // What the table's functions ask first.

    /// Nil when the caller may call now; else what it is answered.
    private func refusal(_ stages: [HostContext.Stage]) -> td_status? {
        guard stage != .outside, thread == pthread_self() else {
            note(
                stage == .outside
                    ? "it called the host from outside of a call"
                    : "it called the host from another thread than that of the call")
            return td_status(TD_E_THREAD)
        }
        guard stages.contains(stage) else { return td_status(TD_E_STATE) }
        calls += 1
        if let failing, failing.call == calls { return failing.status }
        return nil
    }

    /// The event that the strategy is at; nil, and a breach noted, when that cannot be.
    private func present() -> Event? {
        guard stage == .events, let slice = unsafe slice, let consumed = unsafe consumed else {
            return nil
        }
        let place = unsafe consumed.pointee
        if place == 0 { note("it called the host before it set consumed for an event") }
        if place > count { note("it set consumed to \(place) in a run of \(count) events") }
        if place < seen { note("consumed went backwards, from \(seen) to \(place)") }
        if actedAt != 0, place != actedAt {
            note("it went on to further events after it had acted at one")
        }
        guard place > 0, place <= count else { return nil }
        if place != seen { ordersAtEvent = 0 }
        seen = place
        mark(to: Int(place))
        return unsafe slice[Int(place - 1)]
    }

    private static let asks: [HostContext.Stage] = [.start, .events, .setParameter, .stop]

    func now() -> Int64 {
        guard
            refusal([.create, .start, .events, .setParameter, .save, .load, .stop, .destroy]) == nil
        else { return 0 }
        return present()?.time ?? startTime
    }

    func draw() -> UInt64 {
        guard refusal([.create, .start, .events, .setParameter]) == nil else { return 0 }
        return random.next()
    }

    func submit(_ order: td_order) -> (td_status, UInt64) {
        if let status = refusal([.events]) { return (act(status), 0) }
        guard let event = present() else { return (td_status(TD_E_STATE), 0) }
        actedAt = seen
        ordersAtEvent += 1
        mostOrders = max(mostOrders, ordersAtEvent)
        judge(order)
        guard ordersAtEvent <= RunnerState.mostActs else { return (td_status(TD_E_LIMIT), 0) }
        if refusesEverything {
            acts.append(TrialAct(.submit, at: event.sequence, number: 0, order: order))
            return (td_status(TD_E_REJECTED), 0)
        }
        let answer = market.submit(order, at: event)
        acts.append(TrialAct(.submit, at: event.sequence, number: answer.number, order: order))
        return answer
    }

    func replace(_ number: UInt64, _ order: td_order) -> td_status {
        if let status = refusal([.events]) { return act(status) }
        guard let event = present() else { return td_status(TD_E_STATE) }
        actedAt = seen
        acts.append(TrialAct(.replace, at: event.sequence, number: number, order: order))
        return refusesEverything
            ? td_status(TD_E_REJECTED) : market.replace(number, with: order, at: event)
    }

    func cancel(_ number: UInt64) -> td_status {
        if let status = refusal([.events]) { return act(status) }
        guard let event = present() else { return td_status(TD_E_STATE) }
        actedAt = seen
        acts.append(TrialAct(.cancel, at: event.sequence, number: number))
        return refusesEverything ? td_status(TD_E_STALE) : market.cancel(number, at: event)
    }

    func setTimer(_ id: UInt64, _ time: Int64) -> td_status {
        if let status = refusal([.start, .events]) { return act(status) }
        let event = present()
        if stage == .events { actedAt = seen }
        acts.append(TrialAct(.timer, at: event?.sequence ?? 0, number: id, values: [Double(time)]))
        if refusesEverything { return td_status(TD_E_LIMIT) }
        guard time >= 0 else { return td_status(TD_E_INVALID) }
        market.setTimer(id, time)
        return td_status(TD_OK)
    }

    /// An act that fails is one all the same: the run ends with its event.
    private func act(_ status: td_status) -> td_status {
        if stage == .events, present() != nil { actedAt = seen }
        return status
    }

    func position(_ instrument: UInt16) -> (td_status, td_position?) {
        if let status = refusal(Self.asks) { return (status, nil) }
        if stage == .events, present() == nil { return (td_status(TD_E_STATE), nil) }
        guard Int(instrument) < market.positions.count else {
            return (td_status(TD_E_INVALID), nil)
        }
        return (td_status(TD_OK), market.position(instrument))
    }

    func account() -> (td_status, td_account?) {
        if let status = refusal(Self.asks) { return (status, nil) }
        if stage == .events, present() == nil { return (td_status(TD_E_STATE), nil) }
        return (td_status(TD_OK), market.account())
    }

    func instrument(_ instrument: UInt16) -> (td_status, td_instrument?) {
        if let status = refusal([.create, .load, .save, .destroy] + Self.asks) {
            return (status, nil)
        }
        guard Int(instrument) < market.positions.count else {
            return (td_status(TD_E_INVALID), nil)
        }
        return (
            td_status(TD_OK),
            td_instrument(TrialBench.instruments(Int(instrument) + 1)[Int(instrument)])
        )
    }

    func bars(_ instrument: UInt16, _ frame: UInt32, most: Int) -> (td_status, ArraySlice<Bar>) {
        if let status = refusal(Self.asks) { return (status, []) }
        if stage == .events, present() == nil { return (td_status(TD_E_STATE), []) }
        guard let ring = ring(instrument, frame) else { return (td_status(TD_E_INVALID), []) }
        guard historyBars > 0 else { return (td_status(TD_E_LIMIT), []) }
        remember(to: Int(seen) - 1)
        return (td_status(TD_OK), history[ring].suffix(min(most, historyBars)))
    }

    func say(
        _ kind: TrialAct.Kind, _ values: [Double], _ number: UInt64, isValid: Bool
    ) -> td_status {
        if let status = refusal([.events]) { return status }
        guard let event = present() else { return td_status(TD_E_STATE) }
        acts.append(TrialAct(kind, at: event.sequence, number: number, values: values))
        return td_status(isValid ? TD_OK : TD_E_INVALID)
    }

    private func judge(_ order: td_order) {
        func odd(_ words: String) { if oddOrder == nil { oddOrder = words } }
        let numbers = [
            order.quantity, order.limit, order.stop, order.trail, order.stop_loss,
            order.take_profit,
            order.trailing_stop,
        ]
        if order.struct_size < UInt32(MemoryLayout<td_order>.size) {
            odd("an order says that it has \(order.struct_size) bytes")
        }
        if numbers.contains(where: { !$0.isFinite }) {
            odd("an order has a number that is NaN or infinite")
        }
        if numbers.contains(where: { $0.magnitude > 1e12 }) {
            odd("an order has a number beyond 1e12")
        }
        if Int(order.instrument) >= market.positions.count {
            odd("an order is for instrument \(order.instrument), which is not wired to it")
        }
        if order.type < 1 || order.type > 9 {
            odd("an order has the type \(order.type), which there is not")
        }
        if order.time_in_force > 4 {
            odd("an order has the time in force \(order.time_in_force), which there is not")
        }
    }
}
