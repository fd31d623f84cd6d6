import CTapedeck
import Feeds
import Market
import TestGround
import Testing

/// What is imported, exported and imported again is the same tape, byte for byte.
@Suite struct RoundTripTests {
    let folder = ScratchFolder()

    private func settings(_ calendar: String, _ symbol: String?) -> CSVImportSettings {
        var settings = CSVImportSettings()
        settings.calendar = calendar
        settings.source = "test"
        settings.isDurable = false
        settings.instrument.symbol = symbol
        return settings
    }

    @Test(arguments: DialectTests.cases)
    func `a tape survives its own form`(one: DialectTests.Case) throws {
        let hasSymbols = ["Stooq with", "CryptoData", "a table of"].contains {
            one.name.hasPrefix($0)
        }
        var settings = settings(one.calendar, hasSymbols ? nil : "AAA")
        let first = try CSVImport.run(
            folder.write(one.text, "one.csv"), to: .file(folder.file("one.tape")),
            settings: settings)
        let tape = try #require(first.tape)
        let rows = try CSVExport.run(tape, to: folder.file("two.csv"))
        #expect(
            rows
                == tape.header.series.filter {
                    $0.type == UInt8(TD_EVENT_BAR) || $0.type == UInt8(TD_EVENT_TRADE)
                        || $0.type == UInt8(TD_EVENT_QUOTE)
                }.reduce(0) { $0 + $1.count })
        // A file of one symbol does not repeat its name in every row.
        if hasSymbols, tape.contents.instruments.count == 1 {
            settings.instrument.symbol = tape.contents.instruments[0].symbol
        }
        // Two rows are too few to tell a week from a gap; the tape knows.
        settings.hints.timeframe = first.report.dialect.timeframe
        let second = try CSVImport.run(
            folder.file("two.csv"), to: .file(folder.file("two.tape")), settings: settings)
        let again = try #require(second.tape, "\(second.report.text())")
        #expect(haveSameBytes(folder.file("two.tape"), folder.file("one.tape")))
        _ = try CSVExport.run(again, to: folder.file("three.csv"))
        #expect(haveSameBytes(folder.file("three.csv"), folder.file("two.csv")))
    }

    @Test(arguments: ["24/7", "XNYS"])
    func `a made-up market stays one, event by event`(calendar: String) throws {
        var made = SyntheticSettings()
        made.calendar = calendar
        made.sessions = 3
        made.symbols = [.init("AAA"), .init("BBB")]
        let tape = try SyntheticMarket.write(made, to: .memory("made"))
        _ = try CSVExport.run(tape, to: folder.file("made.csv"))
        let again = try #require(
            try CSVImport.run(
                folder.file("made.csv"), to: .memory("again"), settings: settings(calendar, nil)
            ).tape)
        #expect(again.contents.isSynthetic && again.count == tape.count)
        let other = zip(tape.events, again.events).first { one, other in
            unsafe withUnsafeBytes(of: one) { unsafe Array($0) }
                != withUnsafeBytes(of: other) { unsafe Array($0) }
        }
        #expect(other == nil, "\(other as Any)")
    }

    @Test func `our own form is written back as it was`() throws {
        let text = """
            date,symbol,open,high,low,close,volume,dividend,split
            2014-06-06,AAPL,649.9,651.26,644.47,645.57,12497800,0.47,1
            2014-06-06,MSFT,41.48,41.66,41.24,41.48,24060500,0,1
            2014-06-09,AAPL,92.7,93.88,91.75,93.7,75415000,0,7
            2014-06-09,MSFT,41.39,41.48,41.02,41.27,15019200,0,1

            """
        let tape = try #require(
            try CSVImport.run(
                folder.write(text, "a.csv"), to: .memory("a"), settings: settings("XNYS", nil)
            ).tape)
        _ = try CSVExport.run(tape, to: folder.file("b.csv"))
        #expect(String(decoding: bytes(of: folder.file("b.csv")), as: UTF8.self) == text)
        #expect(tape.contents.hasSessions)
        #expect(tape.header.series.map(\.type) == [1, 5, 6, 7, 8, 1])
    }

    @Test(arguments: [
        CSVExportSettings.Form.yahoo, .stooq, .binance, .coinbase, .alpaca, .cryptoDataDownload,
    ])
    func `other forms bring the same events back`(form: CSVExportSettings.Form) throws {
        for (calendar, isDaily) in [
            ("24/7", false), ("24/7", true), ("XNYS", true), ("XNYS", false),
        ] {
            if form == .yahoo, !isDaily { continue }
            let text =
                isDaily
                ? "date,open,high,low,close,volume\n2024-01-02,10.25,12,9,11,5\n2024-01-03,11,12,10,12,6\n2024-01-04,11,12.125,10,12,0.5\n"
                : "ts,open,high,low,close,volume\n2024-01-02T14:30:00Z,10.25,12,9,11,5\n2024-01-02T14:31:00Z,11,12,10,12,6\n2024-01-02T14:33:00Z,11,12.125,10,12,0.5\n"
            let tape = try #require(
                try CSVImport.run(
                    folder.write(text, "a.csv"), to: .memory("a"),
                    settings: settings(calendar, "AAA")
                ).tape)
            var export = CSVExportSettings()
            export.form = form
            _ = try CSVExport.run(tape, to: folder.file("b.csv"), settings: export)
            let namesSymbols = form == .cryptoDataDownload || form == .stooq && !isDaily
            let back = try CSVImport.run(
                folder.file("b.csv"), to: .memory("b"),
                settings: settings(calendar, namesSymbols ? nil : "AAA"))
            let again = try #require(back.tape, "\(back.report.text())")
            let written = String(decoding: bytes(of: folder.file("b.csv")), as: UTF8.self)
            #expect(
                again.events.elementsEqual(tape.events, by: Self.isSame), "\(calendar) \(written)")
        }
    }

    static func isSame(_ a: Event, _ b: Event) -> Bool {
        withUnsafeBytes(of: a) { a in withUnsafeBytes(of: b) { b in a.elementsEqual(b) } }
    }

    @Test func `Yahoo's adjusted close takes every dividend off the closes before it`() throws {
        let text =
            "date,open,high,low,close,volume,dividend\n2024-01-02,100,100,100,100,5,0\n2024-01-03,100,100,100,100,6,1\n2024-01-04,50,50,50,50,7,0.5\n"
        let tape = try #require(
            try CSVImport.run(
                folder.write(text, "a.csv"), to: .memory("a"), settings: settings("XNYS", nil)
            ).tape)
        var export = CSVExportSettings()
        export.form = .yahoo
        _ = try CSVExport.run(tape, to: folder.file("b.csv"), settings: export)
        #expect(
            String(decoding: bytes(of: folder.file("b.csv")), as: UTF8.self) == """
                Date,Open,High,Low,Close,Adj Close,Volume
                2024-01-02,100,100,100,100,98.505,5
                2024-01-03,100,100,100,100,99.5,6
                2024-01-04,50,50,50,50,50,7

                """)
    }

    @Test func `what a form cannot say is refused`() throws {
        let bars = try #require(
            try ImportedCSV(
                "ts,symbol,open,high,low,close,volume\n2024-01-02T14:30:00Z,A,1,2,1,2,5\n2024-01-02T14:30:00Z,B,1,2,1,2,5\n2024-01-02T14:31:00Z,B,1,2,1,2,5\n"
            ).tape)
        func refusal(_ change: (inout CSVExportSettings) -> Void) -> String? {
            var settings = CSVExportSettings()
            change(&settings)
            do throws(FeedError) {
                _ = try CSVExport.run(bars, to: folder.file("x.csv"), settings: settings)
                return nil
            } catch { return error.message }
        }
        #expect(refusal { $0.form = .binance } == "the form binance holds one symbol a file")
        #expect(
            refusal {
                $0.form = .yahoo; $0.symbols = ["A"]
            } == "the form yahoo is for daily bars, not 1m")
        #expect(refusal { $0.symbols = ["C"] } == "there is no C on this tape")
        #expect(
            refusal { $0.kind = .trades } == "there are no trades of these symbols on this tape")
        #expect(refusal { $0.timeframe = .day } == "there are no bars of 1d on this tape")
        #expect(folder.names == [])
        #expect(
            refusal {
                $0.form = .binance; $0.symbols = ["B"]
            } == nil)
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func `random numbers come back to the last bit`(seed: UInt64) throws {
        var random = Xoshiro256StarStar(seed: seed)
        var text = "ts,open,high,low,close,volume\n"
        print("round trip: seed \(seed)")
        var expected: [Double] = []
        for minute in 0..<400 {
            let digits = Int(random.below(12))
            let decimals = Int(random.below(12))
            func number() -> String {
                let whole = random.below(UInt64(PowerOfTen.integer(min(digits, 9))) + 1)
                let fraction = String(random.next() % UInt64(PowerOfTen.integer(max(1, decimals))))
                return decimals == 0 ? "\(whole + 1)" : "\(whole + 1).\(fraction)"
            }
            let price = number(), volume = number()
            let time = TimeText.string(Timestamp(seconds: 1_700_000_040 + Int64(minute) * 60))
            text += "\(time),\(price),\(price),\(price),\(price),\(volume)\n"
            expected += [Double(price)!, Double(volume)!]
        }
        let settings = settings("24/7", "AAA")
        let first = try #require(
            try CSVImport.run(
                folder.write(text, "a.csv"), to: .file(folder.file("a.tape")), settings: settings
            ).tape)
        #expect(first.events.flatMap { [$0.bar.open, $0.bar.volume] } == expected)
        _ = try CSVExport.run(first, to: folder.file("b.csv"))
        _ = try CSVImport.run(
            folder.file("b.csv"), to: .file(folder.file("b.tape")), settings: settings)
        #expect(haveSameBytes(folder.file("a.tape"), folder.file("b.tape")))
    }
}
