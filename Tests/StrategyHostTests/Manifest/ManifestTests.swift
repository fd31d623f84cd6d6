import Testing

@testable import StrategyHost

@Suite struct ManifestTests {
    static let complete = #"""
        {"schema": 1, "id": "org.example.sma-cross", "name": "SMA cross", "version": "1.2.0-rc.1+b5",
         "vendor": "Example", "license": "MIT", "description": "Crosses.", "abi": {"major": 1, "minor": 0},
         "kind": "strategy", "subscribes": ["bars", "timers"], "instruments": {"min": 1, "max": 8},
         "timeframes": {"fixed": ["1h", "1m"]},
         "parameters": [
          {"id": 1, "name": "fast", "type": "int", "default": 10, "min": 1, "max": 500, "unit": "bars",
           "live": true, "doc": "Fast window."},
          {"id": 2, "name": "slow", "type": "int", "default": 30, "min": 2, "doc": "Slow window."},
          {"id": 3, "name": "rule", "type": "enum", "default": "fade", "values": ["cross", "fade"],
           "doc": "With or against."}],
         "warm_up": {"bars": {"max_of": ["fast", {"sum_of": ["slow", 5]}], "times": 2, "plus": 1}},
         "history": {"bars": "slow"},
         "state": {"version": 2, "reads": [2, 1], "max_bytes": 65536},
         "needs": {"files": true}, "budget": {"event": "50us", "create": "500ms", "memory_bytes": 1048576},
         "deterministic": false, "unload": "pinned", "sdk": {"language": "c", "version": "1.0"},
         "x_mine": [1, 2]}
        """#

    @Test func `a complete manifest is read in full`() throws {
        let manifest = try Manifest(text: Self.complete)
        #expect(manifest.id == "org.example.sma-cross")
        #expect(manifest.version.description == "1.2.0-rc.1+b5")
        #expect(manifest.abi == Manifest.ABIVersion(major: 1, minor: 0))
        #expect(manifest.subscribes == [.bars, .timers])
        #expect(manifest.instruments == 1...8)
        #expect(manifest.timeFrames == .fixed([60, 3600]))
        #expect(manifest.parameters.map(\.name) == ["fast", "slow", "rule"])
        #expect(manifest.parameters.map(\.isLive) == [true, false, false])
        #expect(manifest.parameters[2].standard == .choice(1, "fade"))
        #expect(manifest.state == Manifest.State(version: 2, reads: [1, 2], maximumBytes: 65536))
        #expect(manifest.needs.names == ["files"])
        #expect(manifest.budget.eventNanoseconds == 50_000)
        #expect(manifest.budget.createNanoseconds == 500_000_000)
        #expect(manifest.budget.memoryBytes == 1_048_576)
        #expect(!manifest.isDeterministic)
        #expect(manifest.unload == .pinned)
        #expect(manifest.sdk == "c 1.0")
        let parameters = try manifest.resolve(parameters: [], instruments: [])
        #expect(manifest.warmUpBars(parameters) == 71)
        #expect(manifest.historyBars(parameters) == 30)
    }

    @Test func `what is left out has its stated default`() throws {
        let manifest = try Manifest(
            text: #"""
                {"schema": 1, "id": "a.b", "name": "n", "version": "0.1.0", "abi": {"major": 1, "minor": 0},
                 "subscribes": ["trades"], "warm_up": {"bars": 7}}
                """#)
        #expect(manifest.instruments == 1...1)
        #expect(manifest.timeFrames == .chosenByOperator(1...1))
        #expect(manifest.parameters.isEmpty)
        #expect(manifest.history == .bars(7))
        #expect(manifest.state == nil)
        #expect(manifest.needs.names.isEmpty)
        #expect(manifest.isDeterministic)
        #expect(manifest.unload == .clean)
    }

    @Test func `all problems are reported at once, in the order of the text`() {
        let error = #expect(throws: ManifestProblems.self) {
            try Manifest(
                text: #"""
                    {"schema": 2, "id": "NoDots", "name": "", "version": "1.2",
                     "subscribes": ["bar", "bars", "bars"], "instruments": {"min": 3, "max": 2},
                     "parameters": [
                      {"id": 1, "name": "Fast", "type": "int", "default": 0, "min": 1, "max": 5, "doc": "d"},
                      {"id": 1, "name": "slow", "type": "integer", "doc": "d"},
                      {"id": 1, "name": "mode", "type": "enum", "default": "c", "values": ["a", "b"], "doc": "d"},
                      {"id": 2, "name": "x", "type": "float", "min": 2, "max": 1, "default": true}],
                     "warm_up": {"bars": "fast"}, "state": {"version": 3, "reads": [1, 2], "max_bytes": 0},
                     "budget": {"event": "fast"}, "unload": "never", "licence": "MIT"}
                    """#)
        }
        #expect(
            error?.problems.map(\.description) == [
                #"abi (line 1, column 1): is missing"#,
                #"schema (line 1, column 12): is 2; this host reads schema 1 - use a newer Tapedeck"#,
                #"id (line 1, column 21): "NoDots" is not reverse DNS such as org.example.sma-cross "#
                    + "(lower-case letters, digits and dashes, two or more parts joined by dots)",
                #"name (line 1, column 39): is empty"#,
                #"version (line 1, column 54): "1.2" is not a version such as 1.2.0 or 1.2.0-rc.1"#,
                #"subscribes (line 2, column 17): "bar" is not one of bars, trades, quotes, depth, timers; "#
                    + #"did you mean "bars"?"#,
                #"subscribes (line 2, column 32): "bars" stands here twice"#,
                #"instruments.min (line 2, column 64): is larger than max"#,
                #"parameters[0].name (line 4, column 21): "Fast" must be a-z, 0-9 and _, a letter first"#,
                #"parameters[0].default (line 4, column 55): 0 is below the least value, 1"#,
                #"parameters[1].type (line 5, column 37): "integer" is not one of bool, int, float, string, "#
                    + "enum, duration, instrument, file",
                #"parameters[2].id (line 6, column 3): 1 is the id of another parameter; ids are for ever"#,
                #"parameters[2].default (line 6, column 56): "c" is not one of its values; did you mean "a"?"#,
                #"parameters[3].doc (line 7, column 3): is missing"#,
                #"parameters[3].min (line 7, column 50): 2 is larger than max, 1"#,
                #"parameters[3].default (line 7, column 74): must be a number, not a boolean"#,
                #"warm_up.bars (line 8, column 22): "fast" is not an int parameter of this manifest"#
                    + #"; did you mean "Fast"?"#,
                #"state.max_bytes (line 8, column 85): must be between 1 and 1073741824, not 0"#,
                #"budget.event (line 9, column 22): "fast" is not a length of time such as 50us, 5m or 1h30m"#,
                #"unload (line 9, column 41): "never" is not one of clean, pinned, worker"#,
                #"licence (line 9, column 50): is not a key of this object; did you mean "license"?"#,
            ])
    }

    @Test(arguments: [
        (
            "state", #"{"version": 3, "reads": [1, 2], "max_bytes": 1}"#,
            "must hold 3, the version that it writes itself"
        ),
        ("timeframes", #"{"fixed": ["90x"]}"#, "a time frame is a text from 1s to 1w, such as 5m"),
        ("timeframes", #"{"fixed": []}"#, "needs 1 to 16 time frames"),
        (
            "warm_up", #"{"bars": {"max_of": []}}"#,
            "needs one list, max_of or sum_of, of at least one part, or a choice"
        ),
        (
            "warm_up", #"{"bars": {"choice": "signal", "bars": {"a": 1}}}"#,
            #""signal" is not an enum or bool parameter of this manifest"#
        ),
        (
            "warm_up", #"{"bars": true}"#,
            "must be a whole number, a parameter's name, max_of, sum_of or choice; not a boolean"
        ),
        ("warm_up", #"{}"#, "is missing"),
        ("needs", #"{"thread": true}"#, #"is not a key of this object; did you mean "threads"?"#),
        ("kind", #""indicator""#, #"must be "strategy", not "indicator""#),
        ("vendor", "\"\\u0007\"", "holds a control character"),
        ("deterministic", #""yes""#, "must be true or false, not a string"),
        ("parameters", "{}", "must be a list, not an object"),
        ("parameters", "[1]", "must be an object, not a whole number"),
        (
            "parameters", #"[{"id": 1, "name": "a", "type": "enum", "doc": "d"}]"#,
            "is missing: an enum needs its choices"
        ),
        (
            "parameters", #"[{"id": 1, "name": "a", "type": "bool", "min": 1, "doc": "d"}]"#,
            "has no meaning for a parameter of type bool"
        ),
        (
            "parameters",
            #"[{"id": 1, "name": "a", "type": "instrument", "default": "X", "doc": "d"}]"#,
            "is not possible: the operator wires instruments"
        ),
    ]) func `a wrong part is named`(key: String, value: String, message: String) {
        let error = #expect(throws: ManifestProblems.self) {
            try Manifest(
                text: #"""
                    {"schema": 1, "id": "a.b", "name": "n", "version": "0.1.0", "abi": {"major": 1, "minor": 0},
                     "subscribes": ["trades"], "\#(key)": \#(value)}
                    """#)
        }
        #expect(error?.problems.map(\.message) == [message])
        #expect(error?.problems.first?.path.hasPrefix(key) == true)
    }

    @Test(arguments: ["1.0.0", "0.0.1-a", "1.2.3-0.x-y.1+001.z"]) func `these are versions`(
        text: String
    ) {
        #expect(SemanticVersion(text)?.description == text)
    }

    @Test(arguments: [
        "", "1", "1.2", "01.2.3", "1.2.3.4", "1.2.3-", "1.2.3-01", "1.2.3+", "v1.2.3", "1.2.-3",
    ])
    func `these are no versions`(text: String) { #expect(SemanticVersion(text) == nil) }

    @Test(
        arguments: [
            ("90s", 90_000_000_000), ("5m", 300_000_000_000), ("1h30m", 5_400_000_000_000),
            ("250ms", 250_000_000),
            ("1w", 604_800_000_000_000), ("1us", 1_000), ("7ns", 7), ("0", 0), ("0s", 0),
        ] as [(String, Int64)]) func `these are lengths of time`(text: String, nanoseconds: Int64)
    {
        #expect(SpanOfTime.nanoseconds(text) == nanoseconds)
    }

    @Test(arguments: ["", "5", "m", "5 m", "-5m", "5M", "1.5h", "1y", "99999999999999w", "106752d"])
    func `these are no lengths of time`(text: String) {
        #expect(SpanOfTime.nanoseconds(text) == nil)
    }
}
