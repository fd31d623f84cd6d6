import CTapedeck
import Feeds
import Market
import TestGround
import Testing

/// Every wrong row is found, with its place; each policy does what it says and no more.
@Suite struct BadRowTests {
    static let header = "ts,open,high,low,close,volume\n"
    static let good = [
        "2024-01-01T00:00:00Z,10,12,9,11,5", "2024-01-01T00:01:00Z,11,12,10,12,6",
        "2024-01-01T00:02:00Z,12,13,11,12,7",
    ]

    struct Case: CustomTestStringConvertible, Sendable {
        var name: String
        var row: String
        /// Under `reject`, `drop`, `repair`.
        var problems: [[String]]
        /// What the row becomes under `repair`; nil when it is left out.
        var repaired: String?
        var testDescription: String { name }

        init(_ name: String, _ row: String, _ kind: String, repaired: String? = nil) {
            self.name = name
            self.row = row
            self.repaired = repaired
            problems = [
                ["\(kind) rejected"], ["\(kind) dropped"],
                ["\(kind) \(repaired == nil ? "dropped" : "repaired")"],
            ]
        }
    }

    static let at = "2024-01-01T00:03:00Z"
    static let cases = [
        Case("too few fields", "\(at),1,2,1,2", "wrong field count 5:29"),
        Case("too many fields", "\(at),1,2,1,2,5,7", "wrong field count 5:32"),
        Case("a word", "\(at),1,2,1,two,5", "unreadable number 5:28"),
        Case("an empty price", "\(at),1,,1,2,5", "missing value 5:24"),
        Case("Yahoo's null", "\(at),null,2,1,2,5", "missing value 5:22"),
        Case("no volume", "\(at),1,2,1,2,", "missing value 5:30", repaired: "1 2 1 2 0"),
        Case("not a number", "\(at),1,NaN,1,2,5", "not finite 5:24"),
        Case("infinite", "\(at),1,inf,1,2,5", "not finite 5:24"),
        Case("beyond doubles", "\(at),1,1e999,1,2,5", "not finite 5:24"),
        Case("hexadecimal", "\(at),1,0x10,1,2,5", "unreadable number 5:24"),
        Case("no time", ",1,2,1,2,5", "unreadable time 5:1"),
        Case("no such date", "2024-02-30T00:00:00Z,1,2,1,2,5", "unreadable time 5:1"),
        Case("no such hour", "2024-02-03T24:00:00Z,1,2,1,2,5", "unreadable time 5:1"),
        Case("a negative price", "\(at),1,2,-1,2,5", "price not positive 5:26"),
        Case("a price of zero", "\(at),1,2,0,2,5", "price not positive 5:26"),
        Case("a negative volume", "\(at),1,2,1,2,-5", "negative quantity 5:30"),
        Case(
            "high below low", "\(at),12,10,13,12,5", "high below low 5:25",
            repaired: "12 13 10 12 5"),
        Case(
            "close above high", "\(at),12,13,11,14,5", "outside range 5:25",
            repaired: "12 14 11 14 5"),
        Case(
            "open below low", "\(at),10,13,11,12,5", "outside range 5:28", repaired: "10 13 10 12 5"
        ),
        Case("a quote left open", "\(at),\"1,2,1,2,5", "broken quotes 5:22"),
        Case("bytes that are no text", "\(at),1,\u{1}2,1,2,5", "binary bytes 5:24"),
        Case("the same time again", "2024-01-01T00:02:00Z,1,2,1,2,5", "duplicate 5:0"),
    ]

    @Test(arguments: cases, ImportPolicy.allCases)
    func `one wrong row is found where it stands and treated by the policy`(
        one: Case, policy: ImportPolicy
    ) throws {
        let next = "2024-01-01T00:04:00Z,12,13,11,12,8"
        let text = Self.header + (Self.good + [one.row, next]).joined(separator: "\n") + "\n"
        let imported = try ImportedCSV(text, policy: policy)
        let index = ImportPolicy.allCases.firstIndex(of: policy)!
        var problems = imported.problems.filter { !$0.hasSuffix("noted") }
        if one.name == "the same time again", policy == .repair {
            // The last row stays, so it is the earlier one that is left out.
            #expect(problems == ["duplicate 4:0 dropped"])
            #expect(
                imported.rows[2]
                    == "2024-01-01T00:02:00Z 1 2 1 2 5".replacing("02:00Z", with: "03:00Z"))
            problems = one.problems[index]
        }
        #expect(problems == one.problems[index])
        #expect((imported.tape == nil) == (policy == .reject))
        #expect(imported.report.isAccepted == (policy != .reject))
        if policy == .reject { return }
        let isRepaired = policy == .repair && one.repaired != nil
        #expect(imported.rows.count == (isRepaired ? 5 : 4))
        if isRepaired { #expect(imported.rows[3] == "2024-01-01T00:04:00Z " + one.repaired!) }
        try imported.tape?.verify()
    }

    @Test func `a file without a wrong row gives no reason to complain`() throws {
        let imported = try ImportedCSV(Self.header + Self.good.joined(separator: "\n"))
        #expect(imported.problems == [])
        #expect(imported.rows.count == 3)
    }

    @Test func `rows that go back in time are refused, left out, or sorted`() throws {
        let text =
            Self.header + [Self.good[0], Self.good[2], Self.good[1]].joined(separator: "\n") + "\n"
        #expect(try ImportedCSV(text, policy: .reject).problems.last == "out of order 4:0 rejected")
        let dropped = try ImportedCSV(text, policy: .drop)
        #expect(dropped.problems == ["gap 3:0 noted", "out of order 4:0 dropped"])
        #expect(dropped.rows.count == 2)
        let sorted = try ImportedCSV(text, policy: .repair)
        #expect(sorted.problems == ["out of order 4:0 repaired"])
        let plain = try ImportedCSV(Self.header + Self.good.joined(separator: "\n"))
        #expect(sorted.rows == plain.rows)
        #expect(sorted.tape?.header.digest == plain.tape?.header.digest)
    }

    @Test func `of rows for one time the first or the last stays, as the policy says`() throws {
        let rows = ["10,12,9,11,1", "10,12,9,11,2", "10,12,9,11,3"].map {
            "2024-01-01T00:00:00Z," + $0
        }
        let text = Self.header + (rows + [Self.good[1]]).joined(separator: "\n")
        #expect(try ImportedCSV(text, policy: .drop).rows[0] == "2024-01-01T00:01:00Z 10 12 9 11 1")
        let last = try ImportedCSV(text, policy: .repair)
        #expect(last.rows[0] == "2024-01-01T00:01:00Z 10 12 9 11 3")
        #expect(last.problems == ["duplicate 2:0 dropped", "duplicate 3:0 dropped"])
    }

    @Test func `what is only worth knowing refuses nothing`() throws {
        let text =
            Self.header + Self.good[0] + "\n\n" + Self.header + """
                2024-01-01T00:01:00Z,11,12,10,12,0
                2024-01-01T00:05:00Z,30,31,29,30,1

                """
        let imported = try ImportedCSV(text)
        #expect(
            imported.problems == [
                "blank line 3:0 noted", "repeated header 4:0 noted", "zero volume 5:0 noted",
                "gap 6:0 noted",
                "jump 6:0 noted",
            ])
        #expect(
            imported.report.problems.map(\.message).suffix(2) == [
                "3 bars are missing between 2024-01-01T00:02:00Z and 2024-01-01T00:06:00Z",
                "from 12.0 to 30.0",
            ])
        #expect(imported.report.symbols.map(\.missingBars) == [3])
        #expect(imported.rows.count == 3)
    }

    @Test func `gaps are counted in sessions, not in hours of the night`() throws {
        // Friday before Labor Day to Wednesday: Tuesday is missing, Monday was none.
        let text =
            "date,open,high,low,close,volume\n2024-08-29,1,2,1,2,5\n2024-08-30,1,2,1,2,5\n2024-09-04,1,2,1,2,5\n"
        let imported = try ImportedCSV(text, calendar: "XNYS")
        #expect(
            imported.report.problems.map(\.message) == [
                "1 bar is missing between 2024-08-30T20:00:00Z and 2024-09-04T20:00:00Z"
            ])
        let shut = try ImportedCSV(text + "2024-09-02,1,2,1,2,5\n", policy: .drop, calendar: "XNYS")
        #expect(shut.problems.last == "no session 5:1 dropped")
        let kept = try ImportedCSV(
            "date,open,high,low,close,volume\n2024-08-30,1,2,1,2,5\n2024-09-02,1,2,1,2,5\n",
            policy: .repair,
            calendar: "XNYS")
        #expect(kept.rows.last == "2024-09-02T20:00:00Z 1 2 1 2 5")
        #expect(kept.problems == ["no session 3:1 repaired"])
    }

    @Test func `a hole in a session counts its bars, and the night none`() throws {
        let times =
            ["14:30", "14:31", "14:33", "20:59"].map { "2024-01-02T\($0):00Z" }
            + ["2024-01-03T14:32:00Z"]
        let text = Self.header + times.map { "\($0),1,2,1,2,5\n" }.joined()
        let imported = try ImportedCSV(text, calendar: "XNYS") { $0.hints.timeframe = .minutes(1) }
        #expect(
            imported.report.problems.map(\.message) == [
                "1 bar is missing between 2024-01-02T14:32:00Z and 2024-01-02T14:34:00Z",
                "385 bars are missing between 2024-01-02T14:34:00Z and 2024-01-02T21:00:00Z",
                "2 bars are missing between 2024-01-02T21:00:00Z and 2024-01-03T14:33:00Z",
            ])
    }

    @Test func `all problems are counted, the first of each kind kept, every one written down`()
        throws
    {
        let rows = [Self.good[0]] + (1..<5000).map { _ in "2024-01-01T00:09:00Z,x,2,1,2,-5" }
        let folder = ScratchFolder()
        let log = folder.file("problems.txt")
        for threads in [1, 2] {
            let imported = try ImportedCSV(
                Self.header + rows.joined(separator: "\n"), policy: .drop
            ) {
                $0.problemsKept = 7
                $0.problemFile = log
                $0.threads = threads
                $0.pieceSize = 10_000
                $0.hints.timeframe = .minutes(1)
            }
            #expect(imported.report.count(.unreadableNumber) == 4999)
            #expect(imported.report.problems.count == 7)
            #expect(imported.report.problems.map(\.line) == [3, 4, 5, 6, 7, 8, 9])
            #expect(imported.report.rows == 5000)
            let lines = String(decoding: bytes(of: log), as: UTF8.self).split(separator: "\n")
            #expect(lines.count == 4999)
            #expect(
                lines.last?.hasSuffix("AAA.csv:5001:22: unreadable number: \"x\" (dropped)") == true
            )
        }
    }

    @Test func `one row may have several things wrong, and all are told`() throws {
        let imported = try ImportedCSV(
            Self.header + Self.good.joined(separator: "\n") + "\nyesterday,x,2,,2,5\n")
        #expect(
            imported.problems == [
                "unreadable time 5:1 rejected", "unreadable number 5:11 rejected",
                "missing value 5:15 rejected",
            ])
    }

    @Test func `a trade that is there twice is noticed by its number`() throws {
        let text =
            "ts_ms,id,side,price,qty\n1723161255342,7,sell,1.5,2\n1723161255342,7,sell,1.5,2\n1723161255342,8,sell,1.5,0\n"
        let imported = try ImportedCSV(text, policy: .drop)
        #expect(
            imported.problems == ["duplicate 3:0 dropped", "quantity not positive 4:26 dropped"])
        #expect(imported.rows.count == 1)
        #expect(try ImportedCSV(text, policy: .repair).rows.count == 1)
    }

    @Test func `a report is JSON and text, and says what to do`() throws {
        let imported = try ImportedCSV(
            Self.header + Self.good[0] + "\n" + Self.at + ",1,2,1,two,5\n"
        ) {
            $0.hints.timeframe = .minutes(1)
        }
        let copy = try Coding.copy(of: imported.report)
        #expect(copy == imported.report)
        let text = imported.report.text()
        #expect(text.contains("AAA.csv:3:28: unreadable number: \"two\" (rejected)\n"))
        #expect(text.contains("1 x unreadable number, rejected"))
        #expect(text.contains("the policy `drop`"))
    }
}
