import CTapedeck
import Market

/// A reload while the market runs: the next instance goes on where the last one stopped.
enum SwapChecks {
    /// The same with the hand-over that a running deck does, and a real portfolio.
    private static func throughTheHost(
        _ bench: TrialBench, _ image: PluginImage
    ) throws(CheckOutcome) -> CheckOutcome {
        let tape = try KernelTape(bench.tape(), bench.shape.instruments)
        let run = max(1, bench.tape().events.count / 11)
        let whole = try tape.play(bench, image, slice: 1024, run: run).digest
        let swapped = try tape.play(bench, image, slice: 1024, run: run, swaps: true).digest
        return whole == swapped
            ? .pass
            : .fail(
                "the portfolio's digest is \(whole.prefix(12)) never swapped, and \(swapped.prefix(12)) swapped"
            )
    }

    /// From one worker to the next, ten times, as a running deck does it.
    private static func betweenWorkers(_ id: String, _ title: String, isSealed: Bool) -> Check {
        .isolates(
            id, title,
            why:
                "A strategy in a worker is replaced by another process, which takes over its state, the numbers "
                + "drawn so far and the portfolio between two events.",
            advice: "see swap.itself, state.restore and state.processes", peer: "determinism.kernel"
        ) { bench throws(CheckOutcome) in
            _ = try StateChecks.declared(bench)
            guard bench.manifest.isDeterministic else {
                throw .skip("it says that it is not deterministic")
            }
            let tape = try KernelTape(bench.tape(), bench.shape.instruments)
            let block = max(1, bench.tape().events.count / 11)
            let digest = try tape.playIsolated(bench, isSealed: isSealed, block: block, swaps: true)
            bench.say(.value(digest))
            return .pass("digest \(digest.prefix(12))")
        }
    }

    static let all: [Check] = [
        ContractChecks.rule(
            "swap.itself", "ten live swaps to itself change nothing",
            "A reload saves the old instance, loads the new one, and hands over at an event. Nothing may be lost, "
                + "repeated or decided otherwise.",
            "see state.restore"
        ) { (bench, image) throws(CheckOutcome) in
            _ = try StateChecks.declared(bench)
            let tape = bench.tape()
            let whole = try bench.live(image, tape).acts
            var running = try bench.started(image)
            var start = 0
            for swap in 1...10 {
                let end = tape.events.count * swap / 11
                if case .failed(let words) = try running.play(tape.events[start..<end]) {
                    throw .fail(words)
                }
                let state = try running.save()
                let next = try StateChecks.restored(
                    bench, image, state.bytes, host: running.host, next: end + 1, .upgraded
                ).instance
                // The old one is parked until the new one has started.
                if try running.stop(.reload).status < 0 { throw .fail("stop for a reload failed") }
                running.destroy()
                running = next
                start = end
            }
            if case .failed(let words) = try running.play(tape.events[start...]) {
                throw .fail(words)
            }
            _ = try running.stop()
            running.destroy()
            let outcome = DeterminismChecks.compare(
                whole, running.host.acts, "never swapped", "swapped ten times")
            guard case .pass = outcome, bench.manifest.isDeterministic else { return outcome }
            return try throughTheHost(bench, image)
        },
        betweenWorkers(
            "swap.worker", "ten hand-overs from worker to worker change nothing", isSealed: false),
        betweenWorkers(
            "swap.sealed", "ten hand-overs between sealed workers change nothing", isSealed: true),
        ContractChecks.rule(
            "swap.rollback", "goes on unharmed when a swap fails",
            "The new instance refuses its state: the old one goes on at the next event as if nothing had been.",
            "keep nothing outside of the instance; save only reads"
        ) { (bench, image) throws(CheckOutcome) in
            let declared = try StateChecks.declared(bench)
            let tape = bench.tape()
            let whole = try bench.live(image, tape).acts
            let running = try bench.started(image)
            var start = 0
            for swap in 1...3 {
                let end = tape.events.count * swap / 4
                if case .failed(let words) = try running.play(tape.events[start..<end]) {
                    throw .fail(words)
                }
                let state = try running.save()
                let next = try bench.instance(image)
                if try next.create(bench.setup()).status < 0 {
                    throw .fail("create of the second instance failed")
                }
                _ = try next.load(
                    Array(state.bytes.dropLast(1)) + [0x55, 0xAA], version: declared.version)
                next.destroy()
                start = end
            }
            if case .failed(let words) = try running.play(tape.events[start...]) {
                throw .fail(words)
            }
            return DeterminismChecks.compare(
                whole, running.host.acts, "never swapped", "after three failed swaps")
        },
        ContractChecks.rule(
            "swap.cold", "another instance beside it, made and ended, changes nothing",
            "A module without a state is swapped by a new instance that warms up while the old one still runs.",
            "keep nothing outside of the instance"
        ) { (bench, image) throws(CheckOutcome) in
            let tape = bench.tape()
            let whole = try bench.live(image, tape).acts
            let running = try bench.started(image)
            let half = tape.events.count / 2
            if case .failed(let words) = try running.play(tape.events[..<half]) {
                throw .fail(words)
            }
            try bench.live(image, bench.tape(bench.seed &+ 5))
            if case .failed(let words) = try running.play(tape.events[half...]) {
                throw .fail(words)
            }
            return DeterminismChecks.compare(
                whole, running.host.acts, "alone", "with another beside it")
        },
        ContractChecks.rule(
            "swap.two-images", "two copies of the file in one process do not mix",
            "During a reload the old and the new image are there at once.",
            "hide all names; keep no global state"
        ) { (bench, image) throws(CheckOutcome) in
            if bench.manifest.unload == .worker {
                return .skip("each of it has a process of its own")
            }
            let tape = bench.tape()
            let whole = try bench.live(image, tape).acts
            let other = try bench.secondImage()
            let acts = try bench.live(other, tape).acts
            let (report, _) = ImageDeparture.close(other, expecting: nil)
            if bench.manifest.unload == .clean, !report.isGone {
                throw .fail("the second copy stays: \(report)")
            }
            let again = try bench.live(image, tape).acts
            let outcome = DeterminismChecks.compare(whole, acts, "the first image", "the second")
            return outcome.verdict == .pass
                ? DeterminismChecks.compare(whole, again, "before", "after the other had left")
                : outcome
        },
    ]
}
