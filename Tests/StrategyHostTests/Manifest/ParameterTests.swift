import Market
import Testing

@testable import StrategyHost

@Suite struct ParameterTests {
    static func manifest() throws -> Manifest {
        try Manifest(
            text: #"""
                {"schema": 1, "id": "a.b", "name": "Example", "version": "0.1.0", "abi": {"major": 1, "minor": 0},
                 "subscribes": ["bars"], "parameters": [
                  {"id": 1, "name": "fast", "type": "int", "default": 10, "min": 1, "max": 500, "unit": "bars", "doc": "Fast window."},
                  {"id": 2, "name": "share", "type": "float", "default": 0.5, "min": 0, "max": 1, "doc": "Share to use."},
                  {"id": 3, "name": "on", "type": "bool", "default": false, "doc": "Whether."},
                  {"id": 4, "name": "rule", "type": "enum", "default": "cross", "values": ["cross", "fade"], "doc": "Which."},
                  {"id": 5, "name": "wait", "type": "duration", "default": "5m", "min": "1s", "doc": "How long."},
                  {"id": 6, "name": "hedge", "type": "instrument", "doc": "Against what."},
                  {"id": 7, "name": "model", "type": "file", "default": "m.onnx", "doc": "The model."},
                  {"id": 8, "name": "label", "type": "string", "default": "", "doc": "A label."},
                  {"id": 9, "name": "period", "type": "int", "default": 14, "values": [7, 14, 21], "doc": "One of three."}]}
                """#)
    }

    static let instruments = ["AAPL", "MSFT"].enumerated().map {
        Instrument(
            id: InstrumentID($0), symbol: $1, currency: Currency(code: "USD", exponent: 6),
            priceExponent: -2,
            quantityExponent: 0, priceStep: Price(1), quantityStep: Quantity(1))
    }

    @Test func `defaults stand where nothing is given`() throws {
        let parameters = try Self.manifest().resolve(
            parameters: [GivenParameter(name: "hedge", text: "MSFT")], instruments: Self.instruments
        )
        #expect(
            parameters.text
                == "fast=10 share=0.5 on=false rule=cross wait=5m hedge=MSFT model=m.onnx label= period=14"
        )
        #expect(parameters["hedge"] == .instrument(1, symbol: "MSFT"))
    }

    @Test(
        arguments: [
            ("fast", "500", .int(500)), ("share", "25%", .float(0.25)),
            ("share", "1e-3", .float(0.001)),
            ("on", "yes", .bool(true)), ("rule", "fade", .choice(1, "fade")),
            ("wait", "1h30m", .duration(5_400_000_000_000)),
            ("hedge", "AAPL", .instrument(0, symbol: "AAPL")),
            ("model", "/m/a b.onnx", .file("/m/a b.onnx")), ("label", "hé", .string("hé")),
            ("period", "21", .int(21)),
        ] as [(String, String, ParameterValue)]) func `text becomes a typed value`(
            name: String, text: String, value: ParameterValue
        ) throws
    {
        var given = [GivenParameter(name: name, text: text)]
        if name != "hedge" { given.append(GivenParameter(name: "hedge", text: "AAPL")) }
        let parameters = try Self.manifest().resolve(
            parameters: given, instruments: Self.instruments)
        #expect(parameters[name] == value)
    }

    @Test(arguments: [
        (
            "fast", "0",
            "0 is below the least value, 1 - fast is int from 1 to 500 bars, default 10: Fast window."
        ),
        (
            "fast", "501",
            "501 is above the largest value, 500 - fast is int from 1 to 500 bars, default 10: Fast window."
        ),
        (
            "fast", "1.5",
            #""1.5" is not a whole number - fast is int from 1 to 500 bars, default 10: Fast window."#
        ),
        (
            "share", "nan",
            #""nan" is not a number - share is float from 0 to 1, default 0.5: Share to use."#
        ),
        (
            "share", "0x1p2",
            #""0x1p2" is not a number - share is float from 0 to 1, default 0.5: Share to use."#
        ),
        (
            "share", "150%",
            "1.5 is above the largest value, 1 - share is float from 0 to 1, default 0.5: Share to use."
        ),
        ("on", "maybe", #""maybe" is not true or false - on is bool, default false: Whether."#),
        (
            "rule", "fad",
            #""fad" is not one of cross, fade; did you mean "fade"? - rule is cross | fade, default cross: Which."#
        ),
        (
            "wait", "5",
            #""5" is not a length of time such as 90s, 5m or 1h30m - wait is duration from 1s, default 5m: How long."#
        ),
        (
            "wait", "10ms",
            "10ms is below the least value, 1s - wait is duration from 1s, default 5m: How long."
        ),
        (
            "hedge", "APPL",
            #""APPL" is not one of its instruments (AAPL, MSFT); did you mean "AAPL"? "#
                + "- hedge is instrument, required: Against what."
        ),
        (
            "period", "15",
            "15 is not one of 7, 14, 21; did you mean \"14\"? "
                + "- period is int of 7, 14, 21, default 14: One of three."
        ),
        ("model", "", #""" is not a path - model is file, default m.onnx: The model."#),
        (
            "fsat", "1",
            #"Example has no such parameter; did you mean "fast"? (its parameters are fast, share, on, "#
                + "rule, wait, hedge, model, label, period)"
        ),
    ]) func `a wrong value is refused with the author's own words`(
        name: String, text: String, message: String
    ) throws {
        var given = [GivenParameter(name: name, text: text)]
        if name != "hedge" { given.append(GivenParameter(name: "hedge", text: "AAPL")) }
        let error = #expect(throws: ParameterProblems.self) {
            try Self.manifest().resolve(parameters: given, instruments: Self.instruments)
        }
        #expect(error?.problems == [ParameterProblem(parameter: name, message: message)])
    }

    @Test func `all problems come at once, what is missing last`() throws {
        let error = #expect(throws: ParameterProblems.self) {
            try Self.manifest().resolve(
                parameters: [
                    GivenParameter(name: "share", text: "x"),
                    GivenParameter(name: "fast", text: "1"),
                    GivenParameter(name: "fast", text: "2"),
                    GivenParameter(name: "what", text: "2"),
                ], instruments: Self.instruments)
        }
        #expect(error?.problems.map(\.parameter) == ["share", "fast", "what", "hedge"])
        #expect(
            error?.problems.last?.message
                == "a value is missing - hedge is instrument, required: Against what.")
    }
}
