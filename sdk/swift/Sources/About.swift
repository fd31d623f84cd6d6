/// What a strategy's manifest says besides its parameters. The manifest is written from this and
/// from what `init` declares, when the library is built; a host reads it without running any code.
struct About {
    /// What it is called for. Sessions, splits, dividends, gaps and its own orders come always.
    enum Feed { case bars, trades, quotes, depth, timers }

    /// Reverse DNS, permanent: `org.example.my-strategy`.
    var id: String
    var name: String
    /// `major.minor.patch`.
    var version: String
    var vendor = ""
    var license = ""
    /// One or two sentences for a person who chooses.
    var description = ""
    var subscribes: [Feed] = [.bars]
    /// How many instruments, and how many time frames, one instance can take.
    var instruments: ClosedRange<Int> = 1...1
    var timeframes: ClosedRange<Int> = 1...1
    /// Time frames that the author chooses instead of the operator: `["1m", "1h"]`. Then
    /// `timeframes` says nothing.
    var fixedTimeframes: [String] = []
    /// Bars that pass before the first on which it may trade.
    var warmUp: BarCount = .bars(0)
    /// How far back `context.history` looks.
    var history: BarCount = .bars(0)
    /// Number of the layout that `save` writes; 0 when there is nothing worth saving.
    var stateVersion = 0
    /// Older layouts that `load` still reads, besides `stateVersion`.
    var readsStateVersions: [Int] = []
    /// The most bytes that `save` ever writes.
    var maximumStateBytes = 16_777_216
}

/// A number of bars that may depend on parameters, given by name: on integers, and on which value a
/// `choice` or a `flag` ("false", "true") has; each of them has its number.
indirect enum BarCount {
    case bars(Int)
    case parameter(String)
    case largest([BarCount], times: Int = 1, plus: Int = 0)
    case sum([BarCount], times: Int = 1, plus: Int = 0)
    case choice(String, [(value: String, bars: BarCount)])

    var json: String {
        switch self {
        case .bars(let count): return "\(count)"
        case .parameter(let name): return JSONText.quoted(name)
        case .largest(let parts, let times, let plus):
            return Self.json("max_of", parts, times, plus)
        case .sum(let parts, let times, let plus): return Self.json("sum_of", parts, times, plus)
        case .choice(let name, let cases):
            var json = JSONText(separator: "")
            json.open("{")
            for (value, bars) in cases { json.member(value, raw: bars.json) }
            json.close("}")
            return "{\"choice\":\(JSONText.quoted(name)),\"bars\":\(json.text)}"
        }
    }

    private static func json(
        _ word: String, _ parts: [BarCount], _ times: Int, _ plus: Int
    ) -> String {
        "{\"\(word)\":\(JSONText.list(parts.map { $0.json })),\"times\":\(times),\"plus\":\(plus)}"
    }
}

extension About.Feed {
    var word: String {
        switch self {
        case .bars: "bars"
        case .trades: "trades"
        case .quotes: "quotes"
        case .depth: "depth"
        case .timers: "timers"
        }
    }
}

extension About {
    /// The manifest, given what the parameters said of themselves.
    @_optimize(none)
    func manifest(parameters: String) -> String {
        var json = JSONText()
        json.open("{")
        json.member("schema", 1)
        json.member("id", id)
        json.member("name", name)
        json.member("version", version)
        json.member("vendor", vendor)
        json.member("license", license)
        json.member("description", description)
        json.member("abi", raw: "{\"major\":\(TD_ABI_MAJOR),\"minor\":0}")
        json.member("kind", "strategy")
        json.member("subscribes", raw: JSONText.list(subscribes.map { JSONText.quoted($0.word) }))
        json.member("instruments", raw: range(instruments))
        json.member("timeframes", raw: fixedTimeframes.isEmpty ? range(timeframes) : fixed)
        json.member("parameters", raw: "[\n" + parameters + "]")
        if stateVersion > 0 {
            let reads = JSONText.list((readsStateVersions + [stateVersion]).map { "\($0)" })
            json.member(
                "state",
                raw:
                    "{\"version\":\(stateVersion),\"reads\":\(reads),\"max_bytes\":\(maximumStateBytes)}"
            )
        }
        json.member("warm_up", raw: "{\"bars\":\(warmUp.json)}")
        json.member("history", raw: "{\"bars\":\(history.json)}")
        json.member("needs", raw: "{\"threads\":false,\"files\":false,\"network\":false}")
        json.member("deterministic", raw: "true")
        json.member("unload", "clean")
        json.member("sdk", raw: "{\"language\":\"swift\",\"version\":\"1.0\"}")
        json.close("}")
        return json.text + "\n"
    }

    private var fixed: String {
        "{\"fixed\":\(JSONText.list(fixedTimeframes.map { JSONText.quoted($0) }))}"
    }

    /// How many time frames an instance is given.
    var timeframeCounts: ClosedRange<Int> {
        fixedTimeframes.isEmpty ? timeframes : fixedTimeframes.count...fixedTimeframes.count
    }

    private func range(_ range: ClosedRange<Int>) -> String {
        "{\"min\":\(range.lowerBound),\"max\":\(range.upperBound)}"
    }
}

/// JSON being written, one member a line.
struct JSONText {
    private(set) var text = ""
    private var isFirst = true
    private var separator: String

    init(separator: String = "\n") { self.separator = separator }

    mutating func open(_ bracket: String) { text += bracket }
    mutating func close(_ bracket: String) { text += separator + bracket }
    @_optimize(none)
    mutating func member(_ name: String, _ value: String) { member(name, raw: Self.quoted(value)) }
    @_optimize(none)
    mutating func member(_ name: String, _ value: Int) { member(name, raw: "\(value)") }
    @_optimize(none)
    mutating func member(_ name: String, raw value: String) {
        text += (isFirst ? "" : ",") + separator + Self.quoted(name) + ":" + value
        isFirst = false
    }

    @_optimize(none)
    static func list(_ words: [String]) -> String {
        var text = "["
        for (place, word) in words.enumerated() { text += (place > 0 ? "," : "") + word }
        return text + "]"
    }

    @_optimize(none)
    static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = [0x22]
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5C: bytes += [0x5C, byte]
            case 0x0A: bytes += [0x5C, 0x6E]
            case 0..<0x20: bytes.append(0x20)
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
        return String(decoding: bytes, as: UTF8.self)
    }
}
