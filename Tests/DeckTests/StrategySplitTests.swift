import CTapedeck
import Deck
import Feeds
import Kernel
import Market
import StrategyHost
import TestGround
import Testing

/// Every shipped strategy over raw prices with splits, and over the same market in the prices of its
/// end: it must decide at the same bars, in proportion.
struct StrategySplitTests {
    private static let seed: UInt64 = 20_251_122
    /// Of AAA before minute 701, a split in two; of BBB before minute 1101, eight for one.
    private static let splits: [(before: Int, numerator: Int64, denominator: Int64)] = [
        (701, 2, 1), (1_101, 1, 8),
    ]
    private static let minutes = 1_500

    private static let strategies: [(plugin: String, parameters: String)] = [
        ("buy-and-hold", ""), ("buy-and-hold", "wait_bars: 690"),
        ("sma-cross", "fast: 5, slow: 20"),
        ("sma-cross", "fast: 10, slow: 60, signal: state, stop_loss: 4%, trailing_stop: 6%"),
        ("sma-cross", "fast: 5, slow: 20, reverse: true, regime: trend, regime_adx: 20"),
        ("sma-cross", "fast: 5, slow: 20, regime: range, regime_volatility: 2"),
        ("macd", ""), ("macd", "fast: 5, slow: 13, signal: 4, reverse: true"),
        ("rsi", "low: 40, high: 60, short: true, stop_loss: 5%"), ("rsi", "regime: range"),
        ("zscore", "entry: 1"), ("zscore", "length: 60, entry: 1.5, both: true, take_profit: 3%"),
        ("zscore", "entry: 1, regime: range, regime_adx: 40, regime_volatility: 3"),
        ("donchian", ""), ("donchian", "entry: stop, short: true"),
        ("donchian", "entry_length: 60, exit_length: 30, regime: trend, regime_adx: 15"),
        ("volume-profile", "length: 60"), ("volume-profile", "length: 60, refresh: 1, short: true"),
        ("atr-breakout", "k: 0.5"),
        ("atr-breakout", "length: 50, k: 0.2, regime: trend, regime_adx: 15"),
        ("dip-limit", ""), ("dip-limit", "regime: range, regime_adx: 30, regime_volatility: 5"),
        ("regime-filter", ""),
    ]

    private let folder = DeckFolder()

    /// A walk in steps that raw and adjusted prices both can be written in; the same for one seed.
    private func write(_ name: String, isRaw: Bool) throws {
        var random = SplitMix64(seed: Self.seed)
        func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
        var prices = [1_250, 1_250]
        var events: [Event] = []
        for minute in 1...Self.minutes {
            let time = Timestamp(seconds: 1_700_000_040 + Int64(minute) * 60)
            for id in 0..<2 {
                let split = Self.splits[id]
                if isRaw, minute == split.before {
                    events.append(
                        .split(
                            InstrumentID(id), at: time - 59_000_000_000,
                            numerator: split.numerator, denominator: split.denominator))
                }
                let ratio = Double(split.numerator) / Double(split.denominator)
                let scale = isRaw && minute < split.before ? ratio : 1
                let open = prices[id]
                let close = max(300, open + below(41) - 20 + (1_250 - open) / 60)
                let high = max(open, close) + below(12)
                let low = min(open, close) - below(12)
                func price(_ steps: Int) -> Double { Double(steps * 8) / 100 * scale }
                events.append(
                    .bar(
                        InstrumentID(id), .minutes(1), closes: time,
                        Bar(
                            open: price(open), high: price(high), low: price(low),
                            close: price(close), volume: Double(8 * (100 + below(900))) / scale)))
                prices[id] = close
            }
        }
        EventOrder.sort(&events)
        try write(events, of: ["AAA", "BBB"], priceExponent: -4, name)
    }

    private func write(
        _ events: [Event], of symbols: [String], priceExponent: Int, _ name: String
    ) throws {
        let writer = try TapeWriter(.file(folder.file(name)), isDurable: false)
        try writer.append(events)
        _ = try writer.finish(
            TapeContents(
                instruments: symbols.enumerated().map {
                    Instrument(
                        id: UInt16($0), symbol: $1, currency: Currency(code: "USD", exponent: 6),
                        calendar: "24/7", priceExponent: priceExponent, quantityExponent: -6,
                        priceStep: Price(1), quantityStep: Quantity(1))
                }, stamps: symbols.map { _ in .open }, source: "test"))
    }

    /// - Parameters:
    ///   - frame: of 7 minutes each split falls into a bar.
    ///   - begin: the minute from which results count; what lies before is history.
    private func play(
        _ tape: String, _ frame: String, from begin: Int?
    ) throws -> [RecordKeeper.SlotRecords] {
        let slots = Self.strategies.enumerated().map { number, strategy in
            """
              - name: s\(number)
                plugin: \(DeckFolder.shippedPlugins)/\(strategy.plugin).so
                symbols: all
                timeframe: \(frame)
                allow_short: true
                sizing: 20%
                params: { \(strategy.parameters) }
            """
        }
        let from =
            begin.map {
                ", from: \(TimeText.string(Timestamp(seconds: 1_700_000_040 + Int64($0) * 60)))"
            } ?? ""
        let configuration = try DeckConfiguration.load(
            text: """
                feed: { source: tape, path: \(tape)\(from) }
                strategies:
                \(slots.joined(separator: "\n"))
                """, path: folder.file("c.yaml"), overrides: DeckFolder.inHost
        ).get()
        let keeper = RecordKeeper()
        let result = try TapeDeck(configuration, plugins: PluginStore(probe: nil)).play(
            into: keeper)
        #expect(result.slots.allSatisfy { $0.fault == nil })
        return keeper.slots
    }

    @Test(arguments: [("1m", nil), ("7m", nil), ("1m", 705), ("1m", 1_110)])
    func `a shipped strategy decides over a split as if there had never been another price`(
        frame: String, begin: Int?
    ) throws {
        print("seed \(Self.seed)")
        try write("raw.tape", isRaw: true)
        try write("adjusted.tape", isRaw: false)
        let raw = try play("raw.tape", frame, from: begin)
        let adjusted = try play("adjusted.tape", frame, from: begin)
        for (number, strategy) in Self.strategies.enumerated() {
            let name = "\(strategy.plugin) { \(strategy.parameters) }"
            compare(raw[number].records.fills, adjusted[number].records.fills, name)
            #expect(
                raw[number].signals.map(Signal.init) == adjusted[number].signals.map(Signal.init),
                "\(name): signals")
        }
    }

    @Test func `the seven for one split of a real share crosses no average and leaves no channel`()
        throws
    {
        let table = try Table(
            GoldenFolder.data.appendingPathComponent("actions/AAPL_MSFT_2014_raw_with_actions.csv"))
        var (raw, adjusted): ([Event], [Event]) = ([], [])
        for row in 0..<table.count where try table.text(row, "ticker") == "AAPL" {
            let closes = Timestamp(seconds: Int64(raw.count + 16_000) * 86_400)
            if try table.number(row, "split_ratio") == 7 {
                raw.append(.split(0, at: closes - 3_600_000_000_000, numerator: 7, denominator: 1))
            }
            let isBefore = try table.text(row, "date") < "2014-06-09"
            func bar(_ ratio: Double) throws -> Bar {
                func price(_ column: String) throws -> Double {
                    (try table.number(row, column) / ratio * 1e6).rounded() / 1e6
                }
                return Bar(
                    open: try price("open"), high: try price("high"), low: try price("low"),
                    close: try price("close"),
                    volume: (try table.number(row, "volume") * ratio).rounded())
            }
            raw.append(.bar(0, .day, closes: closes, try bar(1)))
            adjusted.append(.bar(0, .day, closes: closes, try bar(isBefore ? 7 : 1)))
        }
        try write(raw, of: ["AAPL"], priceExponent: -6, "raw.tape")
        try write(adjusted, of: ["AAPL"], priceExponent: -6, "adjusted.tape")
        let (found, expected) = (
            try play("raw.tape", "1d", from: nil), try play("adjusted.tape", "1d", from: nil)
        )
        var fills = 0
        for (number, strategy) in Self.strategies.enumerated() {
            fills += expected[number].records.fills.count
            #expect(
                found[number].records.fills.map(\.time)
                    == expected[number].records.fills.map(\.time),
                "\(strategy.plugin) { \(strategy.parameters) }")
        }
        #expect(fills > 100)
    }

    private struct Signal: Equatable {
        let time: Timestamp
        let instrument: InstrumentID
        let forecast, confidence: Double
        init(_ record: SignalRecord) {
            (time, instrument) = (record.time, record.instrument)
            (forecast, confidence) = (record.forecast, record.confidence)
        }
    }

    private func compare(
        _ raw: ContiguousArray<FillRecord>, _ adjusted: ContiguousArray<FillRecord>, _ name: String
    ) {
        #expect(raw.count == adjusted.count, "\(name): fills")
        for (one, other) in zip(raw, adjusted) {
            let split = Self.splits[Int(one.instrument)]
            let minute = (one.time.rawValue / 1_000_000_000 - 1_700_000_040) / 60
            let ratio =
                minute < split.before ? Double(split.numerator) / Double(split.denominator) : 1
            let quantity = Double(one.quantity.rawValue) * ratio
            let price = Double(one.price.rawValue) / ratio
            // Sizes are cut to a millionth, stops to a hundredth of a cent, on either side.
            let isSame =
                one.time == other.time && one.instrument == other.instrument
                && one.reason == other.reason
                && abs(quantity / Double(other.quantity.rawValue) - 1) < 1e-4
                && abs(price - Double(other.price.rawValue)) <= 10
            if isSame { continue }
            Issue.record("\(name): \(one), over adjusted prices \(other)")
            return
        }
    }
}
