import CTapedeck
import Kernel
import Market
import StrategyHost

/// What one ensemble hears of one slot.
///
/// A slot tells what it recorded over each block; the ensemble takes it when it plays that block.
/// Everything bears its moment on the tape, so that neither blocks nor lanes nor the place where
/// the member runs say anything.
final class SignalTap {
    /// Why a member has no vote.
    struct Silence: OptionSet, Hashable {
        var rawValue: UInt8
        static let faulted = Silence(rawValue: 1)
        static let paused = Silence(rawValue: 2)
        static let absent = Silence(rawValue: 4)
    }

    enum Word: Hashable {
        /// Its warm-up of an instrument is over.
        case ready(InstrumentID)
        case signal(InstrumentID, forecast: Double, confidence: Double)
        /// The side of the position that it has, or has just asked for.
        case direction(InstrumentID, Double)
        case silence(Silence)
    }

    struct Input: Hashable {
        var moment: TapeMoment
        /// Which of the ensemble's taps.
        var member: Int
        var word: Word
    }

    let name: String
    private let member: Int
    /// Those of the ensemble that the member plays too.
    private let instruments: [InstrumentID]
    private(set) weak var slot: Slot?
    private(set) var inputs: [Input] = []
    private var silence = Silence.absent
    private var warmUp: WarmUp
    private var waiting: [InstrumentID]
    private var intent: Intent

    init(
        _ name: String, member: Int, hearing slot: Slot?, of instruments: [InstrumentID],
        at moment: TapeMoment
    ) {
        self.name = name
        self.member = member
        self.slot = slot
        self.instruments = instruments.filter { slot?.plan.instruments.contains($0) ?? false }
        warmUp = slot?.runner.warmUp ?? WarmUp(bars: 0, instruments: [], timeFrames: [])
        waiting = self.instruments
        intent = Intent()
        guard let slot else { return }
        for instrument in self.instruments {
            intent.begin(
                instrument, with: slot.runner.portfolio.books.quantity(of: instrument).rawValue)
            let direction = intent.direction(of: instrument)
            if direction != 0 { add(moment, .direction(instrument, direction)) }
        }
        if warmUp.isOver { open(waiting, at: moment) }
        var silence: Silence = []
        if slot.runner.standing.fault != nil { silence.insert(.faulted) }
        if slot.runner.portfolio.isPaused || slot.runner.portfolio.isDisabled {
            silence.insert(.paused)
        }
        change(to: silence, at: moment)
    }

    /// Hands over what was heard since the last call, oldest first.
    func take(into inputs: inout [Input]) {
        inputs += self.inputs
        self.inputs.removeAll(keepingCapacity: true)
    }

    /// The slot has left the deck.
    func leave(at moment: TapeMoment) {
        slot = nil
        change(to: .absent, at: moment)
    }

    private func add(_ moment: TapeMoment, _ word: Word) {
        inputs.append(Input(moment: moment, member: member, word: word))
    }

    private func change(to silence: Silence, at moment: TapeMoment) {
        guard silence != self.silence else { return }
        self.silence = silence
        add(moment, .silence(silence))
    }

    private func open(_ instruments: [InstrumentID], at moment: TapeMoment) {
        for instrument in instruments { add(moment, .ready(instrument)) }
        waiting.removeAll { instruments.contains($0) }
    }
}

extension SignalTap {
    /// Takes what its slot has recorded over a run, or between two.
    func hear(_ slot: Slot, over run: EventRun) {
        let start = inputs.count
        if !waiting.isEmpty { unsafe countWarmUp(run) }
        for place in slot.output.signals.indices {
            let signal = slot.output.signals[place]
            guard instruments.contains(signal.instrument) else { continue }
            add(
                TapeMoment(sequence: signal.sequence, time: signal.time.rawValue),
                .signal(signal.instrument, forecast: signal.forecast, confidence: signal.confidence)
            )
        }
        hearOrders(slot.records)
        unsafe hearCommand(run, slot)
        hearFaults(slot)
        if inputs.count - start > 1 { sort(from: start) }
    }

    /// Stable: of one moment, a signal after the end of the warm-up, and orders after signals.
    private func sort(from start: Int) {
        let fresh = inputs[start...].enumerated().sorted {
            ($0.element.moment, $0.offset) < ($1.element.moment, $1.offset)
        }
        inputs.replaceSubrange(start..., with: fresh.map(\.element))
    }

    private func countWarmUp(_ run: EventRun) {
        for index in unsafe 0..<run.count where !waiting.isEmpty {
            let event = unsafe run.events[index]
            let moment = TapeMoment(event)
            if warmUp.isOver {
                open(waiting, at: moment)
            } else if !warmUp.precedes(event) {
                open(waiting.filter { !warmUp.waits(for: $0) }, at: moment)
            }
            if !warmUp.isOver { warmUp.count(event) }
        }
    }

    private func hearOrders(_ records: borrowing Records) {
        var (order, fill) = (0, 0)
        let (orders, fills) = (records.orders.count, records.fills.count)
        while order < orders || fill < fills {
            var moment = TapeMoment(sequence: .max, time: .max)
            if order < orders { moment = min(moment, records.orders[order].moment) }
            if fill < fills { moment = min(moment, records.fills[fill].moment) }
            while order < orders, records.orders[order].moment == moment {
                intent.take(records.orders[order])
                order += 1
            }
            while fill < fills, records.fills[fill].moment == moment {
                intent.take(records.fills[fill])
                fill += 1
            }
            for (instrument, direction) in intent.takeChanges()
            where instruments.contains(instrument) {
                add(moment, .direction(instrument, direction))
            }
        }
    }

    /// A pause is the operator's: what a member's own risk rules do to it shows in its position.
    private func hearCommand(_ run: EventRun, _ slot: Slot) {
        guard unsafe run.count == 1, unsafe run.events[0].type == UInt8(TD_EVENT_COMMAND) else {
            return
        }
        let event = unsafe run.events[0]
        guard event.command.slot == 0 || event.command.slot == UInt64(slot.number) else { return }
        switch Command(rawValue: event.command.kind) {
        case .pause, .kill: change(to: silence.union(.paused), at: TapeMoment(event))
        case .resume: change(to: silence.subtracting(.paused), at: TapeMoment(event))
        default: break
        }
    }

    private func hearFaults(_ slot: Slot) {
        for turn in slot.turns {
            let moment = TapeMoment(sequence: turn.sequence, time: .min)
            change(
                to: turn.isFault ? silence.union(.faulted) : silence.subtracting(.faulted),
                at: moment)
        }
    }
}

/// The side that a slot's orders at the market and its fills come to, by instrument.
private struct Intent {
    private struct Flight {
        var order: UInt64
        var instrument: InstrumentID
        var quantity: Int64
    }

    private var held: [(instrument: InstrumentID, quantity: Int64, told: Double)] = []
    private var flights: [Flight] = []

    mutating func begin(_ instrument: InstrumentID, with quantity: Int64) {
        held.append((instrument, quantity, 0))
        held[held.count - 1].told = direction(of: instrument)
    }

    func direction(of instrument: InstrumentID) -> Double {
        let position = held.first { $0.instrument == instrument }?.quantity ?? 0
        let sum = flights.reduce(position) { $1.instrument == instrument ? $0 &+ $1.quantity : $0 }
        return sum == 0 ? 0 : sum > 0 ? 1 : -1
    }

    mutating func take(_ order: OrderRecord) {
        flights.removeAll { $0.order == order.order }
        let isAtMarket =
            switch order.kind {
            case .market, .onOpen, .onClose: true
            case .stop, .trailingStop: order.state == .triggered
            case .limit, .stopLimit: false
            }
        guard isAtMarket else { return }
        switch order.state {
        case .accepted, .triggered, .partlyFilled:
            flights.append(
                Flight(
                    order: order.order, instrument: order.instrument,
                    quantity: order.quantity.rawValue &- order.filled.rawValue))
        case .rejected, .filled, .cancelled, .expired, .replaced, .held: break
        }
    }

    mutating func take(_ fill: FillRecord) {
        guard let place = held.firstIndex(where: { $0.instrument == fill.instrument }) else {
            return
        }
        held[place].quantity = fill.positionAfter.rawValue
    }

    mutating func takeChanges() -> [(InstrumentID, Double)] {
        var changes: [(InstrumentID, Double)] = []
        for place in held.indices {
            let direction = direction(of: held[place].instrument)
            guard direction != held[place].told else { continue }
            held[place].told = direction
            changes.append((held[place].instrument, direction))
        }
        return changes
    }
}

extension OrderRecord {
    fileprivate var moment: TapeMoment { TapeMoment(sequence: sequence, time: time.rawValue) }
}

extension FillRecord {
    fileprivate var moment: TapeMoment { TapeMoment(sequence: sequence, time: time.rawValue) }
}
