import Market

/// What a strategy saves is all that it is, and what it loads is never trusted.
enum StateChecks {
    static let all: [Check] =
        [
            rule(
                "state.roundtrip", "save, load, save: the same bytes",
                "Same state, same bytes: the host tells two states apart by them.",
                "write every member, in one order, and load all of them"
            ) { (bench, image, _) throws(CheckOutcome) in
                let tape = bench.tape()
                let first = try saved(bench, image, tape, at: tape.events.count / 2)
                let second = try restored(bench, image, first.bytes)
                let again = try second.instance.save()
                if again.bytes == first.bytes { return .pass("\(first.bytes.count) bytes") }
                return .fail(difference(first.bytes, again.bytes))
            },
            rule(
                "state.pure", "saving changes nothing",
                "The host saves whenever it likes; a strategy must not trade otherwise because of it.",
                "save only reads"
            ) { (bench, image, _) throws(CheckOutcome) in
                let tape = bench.tape()
                let alone = try bench.live(image, tape).acts
                let instance = try bench.started(image)
                for start in stride(from: 0, to: tape.events.count, by: 37) {
                    let part = start..<min(start + 37, tape.events.count)
                    if case .failed(let words) = try instance.play(tape.events[part]) {
                        throw .fail(words)
                    }
                    let one = try instance.save()
                    if one.answer.status < 0 {
                        throw .fail("save failed with \(one.answer.description)")
                    }
                    let two = try instance.save()
                    if one.bytes != two.bytes {
                        throw .fail("two saves in a row: " + difference(one.bytes, two.bytes))
                    }
                }
                return DeterminismChecks.compare(
                    alone, instance.host.acts, "never saved", "saved every 37 events")
            },
            rule(
                "state.restore",
                "ended at any event and restored, it trades as if nothing had happened",
                "That is what a restart after a crash, and a reload, are built on.",
                "save whatever the next decision depends on: counters, averages, the last price"
            ) {
                (bench, image, _) throws(CheckOutcome) in
                let tape = bench.tape()
                let whole = try bench.live(image, tape).acts
                var random = SplitMix64(seed: bench.seed)
                for _ in 0..<5 {
                    let place = 1 + Int(random.below(UInt64(tape.events.count - 1)))
                    let first = try saved(bench, image, tape, at: place)
                    // Positions and orders live in the host: it is the same one.
                    let second = try restored(
                        bench, image, first.bytes, host: first.instance.host, next: place + 1)
                    if case .failed(let words) = try second.instance.play(tape.events[place...]) {
                        throw .fail(words)
                    }
                    let outcome = DeterminismChecks.compare(
                        whole, second.instance.host.acts, "uninterrupted",
                        "restored after event \(place)")
                    if outcome.verdict != .pass { return outcome }
                    first.instance.destroy()
                    second.instance.destroy()
                }
                return .pass
            },
            rule(
                "state.fresh", "a state of before the first event is one as well",
                "An instance may be replaced before anything has happened.",
                "let save and load cope with an empty strategy"
            ) { (bench, image, _) throws(CheckOutcome) in
                let tape = bench.tape()
                let whole = try bench.live(image, tape).acts
                let first = try saved(bench, image, tape, at: 0)
                let second = try restored(bench, image, first.bytes)
                if case .failed(let words) = try second.instance.play(tape.events[...]) {
                    throw .fail(words)
                }
                return DeterminismChecks.compare(
                    whole, second.instance.host.acts, "fresh", "restored from a fresh state")
            },
            rule(
                "state.size", "no more bytes than its manifest allows",
                "The host cuts a longer one off, and stops the strategy.",
                "raise state.max_bytes, or save less"
            ) { (bench, image, declared) throws(CheckOutcome) in
                let tape = bench.tape(steps: 2000)
                let count = try saved(bench, image, tape, at: tape.events.count).bytes.count
                return count <= declared.maximumBytes
                    ? .pass("\(count) of \(declared.maximumBytes) bytes")
                    : .fail(
                        "\(count) bytes after \(tape.events.count) events; max_bytes is \(declared.maximumBytes)"
                    )
            },
            rule(
                "state.sink", "passes on what the sink refuses",
                "A disk may be full; who swallows that has saved half a state and says that it is whole.",
                "return what write returned as soon as it is not zero"
            ) { (bench, image, _) throws(CheckOutcome) in
                let tape = bench.tape()
                let first = try saved(bench, image, tape, at: tape.events.count / 2)
                let count = first.bytes.count
                for room in [0, 1, count / 2, count - 1] where room >= 0 && room < count {
                    let part = try first.instance.save(room: room)
                    if part.wasFull, part.answer.status >= 0 {
                        throw .fail(
                            "the sink refused after \(room) bytes, and save answered \(part.answer.description)"
                        )
                    }
                }
                return try first.instance.save().bytes == first.bytes
                    ? .pass
                    : .fail("after a sink that refused, it saves other bytes")
            },
            Check.tries(
                "state.processes", "two processes save the same bytes",
                why: "Addresses, padding and memory that was never written differ in each process.",
                advice: "write values, never pointers or whole structs", processes: 2
            ) { bench throws(CheckOutcome) in
                _ = try declared(bench)
                let tape = bench.tape()
                let bytes = try saved(bench, try bench.open(), tape, at: tape.events.count / 2)
                    .bytes
                bench.say(.value("\(bytes.count) bytes, \(SHA256.hash(bytes))"))
                return .pass
            },
        ] + damage

    private static let damage: [Check] = [
        damaged("state.empty", "refuses no bytes at all") { bytes, _ in [[]].filter { $0 != bytes }
        },
        damaged("state.cut", "refuses a state that is cut short") { bytes, _ in
            [1, bytes.count / 2, bytes.count - 1].filter { $0 > 0 && $0 < bytes.count }.map {
                Array(bytes.prefix($0))
            }
        },
        damaged("state.longer", "refuses a state that something follows") { bytes, _ in
            [bytes + [0], bytes + bytes]
        },
        damaged("state.foreign", "refuses bytes that are no state of its") { bytes, random in
            [16, 64, bytes.count, 65_536].map { count in
                var random = random
                return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            }
        },
        rule(
            "state.flipped", "survives a state with flipped bits",
            "Most damage keeps the length. With a hash it is refused; without one it must at least do no harm.",
            "check every number that you load before you use it; the helpers add a hash"
        ) {
            (bench, image, declared) throws(CheckOutcome) in
            let tape = bench.tape()
            let first = try saved(bench, image, tape, at: tape.events.count / 2)
            guard !first.bytes.isEmpty else { return .skip("its state is empty") }
            var random = SplitMix64(seed: bench.seed)
            var accepted = 0
            for _ in 0..<60 {
                var bytes = first.bytes
                bytes[Int(random.below(UInt64(bytes.count)))] ^= UInt8(1) << UInt8(random.below(8))
                let instance = try made(bench, image)
                if try instance.load(bytes, version: declared.version).status >= 0 {
                    accepted += 1
                    // It may go on with another number, or give up; it may not crash.
                    if try instance.start(.restored).status >= 0 {
                        _ = try instance.play(tape.events[(tape.events.count / 2)...].prefix(200))
                    }
                }
                instance.destroy()
            }
            return accepted == 0
                ? .pass
                : .remark(
                    "it took \(accepted) of 60 states with one flipped bit; a hash would tell")
        },
        rule(
            "state.version", "refuses a layout that it does not read, or copes with it",
            "The host never gives it one, but a wrong manifest would.",
            "compare state_version first"
        ) { (bench, image, declared) throws(CheckOutcome) in
            let tape = bench.tape()
            let first = try saved(bench, image, tape, at: tape.events.count / 2)
            let instance = try made(bench, image)
            let answer = try instance.load(first.bytes, version: (declared.reads.last ?? 0) + 1000)
            instance.destroy()
            return answer.status < 0
                ? .pass : .remark("it took version \((declared.reads.last ?? 0) + 1000)")
        },
    ]

    // What the checks are made of.

    static func declared(_ bench: TrialBench) throws(CheckOutcome) -> Manifest.State {
        guard let state = bench.manifest.state else {
            throw .skip("it keeps no state: after a reload it warms up from history")
        }
        return state
    }

    private static func made(
        _ bench: TrialBench, _ image: PluginImage
    ) throws(CheckOutcome) -> TrialInstance {
        let instance = try bench.instance(image)
        let answer = try instance.create(bench.setup())
        if answer.status < 0 { throw .fail("create failed with \(answer.description)") }
        return instance
    }

    /// An instance that has seen the first `place` events, and its state then.
    static func saved(
        _ bench: TrialBench, _ image: PluginImage, _ tape: TrialTape, at place: Int
    ) throws(CheckOutcome) -> (instance: TrialInstance, bytes: [UInt8]) {
        let instance = try bench.started(image)
        if case .failed(let words) = try instance.play(tape.events[..<place]) { throw .fail(words) }
        let state = try instance.save()
        if state.answer.status < 0 { throw .fail("save failed with \(state.answer.description)") }
        return (instance, state.bytes)
    }

    /// Another instance with that state, at the same place.
    static func restored(
        _ bench: TrialBench, _ image: PluginImage, _ bytes: [UInt8], host: TrialHost? = nil,
        next: Int = 1,
        _ reason: StrategyRunner.Start = .restored
    ) throws(CheckOutcome) -> (instance: TrialInstance, bytes: [UInt8]) {
        let instance = try bench.instance(image, host: host)
        let made = try instance.create(bench.setup())
        if made.status < 0 { throw .fail("create failed with \(made.description)") }
        let loaded = try instance.load(bytes, version: try declared(bench).version)
        if loaded.status < 0 {
            throw .fail("load of its own state failed with \(loaded.description)")
        }
        let started = try instance.start(reason, nextSequence: UInt64(next))
        if started.status < 0 { throw .fail("start after load failed with \(started.description)") }
        return (instance, bytes)
    }

    private static func difference(_ a: [UInt8], _ b: [UInt8]) -> String {
        guard let place = zip(a, b).enumerated().first(where: { $1.0 != $1.1 })?.offset else {
            return "one has \(a.count) bytes, the other \(b.count)"
        }
        return "they differ from byte \(place) of \(a.count) on"
    }

    private static func damaged(
        _ id: String, _ title: String,
        _ make: @escaping @Sendable ([UInt8], SplitMix64) -> [[UInt8]]
    ) -> Check {
        rule(
            id, title,
            "A state file may be cut, mixed up or forged. `load` answers with an error, and never crashes.",
            "check the length and a mark before reading; the helpers do"
        ) {
            (bench, image, declared) throws(CheckOutcome) in
            let tape = bench.tape()
            let first = try saved(bench, image, tape, at: tape.events.count / 2)
            for bytes in make(first.bytes, SplitMix64(seed: bench.seed)) {
                let instance = try made(bench, image)
                let answer = try instance.load(bytes, version: declared.version)
                instance.destroy()
                if answer.status >= 0 {
                    throw .fail("it took \(bytes.count) bytes that it has never saved")
                }
            }
            return .pass
        }
    }

    private static func rule(
        _ id: String, _ title: String, _ why: String, _ advice: String,
        _ body:
            @escaping @Sendable (TrialBench, PluginImage, Manifest.State) throws(CheckOutcome) ->
            CheckOutcome
    ) -> Check {
        .tries(id, title, why: why, advice: advice) { bench throws(CheckOutcome) in
            let state = try declared(bench)
            return try body(bench, try bench.open(), state)
        }
    }
}
