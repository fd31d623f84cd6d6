import Kernel
import Market
import StrategyHost

extension Slot {
    /// Nil for a slot with a strategy of its own.
    var ensemble: EnsembleRunner? { runner as? EnsembleRunner }
}

/// The ensembles of a deck, and when their members' portfolios are measured next.
struct Ensembles {
    /// In the order of the deck's slots.
    let slots: [Slot]
    /// Of those that measure, the last moment of the present period.
    private var boundaries: [(runner: EnsembleRunner, due: Int64)] = []

    /// Nil without an ensemble.
    /// - Parameters:
    ///   - next: the time of the next event.
    ///   - before: the same until now: those that stay measure when they would have.
    init?(_ slots: [Slot], next: Int64, before: Ensembles?) {
        self.slots = slots.filter { $0.ensemble != nil }
        guard !self.slots.isEmpty else { return nil }
        for case let runner? in self.slots.map(\.ensemble) where runner.plan.rule.isMeasured {
            let known = before?.boundaries.first { $0.runner === runner }?.due
            boundaries.append((runner, known ?? OverallWatch.boundary(of: next, runner.plan.every)))
        }
    }

    /// Everything up to it is played before the next measure; nil where nothing is measured.
    var boundary: Int64? { boundaries.map(\.due).min() }

    /// Everything up to `boundary` is played before what comes now, and the next event is at
    /// `next`: the slots that measure here.
    mutating func due(through boundary: Int64, next: Int64) -> [Slot] {
        var due: [Slot] = []
        for place in boundaries.indices where boundaries[place].due <= boundary {
            let runner = boundaries[place].runner
            boundaries[place].due = OverallWatch.boundary(of: next, runner.plan.every)
            due += slots.filter { $0.ensemble === runner }
        }
        return due
    }
}

extension TapeDeck {
    /// Wires ensembles to their members, as slots come and go. A member that stays is heard on as
    /// before.
    func connectEnsembles(at moment: TapeMoment, next: Int64) {
        ensembles = Ensembles(slots, next: next, before: ensembles)
        for slot in slots { slot.taps = [] }
        for case let runner? in slots.map(\.ensemble) {
            for (place, name) in runner.plan.heard.enumerated() {
                let member = slots.last { $0.plan.name == name }
                if place >= runner.taps.count || runner.taps[place].slot !== member {
                    if place < runner.taps.count { runner.taps[place].leave(at: moment) }
                    runner.connect(
                        SignalTap(
                            name, member: place, hearing: member, of: runner.instruments, at: moment
                        ), as: place)
                }
                member?.taps.append(runner.taps[place])
            }
        }
    }
}

extension TapeMoment {
    init(_ moment: DeckMoment) { self.init(sequence: moment.sequence, time: moment.time.rawValue) }
}
