import CTapedeck
import Market

/// What is decided now may depend on what has happened, and on nothing else.
enum CausalityChecks {
    static let all: [Check] = [
        ContractChecks.rule(
            "causality.future", "decides the same, whatever happens afterwards",
            "Tapes that are equal up to a moment and different after it, handed over in long runs: a decision before "
                + "that moment which differs has seen the future.",
            "use events[i] and what was before, never events[i + 1] of the run"
        ) { (bench, image) throws(CheckOutcome) in
            let tape = bench.tape()
            let manner = TrialInstance.Manner(runLength: 1024)
            let whole = try bench.live(image, tape, manner).acts
            let other = bench.tape(bench.seed &+ 77)
            var random = SplitMix64(seed: bench.seed)
            for _ in 0..<6 {
                let place = tape.events.count / 4 + Int(random.below(UInt64(tape.events.count / 2)))
                let mixed = TrialTape(
                    events: Array(tape.events[..<place]) + other.events.dropFirst(place),
                    bench.shape)
                let acts = try bench.live(image, mixed, manner).acts
                func past(_ acts: [TrialAct]) -> [TrialAct] {
                    acts.filter { $0.sequence <= UInt64(place) }
                }
                if let difference = past(whole).firstDifference(
                    from: past(acts), "with one future", "with another")
                {
                    throw .fail("the tapes differ only after event \(place), but \(difference)")
                }
            }
            return .pass
        },
        ContractChecks.rule(
            "causality.run-end", "decides the same, wherever a run ends",
            "The same tape, with the runs cut so that each of its decisions is the last event of one: who needs the "
                + "event after it cannot have it.",
            "as for causality.future"
        ) { (bench, image) throws(CheckOutcome) in
            let tape = bench.tape()
            let whole = try bench.live(image, tape, TrialInstance.Manner(runLength: 1024)).acts
            let places = whole.filter(\.isOrder).map { Int($0.sequence) }.filter {
                $0 > 0 && $0 < tape.events.count
            }
            if places.isEmpty { return .skip("it never acted") }
            let instance = try bench.started(image, TrialInstance.Manner(runLength: 1024))
            var start = 0
            for place in places where place > start {
                if case .failed(let words) = try instance.play(tape.events[start..<place]) {
                    throw .fail(words)
                }
                start = place
            }
            _ = try instance.play(tape.events[start...])
            return DeterminismChecks.compare(
                whole, instance.host.acts, "in long runs", "with runs that end there")
        },
        ContractChecks.rule(
            "causality.end", "does not know when the tape ends",
            "The same tape, cut off: what was decided before must be what was decided on the whole one.",
            "decide on events, not on how many there are"
        ) { (bench, image) throws(CheckOutcome) in
            let tape = bench.tape()
            let whole = try bench.live(image, tape).acts
            for part in [3, 2] {
                let place = tape.events.count * (part - 1) / part
                let short = TrialTape(events: Array(tape.events[..<place]), bench.shape)
                let acts = try bench.live(image, short).acts.filter { $0.sequence <= UInt64(place) }
                let past = whole.filter { $0.sequence <= UInt64(place) }
                let part = "on its first \(place) events"
                if let difference = past.firstDifference(from: acts, "on the whole tape", part) {
                    throw .fail(difference)
                }
            }
            return .pass
        },
    ]
}
