import CTapedeck
import Kernel
import Market
import StrategyHost

/// A slot whose decisions come from other slots' words instead of a strategy of its own.
///
/// What a member said at a moment of the tape counts once the ensemble has played its own first
/// event at or after that moment: there the words are combined, and the order is sent as a strategy
/// would send it at that event. Members have always played a block before an ensemble does.
final class EnsembleRunner: PluglessRunner {
    let placement: Placement
    let settings: StrategyRunner.Settings
    let plan: EnsemblePlan
    /// Of the slot, in its order.
    let instruments: [InstrumentID]
    private let allowsShort: Bool
    var portfolio: Portfolio
    private(set) var standing = StrategyRunner.Standing.created
    private(set) var lastSequence: UInt64 = 0

    /// One for each of `plan.heard`.
    var taps: [SignalTap] = []
    /// What was heard, oldest first; those before `counted` have been counted.
    private var heard: [SignalTap.Input] = []
    private var counted = 0
    /// What has been counted.
    private(set) var council: Council
    /// The last event that it has played.
    private var last = TapeMoment.beginning
    /// By instrument: what is to be decided anew, what was said last, and what was decided last.
    private var isOpen: [Bool]
    private var said: [Double]
    private var decided: [Double]
    private(set) var tally = EnsembleTally()
    private var output = StrategyOutput()

    init(
        _ placement: Placement, _ slot: SlotPlan, settings: StrategyRunner.Settings,
        portfolio: consuming Portfolio
    ) {
        let plan = slot.ensemble ?? EnsemblePlan(members: [])
        self.placement = placement
        self.settings = settings
        self.plan = plan
        instruments = slot.instruments
        allowsShort = slot.settings.allowShort
        self.portfolio = portfolio
        council = Council(plan, instruments: slot.instruments.count)
        isOpen = slot.instruments.map { _ in false }
        said = slot.instruments.map { _ in 0 }
        decided = said
    }

    func start(_ reason: StrategyRunner.Start, nextSequence: UInt64, time: Timestamp) {
        if standing == .created { standing = .running }
    }

    func stop(_ reason: StrategyRunner.Stop) {
        if standing == .running { standing = .stopped }
    }

    func takeOutput(into output: inout StrategyOutput) {
        output.removeAll()
        swap(&output, &self.output)
    }

    func play(_ run: EventRun, from start: Int, to end: Int) -> Int {
        gather()
        var index = start
        while index < end {
            unsafe decide(before: run.events[index])
            let stop = unsafe nextStop(run, from: index, to: end)
            _ = unsafe portfolio.follow(run, from: index, to: stop)
            last = unsafe TapeMoment(run.events[stop - 1])
            index = stop
        }
        if end > start { lastSequence = last.sequence }
        if let fault = portfolio.fault, standing.fault == nil {
            standing = .faulted(self.fault(of: fault, at: lastSequence))
        }
        return end
    }

    /// Decides what is open at the last event: nothing comes after it.
    func settle() {
        guard standing == .running else { return }
        count()
        decideAll()
    }

    /// Listens to another slot in a member's place.
    func connect(_ tap: SignalTap, as member: Int) {
        gather()
        if member < taps.count { taps[member] = tap } else { taps.append(tap) }
    }

    /// Takes what the members have said, in the order of the tape.
    private func gather() {
        heard.removeFirst(counted)
        counted = 0
        let start = heard.count
        for tap in taps { tap.take(into: &heard) }
        // Nobody counts it any more.
        if standing == .stopped || standing.fault != nil { heard.removeAll() }
        guard heard.count > start, heard.count > 1 else { return }
        heard = heard.enumerated().sorted {
            ($0.element.moment, $0.offset) < ($1.element.moment, $1.offset)
        }.map(\.element)
    }

    /// Where the next decision falls: behind all own events of the first moment at or after the
    /// oldest word.
    private func nextStop(_ run: EventRun, from index: Int, to end: Int) -> Int {
        var (place, moment) = (index, last)
        if !isDue {
            guard counted < heard.count else { return end }
            place = unsafe Self.place(atOrAfter: heard[counted].moment, run, from: index, to: end)
            guard place < end else { return end }
            moment = unsafe TapeMoment(run.events[place])
        }
        while unsafe place < end && !ends(moment, run.events[place]) { place += 1 }
        return max(place, index + 1)
    }

    /// Whether there is something to decide as soon as the last moment is over.
    private var isDue: Bool {
        isOpen.contains(true) || (counted < heard.count && heard[counted].moment <= last)
    }

    /// Whether all that `moment` has to say has been said before `event`: a later one; or the
    /// session's close, and a command, before which an order of that moment belongs.
    private func ends(_ moment: TapeMoment, _ event: Event) -> Bool {
        moment < TapeMoment(event) || event.type == UInt8(TD_EVENT_SESSION_CLOSE)
            || event.type == UInt8(TD_EVENT_COMMAND)
    }

    private static func place(
        atOrAfter moment: TapeMoment, _ run: EventRun, from index: Int, to end: Int
    ) -> Int {
        var (low, high) = (index, end)
        while low < high {
            let middle = (low + high) / 2
            if unsafe TapeMoment(run.events[middle]) < moment {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    private func decide(before event: Event) {
        guard ends(last, event), standing == .running else { return }
        count()
        decideAll()
    }

    /// Counts what was said up to the last own event.
    private func count() {
        while counted < heard.count, heard[counted].moment <= last {
            for place in council.take(heard[counted], instruments) { isOpen[place] = true }
            counted += 1
        }
    }

    private func decideAll() {
        for place in isOpen.indices where isOpen[place] {
            isOpen[place] = false
            decide(place)
        }
    }

    private func decide(_ place: Int) {
        let attendance = council.attendance(place)
        guard attendance > 0 || decided[place] != 0 else { return }
        let combined = council.combined(place)
        tally.decisions += 1
        if council.isDivided(place) { tally.divided += 1 }
        if combined != said[place] {
            said[place] = combined
            output.signals.append(
                SignalRecord(
                    sequence: last.sequence, time: Timestamp(nanoseconds: last.time),
                    instrument: instruments[place],
                    forecast: combined, confidence: attendance))
        }
        let wanted = allowsShort ? combined : max(0, combined)
        let isOtherSide =
            (wanted > 0) != (decided[place] > 0) || (wanted < 0) != (decided[place] < 0)
        let change = (wanted - decided[place]).magnitude
        guard isOtherSide || (change >= plan.leastChange && change > 0) else { return }
        var order = td_order()
        order.struct_size = UInt32(MemoryLayout<td_order>.size)
        order.instrument = instruments[place]
        order.type = UInt8(TD_ORDER_TARGET)
        order.flags = wanted == 0 ? 0 : UInt32(TD_ORDER_SIZED)
        order.quantity = wanted
        let answer = portfolio.submit(order)
        portfolio.clearUpdates()
        // What was refused is asked for again at the next decision, unless it is there already.
        guard answer.status == TD_OK || answer.reason == .roundsToZero else { return }
        decided[place] = wanted
        tally.changes += 1
    }
}

extension EnsembleRunner {
    /// At the end of a period, where all slots stand at the same event: what its members'
    /// portfolios are worth.
    func measure(_ equity: [Int64?]) {
        gather()
        count()
        council.measure(equity)
        for place in isOpen.indices { isOpen[place] = true }
    }
}

/// What an ensemble did, in numbers.
struct EnsembleTally: Hashable {
    /// Times that it combined what was said about an instrument.
    var decisions = 0
    /// Of them, times at which members wanted both sides.
    var divided = 0
    /// Of them, times at which it wanted another position.
    var changes = 0
}
