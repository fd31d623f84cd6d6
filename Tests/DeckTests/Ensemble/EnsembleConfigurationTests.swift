import Testing

@testable import Deck

/// What `tapedeck check` says of an ensemble.
struct EnsembleConfigurationTests {
    let ground: EnsembleFolder

    init() throws {
        ground = try EnsembleFolder()
        try ground.folder.writeTape()
    }

    private func load(_ ensemble: String) -> Result<DeckConfiguration, ConfigurationProblems> {
        DeckConfiguration.load(
            text: """
                feed: { source: tape, path: small.tape }
                plugins: { folder: plugins }
                defaults: { isolation: host }
                strategies:
                  - { name: all, \(ensemble) }
                  - { name: one, plugin: org.tapedeck.sma-cross, symbols: AAA, timeframe: 1m, shadow: true }
                  - { name: two, plugin: org.tapedeck.sma-cross, symbols: [AAA, BBB], timeframe: 5m }
                  - { name: more, ensemble: { of: [one, two] } }
                """, path: ground.folder.file("c.yaml"))
    }

    @Test(arguments: [
        ("ensemble: { of: [one] }", "5:34: an ensemble needs two members or more"),
        (
            "ensemble: { of: [one, tow] }",
            "5:40: there is no strategy \"tow\"; did you mean \"two\"?"
        ),
        ("ensemble: { of: [one, one] }", "5:40: one is there twice"),
        ("ensemble: { of: [one, all] }", "5:40: it cannot listen to itself"),
        (
            "ensemble: { of: [one, more] }",
            "5:40: more is an ensemble; name the strategies that it listens to"
        ),
        ("ensemble: { rule: vote }", "5:28: the ensemble needs the key \"of\""),
        (
            "ensemble: { of: [one, two], rule: votes }",
            "5:52: rule cannot be \"votes\"; did you mean \"vote\"?"
        ),
        (
            "ensemble: { of: [one, two], at_lest: 2 }",
            "5:46: unknown key \"at_lest\" in the ensemble; did you mean \"at_least\"?"
        ),
        (
            "ensemble: { of: [one, two], at_least: 3 }",
            "5:56: at_least must be a whole number from 1 to 2, not \"3\""
        ),
        (
            "ensemble: { of: [one, two], rule: confidence, at_least: 2 }",
            "5:74: at_least belongs to the rule vote"
        ),
        (
            "ensemble: { of: [one, two], window: 5 }",
            "5:54: the rule vote measures nothing, so it takes no window"
        ),
        (
            "ensemble: { of: [one, two], rule: performance, window: 1 }",
            "5:73: window must be a whole number from 2 to 10000, not \"1\""
        ),
        (
            "ensemble: { of: [one, two], rule: regime }",
            "5:28: the rule regime needs the key \"regime\": the strategy whose signal names it"
        ),
        (
            "ensemble: { of: [one, two] }, timeframe: 5m",
            "5:59: an ensemble has no plug-in, so it takes no timeframe"
        ),
        (
            "ensemble: { of: [one, two] }, symbols: EEE",
            "5:57: no member of the ensemble trades EEE"
        ),
    ]) func `a wrong ensemble is named at its place`(_ ensemble: String, _ problem: String) {
        guard case .failure(let problems) = load(ensemble) else {
            Issue.record("it was taken: \(ensemble)")
            return
        }
        let found = problems.description.split(separator: "\n").map {
            $0.drop { $0 != ":" }.dropFirst()
        }
        #expect(found.contains(problem[...]), "\(problems)")
    }

    @Test func `an ensemble may stand before its members, and takes their symbols and bars`() throws
    {
        let configuration = try load("ensemble: { of: [one, two], at_least: 2 }").get()
        let plan = configuration.slots[0]
        #expect(plan.instruments == [0, 1])
        #expect(plan.timeFrames == [60, 300])
        #expect(plan.parameters.text == "rule=vote of=one,two at_least=2 least_change=0.05")
        #expect(plan.isolation == .host)
        #expect(configuration.slots.map(\.isShadow) == [false, true, false, false])
        let series = plan.ensemble?.series.map { "\($0.instrument) \($0.timeframe)" }
        #expect(series == ["0 60", "0 300", "1 300"], "what its members are shown")
    }
}
