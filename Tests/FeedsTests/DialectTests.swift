import CTapedeck
import Feeds
import Market
import Testing

/// What the sources of the world write, and what becomes of it.
@Suite struct DialectTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var name: String
        var text: String
        var rows: [String]
        var calendar = "24/7"
        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(
            name: "Yahoo",
            text: """
                Date,Open,High,Low,Close,Adj Close,Volume
                2024-01-02,187.149994,188.440002,183.889999,185.639999,184.938217,82488700
                2024-01-03,184.220001,185.880005,183.429993,184.25,183.553467,58414500

                """,
            rows: [
                "2024-01-02T21:00:00Z 187.149994 188.440002 183.889999 185.639999 82488700",
                "2024-01-03T21:00:00Z 184.220001 185.880005 183.429993 184.25 58414500",
            ], calendar: "XNYS"),
        Case(
            name: "Binance klines in milliseconds",
            text: """
                1704067200000,42283.58,42298.62,42261.02,42298.61,35.92724,1704067259999,1519032.5,1327,20.1,850.0,0
                1704067260000,42298.62,42320.00,42298.61,42320.00,21.16779,1704067319999,895580.1,1018,10.4,440.0,0

                """,
            rows: [
                "2024-01-01T00:01:00Z 42283.58 42298.62 42261.02 42298.61 35.92724",
                "2024-01-01T00:02:00Z 42298.62 42320 42298.61 42320 21.16779",
            ]),
        Case(
            name: "Binance klines in microseconds",
            text: """
                1735689600000000,93576.00,93610.93,93537.50,93610.93,8.21827,1735689659999999,768978.2,2631,3.9,368.0,0
                1735689660000000,93610.93,93652.00,93606.20,93652.00,9.98991,1735689719999999,935418.0,1944,5.2,488.0,0

                """,
            rows: [
                "2025-01-01T00:01:00Z 93576 93610.93 93537.5 93610.93 8.21827",
                "2025-01-01T00:02:00Z 93610.93 93652 93606.2 93652 9.98991",
            ]),
        Case(
            name: "Coinbase candles, newest first, low before high",
            text: """
                1704067320,42299.01,42320.5,42310,42319.99,3.5
                1704067260,42280,42310,42290,42310,2.25
                1704067200,42261.02,42298.62,42283.58,42290,1

                """,
            rows: [
                "2024-01-01T00:01:00Z 42283.58 42298.62 42261.02 42290 1",
                "2024-01-01T00:02:00Z 42290 42310 42280 42310 2.25",
                "2024-01-01T00:03:00Z 42310 42320.5 42299.01 42319.99 3.5",
            ]),
        Case(
            name: "Alpaca",
            text: """
                t,o,h,l,c,v,n,vw
                2024-01-02T14:30:00Z,187.15,187.2,186.9,187.03,100200,1500,187.01
                2024-01-02T14:31:00Z,187.03,187.1,187,187.08,50100,700,187.04

                """,
            rows: [
                "2024-01-02T14:31:00Z 187.15 187.2 186.9 187.03 100200",
                "2024-01-02T14:32:00Z 187.03 187.1 187 187.08 50100",
            ], calendar: "XNYS"),
        Case(
            name: "Alpaca days, stamped with New York's midnight",
            text: """
                t,o,h,l,c,v,n,vw
                2024-01-02T05:00:00Z,187.15,188.44,183.89,185.64,82488700,1,185
                2024-01-03T05:00:00Z,184.22,185.88,183.43,184.25,58414500,1,184

                """,
            rows: [
                "2024-01-02T21:00:00Z 187.15 188.44 183.89 185.64 82488700",
                "2024-01-03T21:00:00Z 184.22 185.88 183.43 184.25 58414500",
            ], calendar: "XNYS"),
        Case(
            name: "Stooq with date and time apart",
            text: """
                <TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>
                AAPL.US,5,20240102,143000,187.15,187.2,186.9,187.03,100200,0
                AAPL.US,5,20240102,143500,187.03,187.1,187,187.08,50100,0

                """,
            rows: [
                "2024-01-02T14:35:00Z 187.15 187.2 186.9 187.03 100200",
                "2024-01-02T14:40:00Z 187.03 187.1 187 187.08 50100",
            ]),
        Case(
            name: "Stooq days",
            text:
                "Date,Open,High,Low,Close,Volume\r\n2024-01-02,1,2,0.5,1.5,10\r\n2024-01-03,1.5,2,1,2,20\r\n",
            rows: ["2024-01-03T00:00:00Z 1 2 0.5 1.5 10", "2024-01-04T00:00:00Z 1.5 2 1 2 20"]),
        Case(
            name: "CryptoDataDownload: a line about its maker, newest first, two volumes",
            text: """
                https://www.CryptoDataDownload.com
                unix,date,symbol,open,high,low,close,Volume BTC,Volume USD
                1704070800,2024-01-01 01:00:00,BTC/USD,42475,42775,42431,42613,1173.5,50000000
                1704067200,2024-01-01 00:00:00,BTC/USD,42283.58,42554.57,42261.02,42475.23,1271.6,53957248.9

                """,
            rows: [
                "2024-01-01T01:00:00Z 42283.58 42554.57 42261.02 42475.23 1271.6",
                "2024-01-01T02:00:00Z 42475 42775 42431 42613 1173.5",
            ]),
        Case(
            name: "semicolons, decimal commas, German dates",
            text: "\u{feff}Datum;Open;High;Low;Close;Volume\n".replacing("Datum", with: "Date")
                + "31.12.2023;1,25;1,50;1,00;1,40;1000\n01.01.2024;1,40;1,60;1,30;1,55;2000\n",
            rows: [
                "2024-01-01T00:00:00Z 1.25 1.5 1 1.4 1000",
                "2024-01-02T00:00:00Z 1.4 1.6 1.3 1.55 2000",
            ]),
        Case(
            name: "tabs, and New York's clock",
            text: "datetime\topen\thigh\tlow\tclose\tvolume\n2024-07-01 09:30:00\t1\t2\t1\t2\t5\n"
                + "2024-07-01 09:31:00\t2\t3\t2\t3\t6\n2024-07-01 09:32:00\t2\t3\t2\t3\t6\n",
            rows: [
                "2024-07-01T13:31:00Z 1 2 1 2 5", "2024-07-01T13:32:00Z 2 3 2 3 6",
                "2024-07-01T13:33:00Z 2 3 2 3 6",
            ], calendar: "XNYS"),
        Case(
            name: "bars between bars, stamped at their close by name",
            text: "close_time|open|high|low|close|volume\n2024-01-01T00:05:00+00:00|1|2|1|2|5\n"
                + "2024-01-01T01:10:00+01:00|2|3|2|3|6\n",
            rows: ["2024-01-01T00:05:00Z 1 2 1 2 5", "2024-01-01T00:10:00Z 2 3 2 3 6"]),
        Case(
            name: "blanks",
            text:
                "20240101 000000 1 2 1 2 5\n20240101 000100 2 3 2 3 6\n20240101 000200 2 3 2 3 6\n",
            rows: [
                "2024-01-01T00:01:00Z 1 2 1 2 5", "2024-01-01T00:02:00Z 2 3 2 3 6",
                "2024-01-01T00:03:00Z 2 3 2 3 6",
            ]),
        Case(
            name: "quotes round everything, thousands parted",
            text: "\"Date\",\"Open\",\"High\",\"Low\",\"Close\",\"Volume\"\n"
                + "\"Jan 01, 2024\",\"1,100.50\",\"1,200.00\",\"1,000\",\"1,150\",\"12,000\"\n"
                + "\"Jan 02, 2024\",\"1,150\",\"1,200\",\"1,100\",\"1,199.99\",\"9000\"\n",
            rows: [
                "2024-01-02T00:00:00Z 1100.5 1200 1000 1150 12000",
                "2024-01-03T00:00:00Z 1150 1200 1100 1199.99 9000",
            ]),
        Case(
            name: "splits and dividends",
            text: """
                date,open,high,low,close,volume,ex-dividend,split_ratio
                2014-06-05,646.20,649.37,642.61,647.35,10850200.0,0.0,1.0
                2014-06-06,649.9,651.26,644.47,645.57,12497800.0,0.47,1.0
                2014-06-09,92.7,93.88,91.75,93.7,75415000.0,0.0,7.0

                """,
            rows: [
                "2014-06-05T20:00:00Z 646.2 649.37 642.61 647.35 10850200",
                "2014-06-06T13:30:00Z dividend 0.47",
                "2014-06-06T20:00:00Z 649.9 651.26 644.47 645.57 12497800",
                "2014-06-09T13:30:00Z split 7:1",
                "2014-06-09T20:00:00Z 92.7 93.88 91.75 93.7 75415000",
            ], calendar: "XNYS"),
        Case(
            name: "trades with a taker's side",
            text:
                "ts_ms,id,side,price,qty\n1723161255342,7,sell,61837.63000000,0.02\n1723161255342,8,BUY,61837.64,1\n",
            rows: [
                "2024-08-08T23:54:15.342Z 61837.63 0.02 id 7 side -1",
                "2024-08-08T23:54:15.342Z 61837.64 1 id 8 side 1",
            ]),
        Case(
            name: "Binance trades: the buyer's order rested",
            text:
                "3735683259,61837.63,0.02,1236.75,1723161255342,True,True\n3735683260,61837.64,1,61837.64,1723161255400,False,True\n",
            rows: [
                "2024-08-08T23:54:15.342Z 61837.63 0.02 id 3735683259 side -1",
                "2024-08-08T23:54:15.400Z 61837.64 1 id 3735683260 side 1",
            ]),
        Case(
            name: "quotes without sizes, nanoseconds",
            text:
                "ts,bid,ask\n1398902401787000001,1.38727,1.38729\n1398902401787000001,1.38726,1.38729\n",
            rows: [
                "2014-05-01T00:00:01.787000001Z 1.38727 0 1.38729 0",
                "2014-05-01T00:00:01.787000001Z 1.38726 0 1.38729 0",
            ]),
        Case(
            name: "bars of bid and ask become bars of the middle",
            text: "date,bid_open,bid_high,bid_low,bid_close,ask_open,ask_high,ask_low,ask_close\n"
                + "2024-01-01,1.31927,1.32125,1.3187,1.32095,1.32027,1.32226,1.3197,1.32195\n"
                + "2024-01-02,1.31927,1.32125,1.3187,1.32095,1.32027,1.32226,1.3197,1.32195\n",
            rows: [
                "2024-01-02T00:00:00Z 1.31977 1.321755 1.3192 1.32145 0",
                "2024-01-03T00:00:00Z 1.31977 1.321755 1.3192 1.32145 0",
            ]),
        Case(
            name: "a table of closes, its symbols in the order of their names",
            text: "date,MSFT,AAPL\n2024-01-01,370.5,187\n2024-01-02,,188\n2024-01-03,371,189\n",
            rows: [
                "2024-01-02T00:00:00Z 187 187 187 187 0",
                "2024-01-02T00:00:00Z 370.5 370.5 370.5 370.5 0",
                "2024-01-03T00:00:00Z 188 188 188 188 0", "2024-01-04T00:00:00Z 189 189 189 189 0",
                "2024-01-04T00:00:00Z 371 371 371 371 0",
            ]),
        Case(
            name: "weeks end with their last session",
            text:
                "date,open,high,low,close,volume\n2024-01-01,1,2,1,2,5\n2024-01-08,2,3,2,3,6\n2024-01-15,2,3,2,3,6\n",
            rows: [
                "2024-01-05T21:00:00Z 1 2 1 2 5", "2024-01-12T21:00:00Z 2 3 2 3 6",
                "2024-01-19T21:00:00Z 2 3 2 3 6",
            ], calendar: "XNYS"),
        Case(
            name: "months",
            text:
                "date,open,high,low,close,volume\n2024-01-01,1,2,1,2,5\n2024-02-01,2,3,2,3,6\n2024-03-01,2,3,2,3,6\n",
            rows: [
                "2024-02-01T00:00:00Z 1 2 1 2 5", "2024-03-01T00:00:00Z 2 3 2 3 6",
                "2024-04-01T00:00:00Z 2 3 2 3 6",
            ]),
    ]

    @Test(arguments: cases)
    func `a known dialect is read as its makers meant it`(one: Case) throws {
        let imported = try ImportedCSV(one.text, calendar: one.calendar)
        #expect(imported.rows == one.rows, "\(imported.report.text())")
        try imported.tape?.verify()
    }

    @Test func `the last bar of a session that its frame does not divide is short`() throws {
        let rows = ["09:30", "10:30", "11:30", "12:30", "13:30", "14:30", "15:30"]
            .map { "2024-01-02T\($0):00-05:00,1,2,1,2,5\n" }.joined()
        let imported = try ImportedCSV("ts,open,high,low,close,volume\n" + rows, calendar: "XNYS")
        #expect(imported.rows.last == "2024-01-02T21:00:00Z 1 2 1 2 5")
        #expect(
            imported.events.map { $0.marks.contains(.shortBar) } == [
                false, false, false, false, false, false, true,
            ])
    }

    @Test func `a split that the prices contain already is left out and noted`() throws {
        let imported = try ImportedCSV(
            "date,open,high,low,close,volume,split\n2014-06-06,92.8,93,92,92.2,1,1\n2014-06-09,92.7,93.9,91.7,93.7,1,7\n",
            calendar: "XNYS")
        #expect(imported.rows.count == 2)
        #expect(imported.problems == ["split in prices 3:0 noted"])
    }

    @Test func `what is told beforehand is not sniffed`() throws {
        let imported = try ImportedCSV("1;2;3;4;5;6\n7;8;9;10;11;12\n") {
            $0.hints.columns = [.time, .low, .open, .close, .high, .volume]
            $0.hints.timestamp = .seconds
            $0.hints.stamp = .close
            $0.hints.timeframe = .seconds(6)
        }
        #expect(
            imported.rows == [
                "1970-01-01T00:00:01Z 3 5 2 4 6", "1970-01-01T00:00:07Z 9 11 8 10 12",
            ])
    }

    @Test func `every decision is explained`() throws {
        let imported = try ImportedCSV(Self.cases[0].text, name: "AAPL_1d.csv", calendar: "XNYS")
        #expect(
            imported.report.explanation == [
                "Yahoo: bars, separated by comma, with a header",
                #"columns: time = "Date", open = "Open", high = "High", low = "Low", close = "Close", volume = "Volume""#,
                "not used: Adj Close", "time: ISO 8601 dates",
                "bars of 1d, stamped with their date",
            ])
        #expect(imported.tape?.contents.instruments.map(\.symbol) == ["AAPL"])
    }

    @Test(arguments: [
        ("AAPL_1d.csv", "24/7", "AAPL", "USD"),
        ("btcusdt-1m-2024-01.csv", "24/7", "BTCUSDT", "USDT"),
        ("xrpeth.csv", "24/7", "XRPETH", "ETH"), ("infy.csv", "XNSE", "INFY", "INR"),
    ])
    func `a file's name tells its symbol, and a pair its currency`(
        name: String, calendar: String, symbol: String, currency: String
    ) throws {
        let imported = try ImportedCSV(
            "date,open,high,low,close,volume\n2024-01-02,1,2,0.5,1.5,10\n", name: name,
            calendar: calendar)
        #expect(imported.report.symbols.map(\.symbol) == [symbol])
        #expect(imported.report.symbols.map(\.currency) == [currency])
    }

    @Test func `units are as fine as the numbers, zeros at the end left out`() throws {
        let imported = try ImportedCSV(
            "ts_ms,price,qty\n1723161255342,61837.63000000,0.02000000\n1723161255343,61837.60000000,0.00001000\n"
        )
        #expect(imported.report.symbols.map(\.priceExponent) == [-2])
        #expect(imported.report.symbols.map(\.quantityExponent) == [-5])
    }

    @Test func `a dialect survives JSON`() throws {
        let dialect = try ImportedCSV(Self.cases[8].text).report.dialect
        #expect(dialect.order == .newestFirst)
        let copy = try Coding.copy(of: dialect)
        #expect(copy == dialect)
    }
}
