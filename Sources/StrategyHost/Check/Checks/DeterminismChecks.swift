import CLinux
import Glibc
import Kernel
import Market

/// The same events give the same orders, whatever else is different.
enum DeterminismChecks {
    static let all: [Check] = [
        rule(
            "determinism.twice", "plays the same tape twice with the same result",
            "Everything else builds on it: a backtest that cannot be repeated proves nothing.",
            "initialise all memory; take time and chance from the host; depend on no address"
        ) {
            (bench, image) throws(CheckOutcome) in
            let tape = bench.tape()
            let first = try bench.live(image, tape)
            let second = try bench.live(image, tape)
            return compare(first.acts, second.acts, "first", "second time")
        },
        rule(
            "determinism.batch-size", "runs of 1, 7, 64 and 1024 events give the same result",
            "How many events come at once is the host's business; a strategy that notices may also look ahead.",
            "handle events one by one; set consumed before each; return after acting"
        ) {
            (bench, image) throws(CheckOutcome) in
            let tape = bench.tape()
            let first = try bench.live(image, tape, TrialInstance.Manner(runLength: 1))
            for length in [7, 64, 1024] {
                let other = try bench.live(image, tape, TrialInstance.Manner(runLength: length))
                let outcome = compare(first.acts, other.acts, "runs of 1", "of \(length)")
                if outcome.verdict != .pass { return outcome }
            }
            return .pass
        },
        rule(
            "determinism.threads", "every call on another thread gives the same result",
            "The host may use a different thread for each call; thread locals are then empty.",
            "keep everything in the instance, nothing in thread locals"
        ) {
            (bench, image) throws(CheckOutcome) in
            let tape = bench.tape(steps: 200)
            let first = try bench.live(image, tape)
            let other = try bench.live(image, tape, TrialInstance.Manner(onOtherThreads: true))
            return compare(first.acts, other.acts, "one thread", "a new thread for each call")
        },
        rule(
            "determinism.memory", "memory that is dirty gives the same result",
            "What is read before it is written is different on every machine and in every process.",
            "use calloc, or initialise every member in create"
        ) { (bench, image) throws(CheckOutcome) in
            let tape = bench.tape()
            var plays: [[TrialAct]] = []
            // -6 is M_PERTURB: the allocator fills what it hands out with this byte's complement.
            for fill in [0x5A, 0xFF, 0xA5] as [Int32] {
                linux_fill_memory(-6, fill)
                plays.append(try bench.live(image, tape).acts)
            }
            linux_fill_memory(-6, 0)
            let outcome = compare(plays[0], plays[1], "in memory full of 0xA5", "of zeros")
            return outcome.verdict == .pass
                ? compare(plays[0], plays[2], "in memory full of 0xA5", "of 0x5A") : outcome
        },
        rule(
            "determinism.environment", "time zone, language and environment do not matter",
            "The operator's machine has others than the author's.",
            "use no localtime, no locale, no getenv"
        ) { (bench, image) throws(CheckOutcome) in
            let tape = bench.tape()
            let first = try bench.live(image, tape)
            for (name, value) in [
                ("TZ", "Asia/Kathmandu"), ("LC_ALL", "C.UTF-8"), ("LANG", "C.UTF-8"), ("HOME", "/"),
            ] {
                unsafe setenv(name, value, 1)
            }
            tzset()
            unsafe setlocale(LC_ALL, "")
            let other = try bench.live(image, tape)
            return compare(first.acts, other.acts, "UTC and no language", "Kathmandu and C.UTF-8")
        },
        Check.tries(
            "determinism.processes", "two processes give the same result",
            why:
                "Addresses, process numbers and the environment are others in each; a worker is another process too.",
            advice: "sort by value, never by address; seed from the setup", processes: 3
        ) { bench throws(CheckOutcome) in
            try claimed(bench)
            let host = try bench.live(try bench.open(), bench.tape())
            bench.say(.value(host.acts.digest))
            return .pass
        },
        rule(
            "determinism.kernel", "the real kernel: runs of any length, the same portfolio",
            "The portfolio that the host trades for it, to the last digit of its digest.",
            "as for determinism.batch-size"
        ) { (bench, image) throws(CheckOutcome) in
            let tape = try KernelTape(bench.tape(), bench.shape.instruments)
            var digests: [String] = []
            for (slice, run) in [(1, 1), (7, 64), (64, 7), (1024, Int.max)] {
                digests.append(try tape.play(bench, image, slice: slice, run: run).digest)
            }
            bench.say(.value(digests[0]))
            guard let other = digests.firstIndex(where: { $0 != digests[0] }) else {
                return .pass("digest \(digests[0].prefix(12))")
            }
            return .fail(
                "the portfolio's digest is \(digests[0].prefix(12)) event by event, and "
                    + "\(digests[other].prefix(12)) in runs of \([1, 7, 64, 1024][other])")
        },
        isolated("determinism.worker", "in a worker: the same portfolio", isSealed: false),
        isolated(
            "determinism.sealed",
            "in a sealed worker, which sees no event early: the same portfolio", isSealed: true),
        rule(
            "determinism.replay", "a second play in the same process gives the same portfolio",
            "A replay from the journal must come to what was traded.",
            "keep nothing outside of the instance"
        ) { (bench, image) throws(CheckOutcome) in
            let tape = try KernelTape(bench.tape(), bench.shape.instruments)
            let first = try tape.play(bench, image, slice: 1024, run: .max)
            let second = try tape.play(bench, image, slice: 1024, run: 257)
            return first.digest == second.digest
                ? .pass
                : .fail(
                    "the portfolio's digest is \(first.digest.prefix(12)), then \(second.digest.prefix(12))"
                )
        },
        rule(
            "determinism.instances", "two instances side by side, each as if it were alone",
            "Different instances run in parallel, so a library has no writable globals.",
            "keep everything in the instance"
        ) { (bench, image) throws(CheckOutcome) in
            let tapes = [bench.tape(), bench.tape(bench.seed &+ 1)]
            let alone = [
                try bench.live(image, tapes[0]).acts, try bench.live(image, tapes[1]).acts,
            ]
            let pair = [try bench.started(image), try bench.started(image)]
            var place = 0
            while place < max(tapes[0].events.count, tapes[1].events.count) {
                for index in 0...1 {
                    let events = tapes[index].events
                    let part = min(place, events.count)..<min(place + 50, events.count)
                    if case .failed(let words) = try pair[index].play(events[part]) {
                        throw .fail(words)
                    }
                }
                place += 50
            }
            for index in 0...1 {
                let outcome = compare(
                    alone[index], pair[index].host.acts, "alone", "beside another")
                if outcome.verdict != .pass { return outcome }
            }
            return .pass
        },
    ]

    static func compare(
        _ a: [TrialAct], _ b: [TrialAct], _ one: String, _ two: String
    ) -> CheckOutcome {
        a.firstDifference(from: b, one, two).map { .fail($0) } ?? .pass
    }

    private static func isolated(_ id: String, _ title: String, isSealed: Bool) -> Check {
        .isolates(
            id, title,
            why:
                "One binary, everywhere the same: in the host, in a process of its own, and where the next "
                + "event has not even been written yet.",
            advice: "as for determinism.batch-size and causality.future", peer: "determinism.kernel"
        ) { bench throws(CheckOutcome) in
            try claimed(bench)
            let tape = try KernelTape(bench.tape(), bench.shape.instruments)
            let digest = try tape.playIsolated(bench, isSealed: isSealed, block: 256)
            bench.say(.value(digest))
            return .pass("digest \(digest.prefix(12))")
        }
    }

    private static func claimed(_ bench: TrialBench) throws(CheckOutcome) {
        if !bench.manifest.isDeterministic { throw .skip("it says that it is not deterministic") }
    }

    private static func rule(
        _ id: String, _ title: String, _ why: String, _ advice: String,
        _ body: @escaping @Sendable (TrialBench, PluginImage) throws(CheckOutcome) -> CheckOutcome
    ) -> Check {
        .tries(id, title, why: why, advice: advice) { bench throws(CheckOutcome) in
            try claimed(bench)
            return try body(bench, try bench.open())
        }
    }
}
