import Feeds
import Kernel
import Market
import StrategyHost
import Testing

@testable import Deck

/// Champion and challenger over one tape, and shadows beside both.
struct ComparisonTests {
    let ground: EnsembleFolder
    static let seed: UInt64 = 77

    init() throws {
        print("seed \(Self.seed)")
        ground = try EnsembleFolder()
        try RandomTape.write(
            ground.folder.file("random.tape"), seed: Self.seed, instruments: 2, bars: 400)
    }

    private static let crosses = """
          - { name: one, plugin: org.tapedeck.sma-cross, symbols: S0, params: { fast: 3, slow: 9 } }
          - { name: same, plugin: org.tapedeck.sma-cross, symbols: S0, params: { fast: 3, slow: 9 } }
          - { name: other, plugin: org.tapedeck.sma-cross, symbols: S0, params: { fast: 5, slow: 20 } }
          - { name: rich, plugin: org.tapedeck.buy-and-hold, symbols: S1, cash: 5000 USD }
        """

    private func play(_ compare: String, _ sampling: String = "bar") throws -> RunResult {
        try ground.play(
            try ground.configuration(
                Self.crosses, top: "metrics: { sampling: \(sampling) }\n\(compare)",
                tape: "random.tape")
        ).result
    }

    @Test func `without a comparison there is none`() throws {
        #expect(try play("").comparisons == nil)
    }

    @Test func `equal strategies do not differ, and that is said`() throws {
        let result = try play("compare: [{ champion: one, challenger: same }]")
        let found = try #require(result.comparisons?.first)
        #expect(found.difference == 0 && found.tStatistic == nil)
        #expect(found.periods == result.slots[0].counts.equitySamples)
        #expect(
            found.words == "same and one had the same return in every one of \(found.periods) bars")
    }

    @Test func `a difference is that of the mean returns, with what chance has to do with it`()
        throws
    {
        let result = try play(
            "compare: [{ champion: one, challenger: [other, rich], confidence: 90% }]")
        let found = try #require(result.comparisons)
        #expect(found.map(\.challenger) == ["other", "rich"])
        for one in found {
            #expect((one.difference - (one.challengerMean - one.championMean)).magnitude < 1e-15)
            #expect(one.confidence == 0.9 && one.among == 2 && one.seed == 1)
            let (lower, upper) = (try #require(one.lower), try #require(one.upper))
            #expect((lower + upper - 2 * one.difference).magnitude < 1e-15)
            let chance = try #require(one.chance)
            #expect((lower...upper).contains(0) == (chance > 0.1))
            #expect(
                one.words.contains("as one of 2 comparisons it takes p below 0.05"), "\(one.words)")
        }
        // The same seed draws the same.
        #expect(
            try play("compare: [{ champion: one, challenger: [other, rich], confidence: 90% }]")
                .comparisons == found)
    }

    @Test func `the first period begins with the cash`() throws {
        let three = try EnsembleFolder(bars: 3)
        let strategies = """
              - { name: idle, plugin: org.tapedeck.sma-cross, symbols: AAA }
              - { name: holds, plugin: org.tapedeck.buy-and-hold, symbols: AAA, params: { quantity: 100 } }
            """
        let result = try three.play(
            try three.configuration(
                strategies,
                top: "metrics: { sampling: bar }\ncompare: [{ champion: idle, challenger: holds }]")
        ).result
        let found = try #require(result.comparisons?.first)
        // Bought at the open of 102, worth 103 and 104 at the closes: 0, 100 / 100,000 and 100 /
        // 100,100.
        #expect(found.periods == 3)
        #expect((found.challengerMean - 0.000666333666333666).magnitude < 1e-15)
        #expect(found.championMean == 0)
    }

    @Test func `too few days are too few to say`() throws {
        let result = try play("compare: [{ champion: one, challenger: rich }]", "session")
        let found = try #require(result.comparisons?.first)
        #expect(found.periods < 30 && found.chance == nil && found.lower == nil)
        #expect(
            found.words.hasSuffix("days are too few to say anything of chance; 30 are the least"),
            "\(found.words)")
    }

    @Test func `what is compared is kept with the result`() throws {
        let result = try play("compare: [{ champion: one, challenger: other }]")
        let read = try RunResult.read(try result.json)
        #expect(read.comparisons == result.comparisons)
    }

    @Test(arguments: [
        (
            "compare: [{ champion: one, challenger: onee }]",
            "there is no strategy \"onee\"; did you mean \"one\"?"
        ),
        ("compare: [{ champion: one, challenger: one }]", "one cannot challenge itself"),
        ("compare: [{ champion: one }]", "the comparison needs the key \"challenger\""),
        (
            "compare: { champion: one }",
            "compare must be a list (its lines begin with \"- \"), not a block of keys"
        ),
        (
            "compare: [{ champion: one, challenger: other, confidence: 20% }]",
            "confidence takes a share from 50% to 99.9%"
        ),
    ]) func `a wrong comparison is named at its place`(_ compare: String, _ message: String) {
        do {
            _ = try play(compare)
            Issue.record("it was taken")
        } catch {
            #expect("\(error)".contains("c.yaml:4:") && "\(error)".contains(message), "\(error)")
        }
    }
}

/// A shadow is played and measured; no sum and no limit counts it.
struct ShadowTests {
    let ground: EnsembleFolder

    init() throws {
        ground = try EnsembleFolder()
        try RandomTape.write(ground.folder.file("random.tape"), seed: 5, instruments: 2, bars: 400)
    }

    private static let counted = """
          - { name: a, plugin: org.tapedeck.sma-cross, symbols: S0, params: { fast: 3, slow: 9 } }
          - { name: b, plugin: org.tapedeck.buy-and-hold, symbols: S1 }
        """

    private func play(_ more: String, limits: String) throws -> RunResult {
        try ground.play(
            try ground.configuration(
                Self.counted + "\n" + more, top: "limits: \(limits)", tape: "random.tape")
        ).result
    }

    @Test func `shadows leave sums, limits and correlations as they are`() throws {
        let limits =
            "{ check: 5m, max_gross_exposure: { limit: 30%, action: flatten }, correlation: { every: 10m, window: 9 } }"
        let shadow =
            "  - { name: s, plugin: org.tapedeck.buy-and-hold, symbols: S0, cash: 1000000 USD, sizing: 99%"
        let without = try play("", limits: limits)
        let with = try play(shadow + ", shadow: true }", limits: limits)
        #expect((without.overall?.breachCount ?? 0) > 0)
        #expect(with.overall == without.overall)
        #expect(Array(with.slots.prefix(2)) == without.slots)
        #expect(with.slots.map(\.shadow) == [nil, nil, true])
        #expect(with.slots[2].counts.fills > 0, "it is played")
        let counted = try play(shadow + " }", limits: limits)
        #expect(counted.overall != without.overall)
    }

    @Test func `a shadow may be in money of another currency than what limits add up`() throws {
        try ground.folder.writeTape(bars: 200)
        let text = """
              - { name: a, plugin: org.tapedeck.buy-and-hold, symbols: AAA, timeframe: 1m }
              - { name: e, plugin: org.tapedeck.buy-and-hold, symbols: EEE, timeframe: 1h, cash: 1000 EUR, shadow: true }
            """
        let configuration = try ground.configuration(
            text, top: "limits: { max_drawdown: 50% }", tape: "small.tape")
        #expect(try ground.play(configuration).result.slots[1].counts.fills == 1)
    }
}
