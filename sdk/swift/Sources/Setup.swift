/// What an instance is made from: its parameters, each declared where it is read, its instruments
/// and its time frames. Lives for `init` only.
///
/// Not optimised (`@_optimize(none)`): it runs once, and a strategy builds a fifth faster for it.
///
/// A parameter's number is permanent: once published it never means anything else. Its name may
/// change.
final class Setup: Workspace {
    /// This instance's instruments, in the order of the configuration.
    let instruments: [Instrument]
    /// Its time frames in seconds, ascending.
    let timeframes: [UInt32]
    let seed: UInt64

    private let given: UnsafeBufferPointer<td_parameter>?
    private var declared = 0
    /// The first difference between what was declared and what was given.
    private var problem: String?
    /// What the parameters say of themselves, for the manifest.
    private(set) var parameters = ""

    /// For a real instance.
    init(_ setup: td_setup) {
        instruments = Array(
            UnsafeBufferPointer(start: setup.instruments, count: Int(setup.instrument_count)))
        timeframes = Array(
            UnsafeBufferPointer(start: setup.timeframes, count: Int(setup.timeframe_count)))
        seed = setup.seed
        given = UnsafeBufferPointer(start: setup.parameters, count: Int(setup.parameter_count))
    }

    /// For the manifest: every parameter answers its default.
    init(describing about: About) {
        instruments = (0..<about.instruments.lowerBound).map { Instrument($0) }
        timeframes = (0..<about.timeframeCounts.lowerBound).map { UInt32(60 * ($0 + 1)) }
        seed = 0
        given = nil
    }

    /// A whole number.
    @_optimize(none)
    func integer(
        _ id: Int, _ name: String, _ standard: Int, in range: ClosedRange<Int>, unit: String = "",
        live: Bool = false, _ doc: String
    ) -> Int {
        let text = limits("\(standard)", "\(range.lowerBound)", "\(range.upperBound)")
        guard let value = take(id, name, TD_PARAM_INT, "int", text, unit, live, doc) else {
            return standard
        }
        let integer = Int(value.integer)
        if !range.contains(integer) {
            refuse("\(name) = \(integer) is outside \(range.lowerBound)...\(range.upperBound)")
            return standard
        }
        return integer
    }

    /// A number with a fraction.
    @_optimize(none)
    func number(
        _ id: Int, _ name: String, _ standard: Double, in range: ClosedRange<Double>,
        unit: String = "",
        live: Bool = false, _ doc: String
    ) -> Double {
        if !range.lowerBound.isFinite || !range.upperBound.isFinite {
            refuse("\(name) needs finite bounds")
        }
        let text = limits("\(standard)", "\(range.lowerBound)", "\(range.upperBound)")
        guard let value = take(id, name, TD_PARAM_FLOAT, "float", text, unit, live, doc) else {
            return standard
        }
        if !range.contains(value.number) {
            refuse("\(name) = \(value.number) is outside \(range.lowerBound)...\(range.upperBound)")
            return standard
        }
        return value.number
    }

    @_optimize(none)
    func flag(
        _ id: Int, _ name: String, _ standard: Bool, live: Bool = false, _ doc: String
    ) -> Bool {
        let text = "\"default\":\(standard ? "true" : "false")"
        guard let value = take(id, name, TD_PARAM_BOOL, "bool", text, "", live, doc) else {
            return standard
        }
        return value.integer != 0
    }

    /// One of an enum's cases, named by their raw values.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ id: Int, _ name: String, _ standard: Choice, live: Bool = false, _ doc: String
    ) -> Choice {
        var text = "\"default\":\(JSONText.quoted(standard.rawValue)),\"values\":["
        var count = 0
        for choice in Choice.allCases {
            text += (count > 0 ? "," : "") + JSONText.quoted(choice.rawValue)
            count += 1
        }
        guard let value = take(id, name, TD_PARAM_ENUM, "enum", text + "]", "", live, doc) else {
            return standard
        }
        var place: Int64 = 0
        for choice in Choice.allCases {
            if place == value.integer { return choice }
            place += 1
        }
        refuse("\(name) has no choice number \(value.integer)")
        return standard
    }

    /// A length of time, in nanoseconds.
    @_optimize(none)
    func duration(
        _ id: Int, _ name: String, seconds standard: Int, live: Bool = false, _ doc: String
    ) -> Int64 {
        let text = "\"default\":\"\(standard)s\""
        let value = take(id, name, TD_PARAM_DURATION, "duration", text, "", live, doc)
        return value?.integer ?? Int64(standard) * 1_000_000_000
    }

    @_optimize(none)
    func text(_ id: Int, _ name: String, _ standard: String, _ doc: String) -> String {
        let text = "\"default\":" + JSONText.quoted(standard)
        return take(id, name, TD_PARAM_STRING, "string", text, "", false, doc).map(words)
            ?? standard
    }

    /// A path. The manifest of a strategy that opens files must say so in its needs.
    @_optimize(none)
    func file(_ id: Int, _ name: String, _ standard: String, _ doc: String) -> String {
        let text = "\"default\":" + JSONText.quoted(standard)
        return take(id, name, TD_PARAM_FILE, "file", text, "", false, doc).map(words) ?? standard
    }

    /// One of this instance's instruments, named by the operator; it has no default.
    @_optimize(none)
    func instrument(_ id: Int, _ name: String, _ doc: String) -> Instrument {
        let value = take(id, name, TD_PARAM_INSTRUMENT, "instrument", "", "", false, doc)
        return Instrument(truncatingIfNeeded: value?.integer ?? Int64(instruments.first ?? 0))
    }

    /// Refuses when anything was not as declared, or was given and not declared.
    @_optimize(none)
    func finish() throws(Refusal) {
        if let problem { throw Refusal(problem) }
        if let given, given.count != declared {
            throw Refusal(
                "the host gave \(given.count) parameters, the strategy declares \(declared)")
        }
    }

    @_optimize(none)
    private func limits(_ standard: String, _ low: String, _ high: String) -> String {
        "\"default\":\(standard),\"min\":\(low),\"max\":\(high)"
    }

    @_optimize(none)
    private func words(_ value: td_parameter) -> String {
        let start = UnsafeRawPointer(value.text.data)?.assumingMemoryBound(to: UInt8.self)
        return String(
            decoding: UnsafeBufferPointer(start: start, count: Int(value.text.length)),
            as: UTF8.self)
    }

    @_optimize(none)
    private func refuse(_ text: String) {
        if problem == nil { problem = text }
    }

    /// The value given for the next parameter declared; nil while describing, or when it is another
    /// one.
    @_optimize(none)
    private func take(
        _ id: Int, _ name: String, _ type: Int, _ word: String, _ standard: String, _ unit: String,
        _ live: Bool, _ doc: String
    ) -> td_parameter? {
        let place = declared
        declared += 1
        guard let given else {
            var json = JSONText(separator: "")
            json.open("{")
            json.member("id", id)
            json.member("name", name)
            json.member("type", word)
            json.member("doc", raw: JSONText.quoted(doc) + (standard.isEmpty ? "" : "," + standard))
            if !unit.isEmpty { json.member("unit", unit) }
            if live { json.member("live", raw: "true") }
            json.close("}")
            parameters += (place > 0 ? ",\n" : "") + json.text
            return nil
        }
        guard place < given.count else {
            refuse("parameter \(id) (\(name)) was not given")
            return nil
        }
        let value = given[place]
        guard Int(value.id) == id, Int(value.type) == type else {
            refuse(
                "parameter \(id) (\(name), \(word)) was expected, but \(value.id) of type \(value.type) given"
            )
            return nil
        }
        return value
    }
}
