import Foundation
import TestGround
import Testing

/// Every shipped strategy, compiled, inside a small host of its own process.
struct PluginTests {
    /// Builds what is out of date, once, and the small host.
    static let host: Result<String, any Error> = Result {
        let plugins = try run(Checkout.path("scripts/plugins"), [], seconds: 600)
        guard plugins.status == 0 else { throw Unbuilt(text: plugins.error) }
        let path = hostFolder.file("fakehost")
        let built = try run(
            "/usr/bin/env",
            [
                "gcc", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-I",
                Checkout.path("sdk/include"),
                Checkout.path("Tests/Fixtures/fakehost.c"), "-o", path, "-lm",
            ])
        guard built.status == 0 else { throw Unbuilt(text: built.error) }
        return path
    }
    private static let hostFolder = ScratchFolder()
    struct Unbuilt: Error { let text: String }

    static let names: [String] = {
        let folder = Checkout.path("Plugins")
        let all = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return all.filter { !$0.contains(".") }.sorted()
    }()

    /// Other ways to run a strategy, beside its defaults.
    static let variations: [String: [[String: String]]] = [
        "sma-cross": [
            ["fast": "5", "slow": "20", "signal": "state", "quantity": "10"],
            [
                "fast": "5", "slow": "20", "stop_loss": "0.05", "take_profit": "0.1",
                "quantity": "10",
            ],
            ["reverse": "true", "stop_loss": "0.03", "take_profit": "0.06"],
            ["reverse": "true", "single_order": "true", "quantity": "20"],
            ["regime": "trend", "regime_adx": "20"], ["regime": "range", "regime_volatility": "3"],
        ],
        "rsi": [
            ["low": "40", "high": "60", "short": "true", "quantity": "5", "stop_loss": "0.08"]
        ],
        "macd": [["fast": "5", "slow": "13", "signal": "4", "reverse": "true"]],
        "zscore": [
            ["regime": "trend", "regime_adx": "20", "regime_length": "5", "entry": "1"],
            ["regime": "range", "regime_volatility": "3", "both": "true", "entry": "1"],
            [
                "entry": "1.5", "both": "true", "quantity": "3", "stop_loss": "0.02",
                "take_profit": "0.04",
            ],
        ],
        "donchian": [
            ["entry": "stop", "quantity": "100"], ["entry": "stop", "short": "true"],
            ["short": "true"],
        ],
        "volume-profile": [["length": "50", "refresh": "1", "short": "true"]],
        "dip-limit": [
            ["regime": "range", "regime_adx": "30", "regime_volatility": "5"],
            ["dip": "0.02", "stop_loss": "0", "quantity": "2"],
        ],
        "atr-breakout": [
            ["regime": "trend", "regime_adx": "15", "k": "0.2"],
            ["k": "0.5", "stop_atr": "0", "quantity": "1"],
        ],
        "buy-and-hold": [["wait_bars": "7", "quantity": "3"]],
    ]

    private func play(_ name: String, _ command: String, _ arguments: [String]) throws -> ProgramRun
    {
        try run(
            try Self.host.get(), [Checkout.path("Plugins/\(name).so"), command] + arguments,
            seconds: 120)
    }

    private func settings(_ name: String) throws -> [[String]] {
        let manifest = try PluginManifest(ofLibrary: Checkout.path("Plugins/\(name).so"))
        let state = "state=\(manifest.state?.version ?? 1)"
        return ([[:]] + (Self.variations[name] ?? [])).map { manifest.arguments($0) + [state] }
    }

    @Test(arguments: names)
    func `the same orders whatever the length of the runs`(name: String) throws {
        _ = try Self.host.get()
        for setting in try settings(name) {
            let single = try play(name, "orders", setting + ["run=1", "instruments=2"])
            try #require(single.status == 0, "\(name): \(single.output.suffix(200))")
            #expect(!single.output.isEmpty, "\(name) \(setting) sent nothing")
            for length in ["7", "64", "1000000"] {
                let longer = try play(name, "orders", setting + ["run=\(length)", "instruments=2"])
                #expect(
                    longer.status == 0 && longer.output == single.output,
                    "\(name) \(setting) run \(length)")
            }
        }
    }

    @Test(arguments: names)
    func `saved, loaded and saved again is the same, and it goes on as if nothing had happened`(
        name: String
    ) throws {
        _ = try Self.host.get()
        for setting in try settings(name) {
            let whole = try play(name, "orders", setting + ["instruments=3"])
            let resumed = try play(name, "resume", setting + ["instruments=3"])
            #expect(resumed.status == 0, "\(name): \(resumed.output.suffix(200))")
            #expect(resumed.output == whole.output, "\(name) \(setting)")
        }
    }

    @Test(arguments: names)
    func `a damaged state is refused and never a crash`(name: String) throws {
        _ = try Self.host.get()
        for setting in try settings(name) {
            let outcome = try play(name, "damage", setting + ["bars=120", "seed=20250917"])
            #expect(outcome.status == 0, "\(name): \(outcome.output.suffix(200))")
        }
    }

    @Test(arguments: names)
    func `parameters and wiring that differ from the manifest are refused in words`(
        name: String
    ) throws {
        _ = try Self.host.get()
        let outcome = try play(name, "refuse", try settings(name)[0])
        #expect(outcome.status == 0, "\(name): \(outcome.output.suffix(200))")
    }

    @Test func `each folder of Plugins has its library, and each id is its own`() throws {
        _ = try Self.host.get()
        var ids: Set<String> = []
        for name in Self.names {
            let manifest = try PluginManifest(ofLibrary: Checkout.path("Plugins/\(name).so"))
            #expect(manifest.schema == 1 && manifest.id == "org.tapedeck.\(name)")
            #expect(!manifest.description.isEmpty && !manifest.license.isEmpty)
            for parameter in manifest.parameters {
                #expect(parameter.doc.hasSuffix("."), "\(name) \(parameter.name)")
                if ["int", "float"].contains(parameter.type) {
                    #expect(
                        parameter.min != nil && parameter.max != nil, "\(name) \(parameter.name)")
                }
            }
            ids.insert(manifest.id)
        }
        #expect(ids.count == Self.names.count && ids.count >= 10)
    }
}
