import CTapedeck
import Feeds
import Glibc
import Market
import Testing

@Suite struct SyntheticMarketTests {
    private func settings(
        _ change: (inout SyntheticSettings) -> Void = { _ in }
    ) -> SyntheticSettings {
        var settings = SyntheticSettings()
        settings.seed = 7
        settings.sessions = 3
        settings.calendar = "XNYS"
        settings.symbols = [.init("AAA"), .init("BBB", price: 40), .init("CCC", price: 2500)]
        change(&settings)
        return settings
    }

    private func tape(_ change: (inout SyntheticSettings) -> Void = { _ in }) throws -> TapeFile {
        try SyntheticMarket.write(settings(change), to: .memory("synthetic"))
    }

    /// Pinned: a seed makes this tape on every machine and in every version that does not say
    /// otherwise.
    @Test func `a seed makes one tape, the same everywhere`() throws {
        let bars = try tape().header.digest
        #expect(
            bars.description
                == "2260e09f7db48a73abf27cc34e4ce373c74590b14ddcbaba65ad49a2467471bd")
        let again = try tape().header.digest
        #expect(again == bars)
        let other = try tape { $0.seed = 8 }.header.digest
        #expect(other != bars)
        let trades = try tape {
            $0.kind = .trades; $0.tradesPerSession = 500; $0.hasQuotes = true
        }
        #expect(
            trades.header.digest.description
                == "17f4729c2fb7901447216bcbd67483fab2495ada57450113d59d2d2a832f6d71")
    }

    @Test(arguments: [
        ("XNYS", SyntheticSettings.Kind.bars, 60, false), ("24/7", .bars, 60, false),
        ("XNYS", .bars, 3600, false),
        ("XNYS", .bars, 86_400, false), ("24/7", .trades, 60, true), ("XNYS", .trades, 60, true),
        ("24/5", .bars, 900, false),
    ])
    func `every event may stand on a tape and is marked as made up`(
        calendar: String, kind: SyntheticSettings.Kind, seconds: Int, hasQuotes: Bool
    ) throws {
        let tape = try tape {
            $0.calendar = calendar
            $0.kind = kind
            $0.timeframe = TimeFrame(rawValue: UInt32(seconds))
            $0.hasQuotes = hasQuotes
            $0.tradesPerSession = 300
            $0.from = CivilDate("2024-07-01")!
        }
        try ImportPropertyTests.check(tape, "\(calendar) \(kind) \(seconds)")
        #expect(tape.events.allSatisfy { $0.marks.contains(.synthetic) })
        #expect(tape.contents.isSynthetic)
        #expect(tape.contents.label.hasPrefix("SYNTHETIC: seed 7, 3 symbols, \(calendar)"))
        let check = try DataCheck.run(tape)
        #expect(check.isSound && check.isSynthetic)
        #expect(
            check.series.allSatisfy {
                $0.missingBars == 0 && $0.outsideSessions == 0 && $0.crossedQuotes == 0
            })
        #expect(check.text().contains("SYNTHETIC"))
    }

    @Test func `a half day has fewer bars, and an hour that does not fit is short`() throws {
        let tape = try tape {
            $0.from = CivilDate("2024-07-02")!
            $0.sessions = 2
            $0.timeframe = .hours(1)
            $0.symbols = [.init("AAA")]
        }
        let bars = tape.events.filter { $0.kind == .bar }
        // 6.5 hours on July 2nd, 3.5 on the 3rd.
        #expect(bars.count == 7 + 4)
        #expect(
            bars.filter { $0.marks.contains(.shortBar) }.map { TimeText.string($0.timestamp) }
                == ["2024-07-02T20:00:00Z", "2024-07-03T17:00:00Z"])
    }

    @Test func `symbols move together as much as they are told to`() throws {
        for (correlation, range) in [(0.0, -0.1...0.1), (0.5, 0.4...0.6), (0.95, 0.9...1.0)] {
            let tape = try tape {
                $0.correlation = correlation
                $0.sessions = 20
                $0.regimes = [
                    .init(
                        "flat", drift: 0, volatility: 1, length: 10, weight: 1, jumps: 0,
                        jumpSize: 0)
                ]
                $0.symbols = [.init("A", price: 1000), .init("B", price: 1000)]
            }
            let found = Self.correlation(Self.returns(tape, 0), Self.returns(tape, 1))
            #expect(range.contains(found), "\(correlation): \(found)")
        }
    }

    @Test func `volatility is what was asked for, in bars and in trades`() throws {
        for kind in SyntheticSettings.Kind.allCases {
            let tape = try tape {
                $0.kind = kind
                $0.sessions = 60
                $0.tradesPerSession = 400
                $0.spread = 0
                $0.timeframe = .minutes(5)
                $0.regimes = [
                    .init(
                        "flat", drift: 0, volatility: 1, length: 10, weight: 1, jumps: 0,
                        jumpSize: 0)
                ]
                $0.symbols = [.init("A", price: 10_000, volatility: 0.3)]
                $0.overnight = 0
            }
            let returns = Self.returns(tape, 0)
            let sum = returns.reduce(0) { $0 + $1 * $1 }
            let yearly = (sum / 60 * 252).squareRoot()
            #expect((0.27...0.34).contains(yearly), "\(kind): \(yearly)")
        }
    }

    @Test func `a crash is a crash, and the ends of a session are busy`() throws {
        let crash = SyntheticSettings.ordinaryRegimes[2]
        let tape = try tape {
            $0.regimes = [crash]
            $0.sessions = 40
            $0.symbols = [.init("A", price: 1000)]
        }
        let bars = tape.events.filter { $0.kind == .bar }
        #expect(bars.last!.bar.close < bars.first!.bar.open)
        let perDay = bars.count / 40
        func volume(_ minutes: Range<Int>) -> Double {
            bars.enumerated().filter { minutes.contains($0.offset % perDay) }.reduce(0) {
                $0 + $1.element.bar.volume
            }
        }
        #expect(volume(0..<30) > 1.8 * volume(180..<210))
        #expect(volume(360..<390) > 1.8 * volume(180..<210))
    }

    @Test func `what makes no market is refused in words`() {
        let error = #expect(throws: FeedError.self) {
            try tape {
                $0.symbols = []; $0.correlation = 2; $0.sessions = 0
            }
        }
        #expect(
            error?.message == """
                a synthetic market needs between 1 and 1000 symbols; between 1 and 100000 sessions; \
                a correlation between 0 and 1
                """)
        #expect(throws: FeedError.self) { try tape { $0.calendar = "MOON" } }
        #expect(throws: FeedError.self) { try tape { $0.symbols[0].price = .nan } }
    }

    @Test func `settings survive JSON`() throws {
        let settings = settings()
        let copy = try Coding.copy(of: settings)
        #expect(copy == settings)
    }

    private static func returns(_ tape: TapeFile, _ instrument: UInt16) -> [Double] {
        let prices = tape.events.filter {
            $0.instrument == instrument && ($0.kind == .bar || $0.kind == .trade)
        }
        .map { $0.kind == .bar ? $0.bar.close : $0.trade.price }
        return zip(prices, prices.dropFirst()).map { log($1 / $0) }
    }

    private static func correlation(_ a: [Double], _ b: [Double]) -> Double {
        let n = Double(a.count)
        let x = a.reduce(0, +) / n, y = b.reduce(0, +) / n
        let xy = zip(a, b).reduce(0) { $0 + ($1.0 - x) * ($1.1 - y) }
        let xx = a.reduce(0) { $0 + ($1 - x) * ($1 - x) },
            yy = b.reduce(0) { $0 + ($1 - y) * ($1 - y) }
        return xy / (xx * yy).squareRoot()
    }
}
