import CTapedeck
import Feeds
import Kernel
package import Market
import StrategyHost

/// Whether what strategies decide depends on the past alone.
///
/// The tape is played as it is, in one block and in odd ones; then again and again with another
/// future from some moment on. Whatever was decided up to that moment must be the same. Moments are
/// those at which something was decided, because there a glance ahead shows, and others drawn by
/// the seed.
package struct CausalityCheck {
    package struct Settings: Sendable {
        package var seed: UInt64 = 1
        /// Moments from which on the future is another one.
        package var cuts = 12
        /// Beside one block for all: slices end elsewhere, and what reads on finds nothing.
        package var oddBlocks = [1, 7, 61]

        package init() {}
    }

    /// What one strategy did otherwise, and when.
    package struct Finding: Hashable, Sendable {
        package enum Cause: Hashable, Sendable {
            /// The tape was another one only after this time.
            case future(OtherFuture.Kind, after: Timestamp, blockSize: Int)
            /// The same tape, handed over in blocks of so many events.
            case batches(Int)
        }
        package var cause: Cause
        package var divergence: Divergence
    }

    package struct StrategyAnswer: Hashable, Sendable {
        package var name: String
        /// Decisions in the play of the tape as it is.
        package var decisions: Int
        /// The first of each play that differs.
        package var findings: [Finding] = []
    }

    package struct Answer: Hashable, Sendable {
        package var events: Int
        package var plays: Int
        package var cuts: [Timestamp]
        package var strategies: [StrategyAnswer]
        package var isCausal: Bool { strategies.allSatisfy(\.findings.isEmpty) }
    }

    private let rehearsal: TapeTrial
    private let settings: Settings
    private let tape: TapeFile
    private let range: Range<Int>

    package init(_ rehearsal: TapeTrial, _ settings: Settings = Settings()) {
        self.rehearsal = rehearsal
        self.settings = settings
        tape = rehearsal.configuration.open.tape
        let feed = rehearsal.configuration.feed
        let first = feed.from.map { rehearsal.configuration.open.tape.place(at: $0.rawValue) } ?? 0
        let end =
            feed.to.map { rehearsal.configuration.open.tape.place(at: $0.rawValue) } ?? tape.count
        range = min(first, end)..<end
    }

    /// - Parameter progress: told how many plays are done, of how many; false stops.
    package func run(
        _ progress: (Int, Int) -> Bool = { _, _ in true }
    ) throws(DeckFailure) -> Answer {
        guard range.count > 1 else {
            throw DeckFailure("the tape has too few events to have a past and a future")
        }
        let base = try rehearsal.play().logs
        var answer = Answer(
            events: range.count, plays: 1, cuts: [],
            strategies: base.map { StrategyAnswer(name: $0.name, decisions: $0.decisions.count) })
        let places = cuts(base)
        answer.cuts = places.map { unsafe Timestamp(nanoseconds: tape.events[$0 - 1].time) }
        let total =
            1 + settings.oddBlocks.count + places.count * (OtherFuture.Kind.allCases.count + 1)
        func isWanted() throws(DeckFailure) {
            guard progress(answer.plays, total) else {
                throw DeckFailure("stopped; nothing was shown")
            }
        }
        for size in settings.oddBlocks {
            try isWanted()
            compare(
                base, try rehearsal.play(blockSize: size).logs, .batches(size), .distantFuture,
                &answer)
        }
        for (number, place) in places.enumerated() {
            let moment = answer.cuts[number]
            for (turn, kind) in OtherFuture.Kind.allCases.enumerated() {
                try isWanted()
                let future = OtherFuture(kind: kind, seed: settings.seed)
                let other = try future.tape(tape, cut: place, to: range.upperBound)
                try compare(base, other, TapeTrial.wholeBlock, kind, moment, &answer)
                guard turn == number % OtherFuture.Kind.allCases.count, let odd = oddBlock(number)
                else { continue }
                try compare(base, other, odd, kind, moment, &answer)
            }
        }
        return answer
    }

    private func oddBlock(_ number: Int) -> Int? {
        settings.oddBlocks.isEmpty ? nil : settings.oddBlocks[number % settings.oddBlocks.count]
    }

    private func compare(
        _ base: [DecisionLog], _ tape: TapeFile, _ blockSize: Int, _ kind: OtherFuture.Kind,
        _ moment: Timestamp,
        _ answer: inout Answer
    ) throws(DeckFailure) {
        let other = try rehearsal.play(tape, blockSize: blockSize)
        compare(
            base, other.logs, .future(kind, after: moment, blockSize: blockSize), moment, &answer)
    }

    private func compare(
        _ base: [DecisionLog], _ other: [DecisionLog], _ cause: Finding.Cause, _ moment: Timestamp,
        _ answer: inout Answer
    ) {
        answer.plays += 1
        for (slot, (one, two)) in zip(base, other).enumerated() {
            guard let divergence = one.divergence(from: two, { $0.time <= moment }) else {
                continue
            }
            answer.strategies[slot].findings.append(Finding(cause: cause, divergence: divergence))
        }
    }

    /// Places of the first events of the future, ascending: behind decisions, and anywhere.
    private func cuts(_ base: [DecisionLog]) -> [Int] {
        var random = SplitMix64(seed: settings.seed)
        var moments = Set(base.flatMap { $0.decisions.filter(\.isChosen).map(\.time) }).sorted()
        random.shuffle(&moments)
        var places: Set<Int> = []
        func add(after time: Int64) {
            let place = tape.place(at: time + 1)
            // Both sides must have something.
            if place > range.lowerBound, place < range.upperBound { places.insert(place) }
        }
        for moment in moments where places.count < (settings.cuts + 1) / 2 {
            add(after: moment.rawValue)
        }
        for _ in 0..<settings.cuts * 4 where places.count < settings.cuts {
            let place = range.lowerBound + Int(random.below(UInt64(range.count)))
            add(after: unsafe tape.events[place].time)
        }
        return places.sorted()
    }
}

extension Decision {
    /// The strategy chose it; nothing that only followed.
    var isChosen: Bool {
        switch act {
        case .order(let record): record.state == .accepted || record.state == .rejected
        case .signal: true
        default: false
        }
    }
}
