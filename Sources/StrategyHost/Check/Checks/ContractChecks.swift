import CLinux
import CTapedeck
import Glibc
import Market

/// The rules of tapedeck.h, one by one, with everything that a host may lawfully do.
enum ContractChecks {
    static let all: [Check] = lives + lends + ContractArguments.all + ContractFailures.all + costs
        + SplitCheck.all

    private static let lives: [Check] = [
        .tries(
            "contract.life", "create, start, events, stop, destroy with the defaults",
            why:
                "The whole life on made-up markets with trends, turns and quiet stretches, as the configuration's "
                + "defaults have it.",
            advice: "see what it says; tapedeck backtest with a debugger shows the place",
            ground: .opens
        ) { bench throws(CheckOutcome) in
            let tape = bench.tape()
            let host = try bench.live(try bench.open(), tape)
            let orders = host.acts.filter(\.isOrder).count
            if orders > 0 { return .pass("\(orders) orders in \(tape.events.count) events") }
            if host.acts.contains(where: { $0.kind == .signal }) {
                return .pass("no orders, but signals")
            }
            return .remark(
                "it did nothing in \(tape.events.count) events, so that little of it was tried; see --seed"
            )
        },
        rule(
            "contract.orders", "sends only orders that can be understood",
            "NaN, infinite and enormous numbers, unknown instruments and types are refused; each is a mistake.",
            "zero the whole td_order, set struct_size, and check what you divide by"
        ) {
            (bench, image) throws(CheckOutcome) in
            let host = try bench.live(image, bench.tape())
            return host.oddOrder.map { .fail($0) } ?? .pass
        },
        rule(
            "contract.order-rate", "sends no flood of orders",
            "A loop that answers its own refusals sends orders as fast as the machine allows; the host ends it.",
            "order only on a change, and wait while something is in flight"
        ) { (bench, image) throws(CheckOutcome) in
            let tape = bench.tape()
            let host = try bench.live(image, tape)
            let orders = host.acts.filter(\.isOrder).count
            if host.mostOrders > 100 { return .fail("\(host.mostOrders) orders at one event") }
            return orders <= tape.events.count * 10
                ? .pass : .fail("\(orders) orders in \(tape.events.count) events")
        },
        rule(
            "contract.system-calls", "asks the system for nothing while it runs",
            "Files, sockets, processes and other descriptors are not a strategy's business, unless its needs say so.",
            "do without, or declare it in needs of the manifest"
        ) { (bench, image) throws(CheckOutcome) in
            try bench.watched()
            try bench.live(image, bench.tape())
            let needs = bench.manifest.needs.names
            let asked = TrialSeal.takeAsked().filter { name in
                !waits.contains(name) && !(SystemCallName.need(name).map(needs.contains) ?? false)
            }
            return asked.isEmpty
                ? .pass
                : .fail(
                    "it asked the system for \(FileChecks.list(asked)), which it does not declare")
        },
        rule(
            "contract.no-waiting", "never waits",
            "A strategy that sleeps or polls keeps its lane's other strategies, or its worker, from the next event.",
            "use set_timer of the td_host table"
        ) { (bench, image) throws(CheckOutcome) in
            try bench.watched()
            try bench.live(image, bench.tape())
            let asked = TrialSeal.takeAsked().filter(waits.contains)
            return asked.isEmpty ? .pass : .fail("it waits: it calls \(FileChecks.list(asked))")
        },
        rule(
            "contract.process", "changes nothing of the process while it runs",
            "Signal handlers, environment, locale, folder and rounding belong to the host.",
            "do without, or undo it before you return"
        ) { (bench, image) throws(CheckOutcome) in
            let before = ProcessState.now
            let instance = try bench.started(image)
            if case .failed(let words) = try instance.play(bench.tape().events[...]) {
                throw .fail(words)
            }
            var allowed: [ProcessState.Aspect] = bench.manifest.needs.threads ? [.threads] : []
            if bench.manifest.needs.files || bench.manifest.needs.network {
                allowed.append(.descriptors)
            }
            let changes = ProcessState.now.changes(since: before).filter {
                !allowed.contains($0.aspect)
            }
            return changes.isEmpty ? .pass : .fail(changes.map(\.words).joined(separator: "; "))
        },
    ]

    static let waits = [
        "poll", "select", "pause", "nanosleep", "clock_nanosleep", "epoll_wait", "epoll_pwait",
        "pselect6", "ppoll",
        "wait4", "alarm", "setitimer", "timer_create",
    ]

    private static let lends: [Check] = [
        .tries(
            "contract.borrowed", "uses what it is lent for the call, and within its bounds",
            why:
                "Events, setup, parameters and texts end at an unreadable page, are read-only, and are gone after the "
                + "call: whoever keeps a pointer, reads on, or writes there is caught in the act.",
            advice: "copy what you need; treat inputs as const", ground: .opens
        ) { bench throws(CheckOutcome) in
            let image = try bench.open()
            for length in [1, 64, 1024] {
                TrialSeal.forgetRegions()
                try bench.live(
                    image, bench.tape(), TrialInstance.Manner(runLength: length, isGuarded: true))
            }
            return .pass
        },
        rule(
            "contract.state-borrowed", "uses sink and state within their bounds",
            "The same for save and load.", "copy what you need; treat inputs as const"
        ) {
            (bench, image) throws(CheckOutcome) in
            let declared = try StateChecks.declared(bench)
            let tape = bench.tape(steps: 200)
            let manner = TrialInstance.Manner(isGuarded: true)
            let first = try bench.started(image, manner)
            _ = try first.play(tape.events[...])
            let state = try first.save()
            TrialSeal.forgetRegions()
            for bytes in [state.bytes, Array(state.bytes.prefix(9)), []] {
                let second = try bench.instance(image, manner)
                if try second.create(bench.setup()).status < 0 { throw .skip("create failed") }
                _ = try second.load(bytes, version: declared.version)
                second.destroy()
                TrialSeal.forgetRegions()
            }
            return .pass
        },
        rule(
            "contract.later-host", "runs on a later host, whose tables are longer",
            "A minor version only appends. Who compares sizes for equality refuses every later host.",
            "test with TD_HAS, never with =="
        ) { (bench, image) throws(CheckOutcome) in
            let tape = bench.tape()
            let now = try bench.live(image, tape).acts
            let later = try bench.live(image, tape, TrialInstance.Manner(isOfLaterMinor: true)).acts
            return DeterminismChecks.compare(now, later, "this host", "a later one")
        },
        rule(
            "contract.table", "leaves its own table as it was",
            "The host keeps a copy; a table that changes is a table that something wrote to.",
            "make the table static const"
        ) { (bench, image) throws(CheckOutcome) in
            let size = MemoryLayout<td_plugin>.size
            let before = unsafe UnsafeRawBufferPointer(start: image.table, count: size).map { $0 }
            try bench.live(image, bench.tape())
            let after = unsafe UnsafeRawBufferPointer(start: image.table, count: size).map { $0 }
            return before == after ? .pass : .fail("its table has changed while it ran")
        },
        rule(
            "contract.extension", "answers null for powers that it does not have",
            "Hosts ask for optional powers by name; another answer than null is called.",
            "return null unless the id is one of yours"
        ) { (bench, image) throws(CheckOutcome) in
            guard let ask = unsafe image.table.pointee.extension else {
                return .pass("it has no extensions")
            }
            bench.say(place: "in extension")
            for name in ["tapedeck.nothing/1", "", String(repeating: "x", count: 300)] {
                let answer = unsafe Array(name.utf8).withUnsafeBytes { bytes in
                    unsafe ask(
                        td_string(
                            data: bytes.baseAddress?.assumingMemoryBound(to: CChar.self),
                            length: UInt64(bytes.count)))
                }
                if unsafe answer != nil { throw .fail("it answers to \"\(name.prefix(20))\"") }
            }
            return .pass
        },
    ]

    private static let costs: [Check] = [
        rule(
            "contract.event-time", "stays within its processor time for an event",
            "The manifest's budget; where it says nothing, a millisecond an event on average.",
            "do less, or do it seldom; raise budget.event in the manifest"
        ) { (bench, image) throws(CheckOutcome) in
            let tape = bench.tape(steps: 1500)
            let instance = try bench.started(image, TrialInstance.Manner(runLength: 1024))
            if case .failed(let words) = try instance.play(tape.events[...]) { throw .fail(words) }
            let nanoseconds = instance.nanosecondsInEvents / Int64(max(1, tape.events.count))
            let budget = bench.manifest.budget.eventNanoseconds ?? 1_000_000
            let words = "\(nanoseconds) ns an event on average"
            return nanoseconds <= budget
                ? .pass(words) : .fail(words + "; allowed are \(budget) ns")
        },
        rule(
            "contract.instance-memory", "an instance gives back what it took",
            "A sweep makes thousands of instances in one process.",
            "free in destroy all that create and the rest allocated"
        ) { (bench, image) throws(CheckOutcome) in
            let tape = bench.tape(steps: 20)
            var used: [Int] = []
            for _ in 0..<120 {
                try bench.live(image, TrialTape(events: Array(tape.events.prefix(20)), bench.shape))
                let memory = linux_allocated()
                used.append(Int(memory.used + memory.mapped))
            }
            let (first, second) = (used[70] - used[20], used[119] - used[70])
            return min(first, second) <= 49 * 24
                ? .pass
                : .fail(
                    "about \(min(first, second) / 49) bytes of every instance are never given back")
        },
        rule(
            "contract.event-memory", "does not grow with every event",
            "A session has millions of events; what is kept of each must be bounded.",
            "keep a window, not everything"
        ) { (bench, image) throws(CheckOutcome) in
            let tape = bench.tape(steps: 3000)
            let instance = try bench.started(image, TrialInstance.Manner(runLength: 1024))
            instance.host.isForgetful = true
            var used: [Int] = []
            let step = tape.events.count / 6
            for part in 0..<6 {
                let events = tape.events[part * step..<(part + 1) * step]
                if case .failed(let words) = try instance.play(events) { throw .fail(words) }
                let memory = linux_allocated()
                used.append(Int(memory.used + memory.mapped))
            }
            let growth = [used[3] - used[2], used[4] - used[3], used[5] - used[4]].min() ?? 0
            if growth > step * 4, growth > 4096 {
                return .fail("it keeps about \(growth / step) bytes of every event")
            }
            let budget = bench.manifest.budget.memoryBytes.map { Int($0) } ?? Int.max
            let whole = used[5] - used[0]
            return whole <= budget
                ? .pass : .fail("it took \(whole) bytes; budget.memory_bytes allows \(budget)")
        },
    ]

    static func rule(
        _ id: String, _ title: String, _ why: String, _ advice: String,
        _ body: @escaping @Sendable (TrialBench, PluginImage) throws(CheckOutcome) -> CheckOutcome
    ) -> Check {
        .tries(id, title, why: why, advice: advice) { bench throws(CheckOutcome) in
            try body(bench, try bench.open())
        }
    }
}
