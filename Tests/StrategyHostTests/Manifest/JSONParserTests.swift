import Testing

@testable import StrategyHost

@Suite struct JSONParserTests {
    @Test func `every kind of value is read with its place`() throws {
        let json = try JSONParser.parse(
            Array(
                #"""
                {"a": [1, -2.5e1, true, false, null],
                  "b": "x\n\u00e9\ud83d\ude00\\\""}
                """#.utf8))
        guard case .object(let members) = json.value else {
            Issue.record("not an object")
            return
        }
        #expect(members.map(\.key) == ["a", "b"])
        guard case .array(let elements) = members[0].value.value else {
            Issue.record("not a list")
            return
        }
        #expect(
            elements.map(\.value) == [.integer(1), .number(-25), .bool(true), .bool(false), .null])
        #expect(elements.map(\.position.column) == [8, 11, 19, 25, 32])
        #expect(members[1].value.value == .string("x\né😀\\\""))
        #expect(members[1].position == TextPosition(line: 2, column: 3))
    }

    @Test(arguments: [
        ("", "1:1", "the text ends where a value should be"),
        ("{", "1:2", "a key in double quotes is missing"),
        (#"{"a" 1}"#, "1:6", #"":" is missing after "a""#),
        (#"{"a":1,}"#, "1:8", "a comma before the end of the object"),
        ("[1 2]", "1:4", #""," is missing before "2""#),
        ("[1,", "1:4", "the text ends where a value should be"),
        ("[1", "1:3", "the text ends inside a list"),
        ("{\"a\":1,\n\"a\":2}", "2:1", #"the key "a" stands here twice"#),
        ("01", "1:1", "a number begins with a superfluous 0"),
        ("1.", "1:1", "not a number"), ("-", "1:1", "not a number"), ("1e", "1:1", "not a number"),
        ("1e999", "1:1", "1e999 is too large for a number"),
        ("NaN", "1:1", #"not a value: "N""#), ("tru", "1:1", #"not a value: "t""#),
        ("// x", "1:1", #"not a value: "/""#),
        ("1 2", "1:3", "something follows the end of the value"),
        (#""abc"#, "1:1", "the string that begins here has no end"),
        ("\"a\u{1}\"", "1:3", "a control character inside a string; write it as \\u00XX"),
        (#""\q""#, "1:2", "unknown escape in a string"),
        (#""\ud800""#, "1:2", "half a surrogate pair in a string"),
        (#""\u00g0""#, "1:4", "\\u needs four hexadecimal digits"),
        (#""\u00"#, "1:4", "the text ends inside a string"),
    ]) func `what is not JSON is refused with its place`(
        text: String, place: String, message: String
    ) {
        let error = #expect(throws: JSONError.self) { try JSONParser.parse(Array(text.utf8)) }
        #expect(error?.message == message)
        #expect(error?.position.description == place)
    }

    @Test func `bytes that are not UTF-8 are refused with their place`() {
        let error = #expect(throws: JSONError.self) {
            try JSONParser.parse(Array("{\n \"a".utf8) + [0xFF, 0x22])
        }
        #expect(
            error == JSONError(position: TextPosition(line: 2, column: 4), message: "not UTF-8"))
    }

    @Test func `deep nesting is refused and does not end the process`() {
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 60_000)
        let error = #expect(throws: JSONError.self) { try JSONParser.parse(deep) }
        #expect(error?.message == "nested deeper than 32")
    }

    @Test(arguments: 0..<200) func `random bytes never crash the reader`(seed: UInt64) {
        var random = SeededBytes(seed: seed)
        var text = Array(#"{"id":1,"a":["x\u00e9",-1.5e3,true,null,{"b":"c"}]}"#.utf8)
        for _ in 0..<5 {
            text[Int(random.next() % UInt64(text.count))] = UInt8(truncatingIfNeeded: random.next())
        }
        do {
            _ = try JSONParser.parse(text)
        } catch {
            #expect(!error.message.isEmpty, "seed \(seed)")
        }
    }
}
