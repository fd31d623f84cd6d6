package import Feeds
import Market

/// Case after case: a tape of its own, altered, and played by every trial; what fails is made as
/// short as it can be.
package struct Fuzzer {
    /// Where the tapes begin.
    package enum Source {
        /// A made-up market for every case.
        case synthetic
        /// Pieces of this tape.
        case pieces(TapeFile)
    }

    /// A rule that was broken, with the shortest tape that breaks it.
    package struct Finding {
        /// What the case was made with; `tapedeck fuzz --case` makes it again.
        package var seed: UInt64
        package var trial: String
        package var violation: FuzzViolation
        /// Of the case as it was made.
        package var events: Int
        package var tape: FuzzTape
        /// Plays that making it shorter took.
        package var plays: Int

        package init(
            seed: UInt64, trial: String, violation: FuzzViolation, events: Int, tape: FuzzTape,
            plays: Int
        ) {
            self.seed = seed
            self.trial = trial
            self.violation = violation
            self.events = events
            self.tape = tape
            self.plays = plays
        }
    }

    private let source: Source
    private let trials: [any FuzzTrial]

    package init(_ source: Source, _ trials: [any FuzzTrial]) {
        self.source = source
        self.trials = trials
    }

    /// The seed of one case of a run.
    package static func seed(of number: Int, in seed: UInt64) -> UInt64 {
        var random = SplitMix64(seed: seed ^ UInt64(number) &* 0xD6E8_FEB8_6659_FD93)
        // Short enough to be written on a command line.
        return random.next() >> 24 | StormDriver.wideSeeds | StormDriver.plainSeeds
    }

    /// One case: its tape, altered.
    package func tape(seed: UInt64) throws(FeedError) -> FuzzTape {
        var tape =
            switch source {
            case .synthetic: try FuzzTape.made(seed: seed)
            case .pieces(let whole): FuzzTape.piece(of: whole, seed: seed)
            }
        tape.alter(seed: seed &+ 1)
        return tape
    }

    /// The first trial that fails a case; nil where all pass.
    package func check(seed: UInt64) throws(FeedError) -> Finding? {
        let tape = try tape(seed: seed)
        guard !tape.events.isEmpty else { return nil }
        for trial in trials {
            guard let violation = trial.violation(tape, seed: seed) else { continue }
            return reduce(tape, trial, violation, seed)
        }
        return nil
    }

    /// The first rule that a tape breaks, as it is.
    package func violation(
        _ tape: FuzzTape, seed: UInt64
    ) -> (trial: String, violation: FuzzViolation)? {
        for trial in trials {
            if let violation = trial.violation(tape, seed: seed) { return (trial.name, violation) }
        }
        return nil
    }

    private func reduce(
        _ tape: FuzzTape, _ trial: any FuzzTrial, _ violation: FuzzViolation, _ seed: UInt64
    ) -> Finding {
        var reducer = TapeReducer()
        let shortest = reducer.reduce(tape) {
            trial.violation($0, seed: seed)?.rule == violation.rule
        }
        return Finding(
            seed: seed, trial: trial.name,
            violation: trial.violation(shortest, seed: seed) ?? violation,
            events: tape.events.count, tape: shortest, plays: reducer.plays)
    }
}

extension Fuzzer.Finding {
    private static let label = "fuzz case "

    /// Keeps the tape with all that is needed to play it again.
    package func write(_ path: String) throws(FeedError) {
        var tape = tape
        tape.contents.label = Self.label + "\(seed)" + (tape.isExtreme ? " extreme" : "")
        tape.contents.source = "\(trial): \(violation.rule.rawValue)"
        _ = try tape.write(.file(path))
    }

    /// A tape that `write` has kept, and its case's seed; nil for any other tape.
    package static func read(_ file: TapeFile) -> (tape: FuzzTape, seed: UInt64)? {
        let words = file.contents.label.split(separator: " ")
        guard file.contents.label.hasPrefix(label), words.count >= 3, let seed = UInt64(words[2])
        else { return nil }
        var tape = FuzzTape(contents: file.contents, events: unsafe Array(file.events))
        tape.isExtreme = words.count > 3
        return (tape, seed)
    }
}
