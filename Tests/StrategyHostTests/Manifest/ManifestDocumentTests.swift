import Foundation
import Testing

@testable import StrategyHost

@Suite struct ManifestDocumentTests {
    @Test func `the manifest in the documentation is one`() throws {
        let path = Fixture.root.appending(path: "docs/MANIFEST.md")
        let text = try String(contentsOf: path, encoding: .utf8)
        let blocks = text.components(separatedBy: "```json\n").dropFirst().map {
            $0.components(separatedBy: "```")[0]
        }
        try #require(blocks.count == 1)
        let manifest = try Manifest(text: blocks[0])
        let parameters = try manifest.resolve(parameters: [], instruments: [])
        #expect(manifest.warmUpBars(parameters) == 30)
        #expect(parameters.text == "fast=10 slow=30 rule=cross")
    }

    @Test(arguments: [
        ("20", 20), (#""slow""#, 30), (#"{"max_of": ["fast", "slow"]}"#, 30),
        (#"{"sum_of": ["slow", "fast"]}"#, 40),
        (#"{"max_of": ["fast", "slow"], "times": 2, "plus": 1}"#, 61),
        (#"{"sum_of": ["slow"], "plus": -50}"#, 0),
        (#"{"sum_of": [1000000000, 1000000000], "times": 1000}"#, 1_000_000_000),
        (#"{"choice": "rule", "bars": {"cross": "slow", "state": 7}}"#, 7),
        (#"{"choice": "both", "bars": {"true": {"sum_of": ["slow"], "plus": -1}, "false": 1}}"#, 29),
        (#"{"sum_of": ["fast", {"choice": "both", "bars": {"false": 1, "true": 2}}]}"#, 12),
    ]) func `a number of bars may depend on the parameters`(expression: String, bars: Int) throws {
        let manifest = try Manifest(
            text: #"""
                {"schema": 1, "id": "a.b", "name": "n", "version": "0.1.0", "abi": {"major": 1, "minor": 0},
                 "subscribes": ["bars"], "warm_up": {"bars": \#(expression)}, "parameters": [
                  {"id": 1, "name": "fast", "type": "int", "default": 10, "doc": "d"},
                  {"id": 2, "name": "slow", "type": "int", "default": 30, "doc": "d"},
                  {"id": 3, "name": "rule", "type": "enum", "values": ["cross", "state"], "default": "state",
                   "doc": "d"},
                  {"id": 4, "name": "both", "type": "bool", "default": true, "doc": "d"}]}
                """#)
        #expect(manifest.warmUpBars(try manifest.resolve(parameters: [], instruments: [])) == bars)
    }
}
