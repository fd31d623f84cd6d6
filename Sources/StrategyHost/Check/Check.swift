/// One rule that a plug-in is held to: what it is called, why it is there, and how it is tried.
package struct Check: Sendable {
    /// The first part of a check's name, in the order in which they are listed.
    package enum Section: String, Sendable, CaseIterable {
        case file = "static"
        case load, contract, determinism, causality, state, swap, unload
    }

    /// What must have gone well before it is worth trying.
    enum Ground: Hashable, Sendable {
        /// Nothing but the file.
        case file
        /// It can be opened.
        case opens
        /// It can be made, played and ended with the defaults of its manifest.
        case lives
    }

    enum Body: Sendable {
        /// Reads the file; none of the plug-in's code runs.
        case reads(@Sendable (CheckedFile) -> CheckOutcome)
        /// Runs the plug-in, in a process of its own.
        case tries(@Sendable (TrialBench) throws(CheckOutcome) -> CheckOutcome)
    }

    /// `section.name`: permanent.
    package let id: String
    /// The rule in a few words.
    package let title: String
    /// What is done and why it matters, for a person who has never heard of it.
    package let why: String
    /// What to try when it fails.
    package let advice: String
    let ground: Ground
    /// In so many processes, each with another environment; what they report must be the same.
    var processes = 1
    /// The check whose value it must come to as well; nil for none.
    var peer: String?
    /// Its process starts a worker for the plug-in, runs nothing of it itself, and so is not
    /// sealed.
    var isInWorker = false
    let body: Body

    package var section: Section {
        Section(rawValue: String(id.prefix { $0 != "." })) ?? .file
    }

    static func reads(
        _ id: String, _ title: String, why: String, advice: String,
        _ body: @escaping @Sendable (CheckedFile) -> CheckOutcome
    ) -> Check {
        Check(id: id, title: title, why: why, advice: advice, ground: .file, body: .reads(body))
    }

    /// Runs the plug-in in a worker, and compares what it comes to with what another check came to.
    static func isolates(
        _ id: String, _ title: String, why: String, advice: String, peer: String,
        _ body: @escaping @Sendable (TrialBench) throws(CheckOutcome) -> CheckOutcome
    ) -> Check {
        Check(
            id: id, title: title, why: why, advice: advice, ground: .lives, peer: peer,
            isInWorker: true,
            body: .tries(body))
    }

    static func tries(
        _ id: String, _ title: String, why: String, advice: String, ground: Ground = .lives,
        processes: Int = 1,
        _ body: @escaping @Sendable (TrialBench) throws(CheckOutcome) -> CheckOutcome
    ) -> Check {
        Check(
            id: id, title: title, why: why, advice: advice, ground: ground, processes: processes,
            body: .tries(body))
    }
}

/// What a check came to.
package struct CheckOutcome: Error, Hashable, Sendable {
    package enum Verdict: String, Hashable, Sendable, CaseIterable {
        case pass, remark, fail, skip
    }
    package var verdict: Verdict
    /// What was found, or why it was not tried; empty for a plain pass.
    package var words: String

    package static let pass = CheckOutcome(verdict: .pass, words: "")
    package static func pass(_ words: String) -> CheckOutcome {
        CheckOutcome(verdict: .pass, words: words)
    }
    /// Not as it should be, and no reason to refuse it.
    package static func remark(_ words: String) -> CheckOutcome {
        CheckOutcome(verdict: .remark, words: words)
    }
    package static func fail(_ words: String) -> CheckOutcome {
        CheckOutcome(verdict: .fail, words: words)
    }
    package static func skip(_ words: String) -> CheckOutcome {
        CheckOutcome(verdict: .skip, words: words)
    }
}
