import CTapedeck
import Market

/// Parameters and events at the edges of what the contract allows, and beyond.
enum ContractArguments {
    static let all: [Check] = [
        ContractChecks.rule(
            "contract.parameters", "runs, or refuses in words, at both ends of every parameter",
            "An operator will try the smallest and the largest; a sweep tries all.",
            "check in create what the manifest cannot say, and name the parameter"
        ) { (bench, image) throws(CheckOutcome) in
            var silent = ""
            for (name, text) in edges(bench.manifest) {
                bench.say(place: "with \(name)=\(text)")
                let parameters: Parameters
                do throws(CheckOutcome) {
                    parameters = try TrialBench.parameters(
                        bench.manifest, [name: text],
                        TrialBench.instruments(bench.shape.instruments))
                } catch { continue }
                let instance = try bench.instance(image)
                let made = try instance.create(bench.setup(parameters))
                if made.status < 0 {
                    if made.words.isEmpty { silent = "\(name)=\(text)" }
                    continue
                }
                let started = try instance.start()
                let events = bench.tape(steps: 150).events
                if started.status >= 0, case .failed(let words) = try instance.play(events[...]) {
                    throw .fail("with \(name)=\(text): \(words)")
                }
                instance.destroy()
            }
            return silent.isEmpty ? .pass : .remark("it refuses \(silent) without a word why")
        },
        ContractChecks.rule(
            "contract.wrong-parameters", "survives a setup that is not its manifest's",
            "A library and a manifest can be mixed up; the refusal is cheap.",
            "compare count, ids and types in create, and refuse"
        ) { (bench, image) throws(CheckOutcome) in
            var taken: [String] = []
            for mistake in Mistake.allCases {
                guard let parameters = mistake.applied(to: bench.parameters) else { continue }
                bench.say(place: "in create, with \(mistake.rawValue)")
                let instance = try bench.instance(image)
                let answer = try instance.create(bench.setup(parameters))
                if answer.status >= 0 { taken.append(mistake.rawValue) }
                instance.destroy()
            }
            return taken.isEmpty
                ? .pass
                : .remark("it took a setup with \(taken.joined(separator: ", and one with "))")
        },
        ContractChecks.rule(
            "contract.live-parameters", "takes every live parameter at both ends while it runs",
            "What the manifest marks live an operator will change in the middle of a session.",
            "check the value; on a refusal keep the old one"
        ) { (bench, image) throws(CheckOutcome) in
            let live = bench.manifest.parameters.filter(\.isLive)
            if live.isEmpty { return .skip("it has no live parameters") }
            let tape = bench.tape()
            let instance = try bench.started(image)
            var place = 0
            for declaration in live {
                for value in [declaration.minimum, declaration.maximum, declaration.standard]
                    .compactMap({ $0 })
                {
                    bench.say(place: "in set_parameter, with \(declaration.name)=\(value.text)")
                    let answer = try instance.setParameter(declaration, value)
                    if answer.status == TD_E_PANIC {
                        throw .fail("set_parameter failed with \(answer.description)")
                    }
                    var event = Event()
                    event.type = UInt8(TD_EVENT_PARAMETER)
                    event.flags = UInt8(TD_FLAG_PRIVATE)
                    event.sequence = UInt64(place)
                    event.time = TrialTape.start
                    event.parameter = td_parameter_change(
                        id: declaration.id, type: declaration.kind.code, number: value.number,
                        reserved: (0, 0, 0))
                    if answer.status >= 0 { _ = try instance.show([event]) }
                    let end = min(tape.events.count, place + 40)
                    if case .failed(let words) = try instance.play(tape.events[place..<end]) {
                        throw .fail("after \(declaration.name)=\(value.text): \(words)")
                    }
                    place = end
                }
            }
            return .pass
        },
        ContractChecks.rule(
            "contract.wrong-change", "survives a change of a parameter that it does not have",
            "A wrong id or type must be an answer, not a crash.",
            "answer TD_E_INVALID for ids that you do not know"
        ) { (bench, image) throws(CheckOutcome) in
            let instance = try bench.started(image)
            var entry = unsafe td_parameter()
            unsafe entry.id = 60_000
            unsafe entry.type = UInt32(TD_PARAM_INT)
            _ = try unsafe instance.setParameter(raw: entry)
            unsafe entry.type = 99
            _ = try unsafe instance.setParameter(raw: entry)
            if case .failed(let words) = try instance.play(bench.tape(steps: 100).events[...]) {
                throw .fail(words)
            }
            return .pass
        },
        ContractChecks.rule(
            "contract.unknown-events", "steps over kinds of events that it does not know",
            "A later minor brings new kinds; who refuses them stops on the day that they come.",
            "handle what you know, and go on with the rest"
        ) { (bench, image) throws(CheckOutcome) in
            let tape = bench.tape()
            let plain = try bench.live(image, tape)
            var events: [Event] = []
            for (index, event) in tape.events.enumerated() {
                if index % 5 == 0 {
                    var strange = event
                    strange.type = [200, 255, UInt8(TD_EVENT_COMMAND), 15][index / 5 % 4]
                    strange.values = (.nan, -1, .infinity, 0, 1e300)
                    events.append(strange)
                }
                events.append(event)
            }
            let instance = try bench.started(image)
            if case .failed(let words) = try instance.play(events[...]) { throw .fail(words) }
            return DeterminismChecks.compare(
                plain.acts, instance.host.acts, "without them", "with them")
        },
        ContractChecks.rule(
            "contract.all-events", "copes with every kind of event there is",
            "Splits, dividends, sessions, gaps, fills and updates come unasked.",
            "have a branch, or a default, for each"
        ) { (bench, image) throws(CheckOutcome) in
            let instance = try bench.started(image)
            let tape = bench.tape()
            let half = tape.events.count / 2
            if case .failed(let words) = try instance.play(tape.events[..<half]) {
                throw .fail(words)
            }
            for kind in 1...UInt8(TD_EVENT_COMMAND) {
                var event = tape.events[half - 1]
                event.type = kind
                event.values = (2, 2, 1, 1, 1)
                if kind == TD_EVENT_SPLIT {
                    event.split = Split(ratio: 2, numerator: 2, denominator: 1, reserved: (0, 0))
                }
                bench.say(place: "in on_events, at an event of kind \(kind)")
                if case .failed(let words) = try instance.show([event]) {
                    throw .fail("kind \(kind): \(words)")
                }
            }
            if case .failed(let words) = try instance.play(tape.events[half...]) {
                throw .fail(words)
            }
            return .pass
        },
        ContractChecks.rule(
            "contract.extremes", "stays sane at tiny, huge and unmoving prices",
            "Averages of equal prices have no deviation, and a coin may cost a millionth: divisions by zero show here.",
            "test what you divide by"
        ) { (bench, image) throws(CheckOutcome) in
            for scale in [1e-6, 1, 1e9] {
                var events = bench.tape().events
                for index in events.indices where events[index].type == TD_EVENT_BAR {
                    let price = 100 * scale
                    events[index].bar = Bar(
                        open: price, high: price, low: price, close: price, volume: 0)
                }
                let instance = try bench.started(image)
                bench.say(place: "in on_events, with every price \(100 * scale) and no volume")
                if case .failed(let words) = try instance.play(events[...]) { throw .fail(words) }
                if let odd = instance.host.oddOrder {
                    throw .fail("with every price \(100 * scale): \(odd)")
                }
            }
            return .pass
        },
    ]

    /// Every parameter at its ends and choices, the others at their defaults.
    private static func edges(_ manifest: Manifest) -> [(name: String, text: String)] {
        manifest.parameters.flatMap { parameter -> [(String, String)] in
            var values = [parameter.minimum, parameter.maximum].compactMap { $0?.text }
            values += parameter.choices + parameter.allowed.map(\.text)
            switch parameter.kind {
            case .bool: values += ["true", "false"]
            case .string: values += ["", String(repeating: "x", count: 1024)]
            default: break
            }
            return values.map { (parameter.name, $0) }
        }
    }

    /// What can be wrong with the list of parameters.
    private enum Mistake: String, CaseIterable {
        case missing = "the last parameter missing"
        case extra = "one parameter too many"
        case swapped = "the first id changed"
        case retyped = "the first type changed"
        case notFinite = "a number that is NaN"

        func applied(to parameters: Parameters) -> Parameters? {
            var changed = parameters
            guard let first = parameters.declarations.first, let last = parameters.values.last
            else {
                guard self == .extra else { return nil }
                changed.declarations.append(ParameterDeclaration(id: 7, name: "extra", kind: .int))
                changed.values.append(.int(7))
                return changed
            }
            switch self {
            case .missing:
                changed.declarations.removeLast()
                changed.values.removeLast()
            case .extra:
                changed.declarations.append(
                    ParameterDeclaration(id: 60_000, name: "extra", kind: .int))
                changed.values.append(last)
            case .swapped: changed.declarations[0].id = 60_001
            case .retyped:
                changed.declarations[0].kind = first.kind == .string ? .int : .string
                changed.values[0] = first.kind == .string ? .int(1) : .string("text")
            case .notFinite:
                guard let place = parameters.declarations.firstIndex(where: { $0.kind == .float })
                else { return nil }
                changed.values[place] = .float(.nan)
            }
            return changed
        }
    }
}
