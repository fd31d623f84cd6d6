import CTapedeck
import Market

/// A host that says no, and calls in an order in which no host would.
enum ContractFailures {
    static let all: [Check] = [
        ContractChecks.rule(
            "contract.host-failures", "survives any one call to the host failing",
            "Every call that can fail will: each in turn is answered with an error, through the whole life.",
            "look at every status; go on, or answer with an error of your own"
        ) { (bench, image) throws(CheckOutcome) in
            let tape = bench.tape(steps: 200)
            let calls = try bench.live(image, tape).calls
            if calls == 0 { return .skip("it never calls the host") }
            // All of the first, then fewer and fewer: what comes late is what came early.
            var places = Array(1...min(calls, 40))
            var next = 60
            while next < calls {
                places.append(next)
                next += next / 3
            }
            for place in places {
                for status in [td_status(TD_E_LIMIT), td_status(TD_E_INTERNAL)] {
                    bench.say(place: "after call \(place) to the host had failed")
                    let instance = try bench.instance(image)
                    instance.host.failing = (place, status)
                    if try instance.create(bench.setup()).status < 0 { continue }
                    if try instance.start().status >= 0 {
                        _ = try instance.play(tape.events[...])
                        _ = try instance.stop(.fault)
                    }
                    instance.destroy()
                }
            }
            return .pass("\(places.count) of \(calls) calls")
        },
        ContractChecks.rule(
            "contract.all-refused", "survives a host that refuses every order",
            "Paused, out of money, over a limit: then everything is refused for hours.",
            "a refusal is an answer; ask again only when something has changed"
        ) { (bench, image) throws(CheckOutcome) in
            let tape = bench.tape()
            let instance = try bench.started(image)
            instance.host.refusesEverything = true
            if case .failed(let words) = try instance.play(tape.events[...]) { throw .fail(words) }
            let orders = instance.host.acts.filter(\.isOrder).count
            return orders <= tape.events.count * 2
                ? .pass
                : .fail("\(orders) orders in \(tape.events.count) events, all of them refused")
        },
        ContractChecks.rule(
            "contract.created-only", "can be destroyed right after create",
            "Another part of a configuration may be wrong; what was made already is ended again.",
            "make create leave a whole instance"
        ) { (bench, image) throws(CheckOutcome) in
            for _ in 0..<3 {
                let instance = try bench.instance(image)
                if try instance.create(bench.setup()).status < 0 { throw .fail("create failed") }
                instance.destroy()
            }
            return .pass
        },
        ContractChecks.rule(
            "contract.call-order", "survives calls in a wrong order",
            "Stopped before the start, started twice, events after the stop: no host does that on purpose.",
            "answer TD_E_STATE, or ignore it; never crash"
        ) { (bench, image) throws(CheckOutcome) in
            let tape = bench.tape(steps: 60)
            func created() throws(CheckOutcome) -> TrialInstance {
                let instance = try bench.instance(image)
                if try instance.create(bench.setup()).status < 0 { throw .fail("create failed") }
                return instance
            }
            let early = try created()
            _ = try early.stop()
            early.destroy()
            let unstarted = try created()
            _ = try unstarted.play(tape.events.prefix(20))
            unstarted.destroy()
            let twice = try created()
            _ = try twice.start()
            _ = try twice.start(.restored)
            _ = try twice.play(tape.events[...])
            _ = try twice.stop()
            _ = try twice.stop(.fault)
            _ = try twice.play(tape.events.prefix(20))
            twice.destroy()
            return .pass
        },
        ContractChecks.rule(
            "contract.state-order", "survives load and save at the wrong time",
            "Saved before the start, loaded after it: a mistake of the host must not be a crash of the strategy.",
            "answer TD_E_STATE, or do it"
        ) { (bench, image) throws(CheckOutcome) in
            let declared = try StateChecks.declared(bench)
            let instance = try bench.instance(image)
            if try instance.create(bench.setup()).status < 0 { throw .fail("create failed") }
            let early = try instance.save()
            _ = try instance.start()
            _ = try instance.load(early.bytes, version: declared.version)
            _ = try instance.play(bench.tape(steps: 60).events[...])
            instance.destroy()
            return .pass
        },
        ContractChecks.rule(
            "contract.empty-run", "takes a run of no events",
            "Nothing to do is no reason to do something.",
            "let the loop run zero times; leave consumed at 0"
        ) { (bench, image) throws(CheckOutcome) in
            let instance = try bench.started(image)
            for _ in 0..<3 {
                let (handled, answer) = try instance.hand([], isQuiet: false)
                if answer.status < 0 { throw .fail("on_events failed with \(answer.description)") }
                if handled != 0 { throw .fail("it consumed \(handled) events of none") }
            }
            return .pass
        },
        ContractChecks.rule(
            "contract.reasons", "can be started and stopped for every reason",
            "Fresh, restored, upgraded, rolled back; ended, unloaded, reloaded, at a fault, by the operator.",
            "treat a reason that you do not know as the first one"
        ) { (bench, image) throws(CheckOutcome) in
            let tape = bench.tape(steps: 60)
            let stops: [StrategyRunner.Stop] = [.end, .unload, .reload, .fault, .byOperator]
            for (index, stop) in stops.enumerated() {
                let instance = try bench.instance(image)
                if try instance.create(bench.setup()).status < 0 { throw .fail("create failed") }
                let start = [StrategyRunner.Start.fresh, .restored, .upgraded, .rolledBack][
                    index % 4]
                let started = try instance.start(start)
                if started.status < 0 {
                    throw .fail("start (\(start)) failed with \(started.description)")
                }
                _ = try instance.play(tape.events[...])
                let stopped = try instance.stop(stop)
                if stopped.status < 0 {
                    throw .fail("stop (\(stop)) failed with \(stopped.description)")
                }
                instance.destroy()
            }
            return .pass
        },
        ContractChecks.rule(
            "contract.silence", "acts only inside calls of its own",
            "After stop nothing can be ordered, and nothing is called from create or destroy that the contract "
                + "forbids.",
            "order in on_events only"
        ) { (bench, image) throws(CheckOutcome) in
            let instance = try bench.instance(image)
            if try instance.create(bench.setup()).status < 0 { throw .fail("create failed") }
            let inCreate = instance.host.acts.count
            _ = try instance.start()
            _ = try instance.play(bench.tape(steps: 100).events[...])
            let before = instance.host.acts.filter(\.isOrder).count
            _ = try instance.stop()
            instance.destroy()
            if let breach = instance.host.breach { throw .fail(breach) }
            let after = instance.host.acts.filter(\.isOrder).count
            return inCreate == 0 && before == after ? .pass : .fail("it acted outside of on_events")
        },
    ]
}
