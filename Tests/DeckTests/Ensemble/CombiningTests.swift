import Testing

@testable import Deck

/// The rules on paper: every expected value is worked out by hand.
struct CombiningTests {
    @Test(
        arguments: [
            ([1.0, 1, 1], 1.0), ([1, 1, -1], 1 / 3.0), ([1, -1], 0), ([1, 0, 0, 0], 0.25),
            ([-0.2, -0.9, 0.1], -1 / 3.0),
            ([], 0),
        ] as [([Double], Double)])
    func `a vote is those for less those against, of all who vote`(
        _ forecasts: [Double], _ expected: Double
    ) {
        #expect(Combining.vote(forecasts.map { Ballot(forecast: $0) }) == expected)
    }

    @Test(
        arguments: [
            ([1.0, 1, 0], 2, 1.0), ([1, 0, 0], 2, 0), ([1, 1, -1], 2, 0.5),
            ([-1, -1, -1, 1], 3, -2 / 3.0),
            ([1, 1, -1, -1], 2, 0), ([0, 0, 0], 1, 0),
        ] as [([Double], Int, Double)])
    func `at least so many must want a side, and whoever is against it makes it smaller`(
        _ forecasts: [Double], _ least: Int, _ expected: Double
    ) {
        #expect(Combining.vote(forecasts.map { Ballot(forecast: $0) }, atLeast: least) == expected)
    }

    @Test func `a forecast counts by its confidence`() {
        // (0.75 * 1 - 0.25 * 1) / (0.75 + 0.25)
        let two = [Ballot(forecast: 1, confidence: 0.75), Ballot(forecast: -1, confidence: 0.25)]
        #expect(Combining.confidence(two) == 0.5)
        // (0.5 * 0.5 + 1 * -0.25 + 0 * 1) / 1.5 = 0
        let three = [
            Ballot(forecast: 0.5, confidence: 0.5), Ballot(forecast: -0.25, confidence: 1),
            Ballot(forecast: 1, confidence: 0),
        ]
        #expect(Combining.confidence(three) == 0)
        #expect(
            Combining.confidence([Ballot(forecast: 1, confidence: 0)]) == 0,
            "nobody is sure of anything")
    }

    @Test func `a forecast counts by its weight, and equally while one has none`() {
        // (3 * 1 + 1 * -1) / 4
        let weighed = [Ballot(forecast: 1, weight: 3), Ballot(forecast: -1, weight: 1)]
        #expect(Combining.weighted(weighed) == 0.5)
        #expect(Combining.weighted(weighed + [Ballot(forecast: 1, weight: nil)]) == 1 / 3.0)
        #expect(Combining.weighted([Ballot(forecast: 1, weight: 0)]) == 0)
    }
}

/// What members weigh, by hand.
struct MemberTrackTests {
    private func track(
        _ rule: EnsemblePlan.Rule, window: Int, _ equity: [[Int64]], _ labels: [Int?] = []
    ) -> MemberTrack {
        var plan = EnsemblePlan(members: ["a", "b"])
        plan.rule = rule
        plan.window = window
        var track = MemberTrack(plan)
        for (place, row) in equity.enumerated() {
            track.measure(row.map { $0 }, [labels.indices.contains(place) ? labels[place] : nil])
        }
        return track
    }

    @Test func `inverse volatility is one by the sample's deviation of the returns`() throws {
        // a: +10 %, -10 %: mean 0, deviation sqrt(0.02) = 0.141421...; b: +1 %, -1 %: a tenth of
        // it.
        let track = track(
            .inverseVolatility, window: 2,
            [[100_000, 100_000], [110_000, 101_000], [99_000, 99_990]])
        let (a, b) = (try #require(track.weight(0)), try #require(track.weight(1)))
        #expect((a - 7.0710678118654755).magnitude < 1e-9)
        #expect((b - 70.710678118654755).magnitude < 1e-6)
        #expect(MemberTrack.inverseVolatility([0, 0, 0]) == 0, "nothing moved")
    }

    @Test func `performance is mean by deviation, and a loser weighs nothing`() {
        // 3 %, 1 %: mean 2 %, deviation sqrt(2) %.
        #expect((MemberTrack.performance([0.03, 0.01]) - 1.4142135623730951).magnitude < 1e-12)
        #expect(MemberTrack.performance([0.03, -0.05]) == 0)
    }

    @Test func `there is no weight before a whole window`() {
        let short = track(.performance, window: 3, [[100, 100], [101, 102], [102, 103]])
        #expect(short.weight(0) == nil)
        let whole = track(
            .performance, window: 3, [[100, 100], [101, 102], [102, 103], [105, 104]])
        #expect(whole.weight(0) != nil)
    }

    @Test
    func `the best of a regime is the one with the highest mean over the periods that began in it`()
    {
        // Periods that began in 1: a gains 1 % in each; in -1: b gains 2 %, a loses.
        var (a, b): (Int64, Int64) = (1_000_000, 1_000_000)
        var rows: [[Int64]] = [[a, b]]
        var labels: [Int?] = [1]
        for period in 0..<12 {
            let rises = period % 2 == 0
            a = rises ? a * 101 / 100 : a * 99 / 100
            b = rises ? b : b * 102 / 100
            rows.append([a, b])
            labels.append(period % 2 == 0 ? -1 : 1)
        }
        let track = track(.regime, window: 20, rows, labels)
        #expect(track.best(in: 1, 0) == .member(0))
        #expect(track.best(in: -1, 0) == .member(1))
        #expect(track.best(in: 0, 0) == .unknown, "never seen")
        #expect(track.best(in: nil, 0) == .unknown)
    }

    @Test func `where nobody gained in a regime nobody is best`() {
        let falls: [[Int64]] = (0..<8).map { [1_000_000 - Int64($0) * 1_000, 1_000_000] }
        #expect(
            track(.regime, window: 20, falls, Array(repeating: 1, count: 8)).best(in: 1, 0) == .none
        )
    }
}
