import Foundation
import Testing

/// What is wrong is told, with the place and what to try; nothing is lost, and nothing crashes.
@Suite struct BadInputTests {
    let workshop: Workshop

    init() throws { workshop = Workshop() }

    /// Ended by itself, with a reason on standard error and no trace of the machine in it.
    private func expectRefusal(
        _ ending: Program.Ending, _ status: Int32, _ parts: [String], _ comment: String,
        location: SourceLocation = #_sourceLocation
    ) {
        #expect(ending.signal == nil, "\(comment): \(ending)", sourceLocation: location)
        #expect(ending.status == status, "\(comment): \(ending)", sourceLocation: location)
        for part in parts {
            #expect(
                ending.errors.contains(part), "\(comment): no \"\(part)\" in \(ending)",
                sourceLocation: location)
        }
        for trace in ["Fatal error", "Stack dump", "Swift/", "Error Domain"] {
            #expect(
                !ending.errors.contains(trace), "\(comment): \(ending)", sourceLocation: location)
        }
        #expect(leftovers == [], "\(comment)", sourceLocation: location)
    }

    /// Files that were begun and not finished.
    private var leftovers: [String] {
        let names =
            (try? FileManager.default.contentsOfDirectory(atPath: workshop.folder.path)) ?? []
        return names.filter { $0.contains("partial") }
    }

    private func sparse(_ name: String, bytes: UInt64) throws {
        _ = FileManager.default.createFile(atPath: workshop.path(name), contents: nil)
        let file = try FileHandle(forWritingTo: workshop.folder.appending(path: name))
        try file.truncate(atOffset: bytes)
        try file.close()
    }

    // MARK: CSV

    @Test(arguments: [
        ("missing.csv", "missing.csv: no such file"),
        ("empty.csv", "empty.csv: "),
        ("folder", "folder: this is a folder; name one file in it"),
        ("binary.csv", "binary.csv: "),
        ("zip.csv", "zip.csv: "),
        ("header.csv", "header.csv:1: a header and no rows"),
        ("words.csv", "words.csv"),
        ("columns.csv", "columns.csv"),
        ("gigantic.csv", "gigantic.csv: "),
    ])
    func `a file that is no table is refused, and no tape is left`(
        name: String, message: String
    ) throws {
        try workshop.write("", "empty.csv")
        try FileManager.default.createDirectory(
            at: workshop.folder.appending(path: "folder"), withIntermediateDirectories: false)
        try workshop.write(
            Data((0..<5_000).map { UInt8(truncatingIfNeeded: $0 &* 7_919 >> 3) }), "binary.csv")
        try workshop.write(Data([0x50, 0x4B, 3, 4] + Array(repeating: 0, count: 200)), "zip.csv")
        try workshop.write("ts,open,high,low,close,volume\n", "header.csv")
        try workshop.write(
            "It was a dark and stormy night;\nthe rain fell in torrents.\n", "words.csv")
        try workshop.write("a,b,c\n1,2,3\n4,5,6\n7,8,9\n", "columns.csv")
        try sparse("gigantic.csv", bytes: 1 << 40)
        let ending = try workshop.tapedeck("data", "import", name, "-o", "out.tape")
        expectRefusal(ending, 1, ["tapedeck: ", message], name)
        #expect(!workshop.exists("out.tape"))
    }

    static let rows = [
        "ts,open,high,low,close,volume",
        "2024-01-01T00:00:00Z,100,101,99,100.5,10", "2024-01-01T00:01:00Z,100,99,101,100.5,10",
        "2024-01-01T00:02:00Z,100,101,99,-5,10", "2024-01-01T00:03:00Z,100,101,99,nan,10",
        "2024-01-01T00:04:00Z,100,101,99,100.5", "2024-01-01T00:05:00Z,100,101,99,100.5,10",
        "2024-01-01T00:05:00Z,100,101,99,100.7,10", "2024-01-01T00:01:30Z,100,101,99,100.5,10",
        "2024-01-01T00:06:00Z,100,101,99,100.5,x", "2024-01-01T00:07:00Z,100,101,99,100.5,10",
    ]

    @Test func `bad rows are all reported by line and column, and a refused file gives no tape`()
        throws
    {
        try workshop.write(Self.rows.joined(separator: "\n") + "\n", "bad.csv")
        let ending = try workshop.tapedeck("data", "import", "bad.csv", "-o", "bad.tape")
        #expect(ending.status == 2, "\(ending)")
        for place in [
            "bad.csv:3", "bad.csv:4:", "bad.csv:5:", "bad.csv:6", "bad.csv:8", "bad.csv:9",
            "bad.csv:10:",
        ] {
            #expect(ending.output.contains(place), "no \(place) in \(ending)")
        }
        #expect(ending.output.contains("Nothing was written"))
        #expect(!workshop.exists("bad.tape"))
        #expect(leftovers == [])
    }

    @Test(arguments: [("drop", "3"), ("repair", "5")])
    func `a policy says what becomes of bad rows, and the report says it again`(
        policy: String, bars: String
    ) throws {
        try workshop.write(Self.rows.joined(separator: "\n") + "\n", "bad.csv")
        let ending = try workshop.tapedeck(
            "data", "import", "bad.csv", "-o", "bad.tape", "--policy", policy)
        #expect(ending.status == 0, "\(ending)")
        #expect(ending.output.contains("dropped"), "\(ending)")
        let show = try workshop.tapedeck("data", "show", "bad.tape")
        #expect(show.output.contains("bars 1m      \(bars)"), "\(ending) \(show)")
    }

    @Test func `an import never replaces a tape by a file that is refused`() throws {
        try workshop.tape(50)
        let before = try Data(contentsOf: workshop.folder.appending(path: "AAA.tape"))
        try workshop.write(Self.rows.joined(separator: "\n"), "bad.csv")
        let ending = try workshop.tapedeck("data", "import", "bad.csv", "-o", "AAA.tape")
        #expect(ending.status == 2)
        #expect(try Data(contentsOf: workshop.folder.appending(path: "AAA.tape")) == before)
    }

    // MARK: Tapes

    @Test(arguments: [
        "missing", "empty", "cut", "header", "binary", "folder", "csv", "gigantic", "newer",
    ])
    func `a file that is no whole tape is refused`(damage: String) throws {
        try workshop.tape(200)
        let whole = try Data(contentsOf: workshop.folder.appending(path: "AAA.tape"))
        switch damage {
        case "empty": try workshop.write(Data(), "x.tape")
        case "cut": try workshop.write(whole.prefix(whole.count / 2), "x.tape")
        case "header": try workshop.write(whole.prefix(100), "x.tape")
        case "binary":
            try workshop.write(
                Data((0..<9_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }), "x.tape")
        case "folder":
            try FileManager.default.createDirectory(
                at: workshop.folder.appending(path: "x.tape"), withIntermediateDirectories: false)
        case "csv": try workshop.write(Workshop.bars(50), "x.tape")
        case "gigantic": try sparse("x.tape", bytes: 1 << 42)
        case "newer":
            var newer = whole
            newer[8] = 99
            try workshop.write(newer, "x.tape")
        default: break
        }
        try workshop.configuration(
            "  - { name: hold, plugin: org.tapedeck.buy-and-hold, symbols: AAA }", name: "c.yaml")
        try workshop.write(workshop.read("c.yaml").replacing("AAA.tape", with: "x.tape"), "c.yaml")
        expectRefusal(
            try workshop.tapedeck("data", "show", "x.tape"), 1, ["x.tape: "], "show \(damage)")
        expectRefusal(
            try workshop.tapedeck("data", "export", "x.tape", "-o", "y.csv"), 1, ["x.tape: "],
            "export \(damage)")
        expectRefusal(
            try workshop.tapedeck("backtest", "c.yaml"), 2, ["c.yaml:1:", "x.tape: "],
            "backtest \(damage)")
        #expect(!workshop.exists("y.csv"))
    }

    // MARK: Configurations

    static let good =
        "  - { name: hold, plugin: org.tapedeck.buy-and-hold, symbols: AAA, timeframe: 1m }"

    @Test(arguments: [
        (
            "two of one name", good + "\n" + good,
            ["strategies.yaml:", "there is already a strategy \"hold\""]
        ),
        ("a tab", "\t- name: x", ["strategies.yaml:5:1: a tab cannot indent"]),
        (
            "an anchor used twice", "  - &a " + good.dropFirst(4) + "\n  - *a",
            ["there is already a strategy \"hold\""]
        ),
        ("an anchor that is not there", "  - *a", ["strategies.yaml:5:"]),
        (
            "a wrong type", good.replacing("1m }", with: "1m, params: { quantity: many } }"),
            [":5:", "quantity", "many"]
        ),
        (
            "an unknown symbol", good.replacing("symbols: AAA", with: "symbols: AAB"),
            [":5:", "\"AAB\"", "did you mean \"AAA\""]
        ),
        (
            "a parameter out of range",
            good.replacing("1m }", with: "1m, params: { quantity: -5 } }"),
            [":5:", "quantity", "-5"]
        ),
        (
            "an unknown parameter", good.replacing("1m }", with: "1m, params: { quantty: 5 } }"),
            [":5:", "did you mean \"quantity\""]
        ),
        (
            "an unknown key", good.replacing("timeframe", with: "timefame"),
            [":5:", "did you mean \"timeframe\""]
        ),
        (
            "an unknown plug-in", good.replacing("buy-and-hold", with: "buy-and-hodl"),
            ["did you mean"]
        ),
        ("nothing", "  []", ["there is no strategy"]),
        ("a cut file", "  - { name: hold, plugin: ", ["strategies.yaml:"]),
    ])
    func `a configuration's problems are told with their place`(
        what: String, strategies: String, parts: [String]
    ) throws {
        try workshop.configuration(strategies)
        for command in [["check"], ["backtest"], ["run"]] {
            let ending = try workshop.program.run(command)
            expectRefusal(ending, 2, parts, "\(what), \(command)")
            #expect(ending.output == "", "\(what): \(ending)")
        }
        #expect(!workshop.exists("journal"), "a run that cannot begin leaves no journal")
    }

    @Test(arguments: ["missing", "empty", "binary", "folder", "huge"])
    func `a file that is no configuration is refused`(kind: String) throws {
        switch kind {
        case "empty": try workshop.write("", "c.yaml")
        case "binary":
            try workshop.write(
                Data((0..<4_000).map { UInt8(truncatingIfNeeded: $0 &* 77) }), "c.yaml")
        case "folder":
            try FileManager.default.createDirectory(
                at: workshop.folder.appending(path: "c.yaml"), withIntermediateDirectories: false)
        case "huge": try sparse("c.yaml", bytes: 1 << 36)
        default: break
        }
        expectRefusal(try workshop.tapedeck("check", "c.yaml"), 2, ["c.yaml:"], kind)
        expectRefusal(try workshop.tapedeck("backtest", "c.yaml"), 2, ["c.yaml:"], kind)
    }

    @Test func `every problem is told at once`() throws {
        try workshop.configuration(
            "  - { name: a, plugin: org.tapedeck.buy-and-hold, symbols: AAB, timeframe: 1m }\n"
                + "  - { name: a, plugin: org.tapedeck.nothing, symbols: AAA, speed: 3 }",
            top: "seeed: 3")
        let ending = try workshop.tapedeck("check")
        expectRefusal(
            ending, 2,
            ["strategies.yaml:3:1", "strategies.yaml:5:", "strategies.yaml:6:", "problems;"], "all")
    }

    // MARK: Plug-ins

    /// A file that is no plug-in, or no good one, and what is said of it.
    enum Module: String, CaseIterable {
        case notELF, bits32, cut, empty, folder, noManifest, lyingManifest, newerABI, noEntry,
            missingSymbol
        case constructorExits, constructorCrashes, createFails, createCrashes
    }

    private func make(_ module: Module) throws -> (path: String, parts: [String]) {
        let whole = try Data(contentsOf: URL(filePath: Modules.folder() + "/buy-and-hold.so"))
        switch module {
        case .notELF:
            return (
                try workshop.write("#!/bin/sh\nexit 0\n", "x.so"), ["is not a Linux shared library"]
            )
        case .bits32:
            var bits32 = whole
            bits32[4] = 1
            return (try workshop.write(bits32, "x.so"), ["32-bit"])
        case .cut: return (try workshop.write(whole.prefix(whole.count / 2), "x.so"), ["x.so"])
        case .empty: return (try workshop.write(Data(), "x.so"), ["x.so"])
        case .folder:
            try FileManager.default.createDirectory(
                at: workshop.folder.appending(path: "x.so"), withIntermediateDirectories: false)
            return ("x.so", ["x.so"])
        case .noManifest: return (try Modules.refused("NO_MANIFEST"), ["manifest"])
        case .lyingManifest: return (try Modules.refused("CLAIMS_STATE"), ["save"])
        case .newerABI: return (try Modules.refused("NEWER_MINOR"), ["1.999"])
        case .noEntry: return (try Modules.refused("NO_ENTRY"), ["tapedeck_plugin_v1"])
        case .missingSymbol: return (try Modules.refused("UNDEFINED_SYMBOL"), ["td_submit_order"])
        case .constructorExits: return (try Modules.refused("CONSTRUCTOR_EXITS"), ["constructor"])
        case .constructorCrashes:
            return (try Modules.refused("CONSTRUCTOR_CRASHES"), ["constructor"])
        case .createFails:
            return (try Modules.refused("CREATE_FAILS"), ["no model for this instrument"])
        case .createCrashes: return (try Modules.refused("CREATE_CRASHES"), ["create"])
        }
    }

    @Test(arguments: Module.allCases)
    func `a file that is no good plug-in is refused before a run begins`(module: Module) throws {
        let (path, parts) = try make(module)
        try workshop.configuration(
            "  - { name: bad, plugin: \(path.contains("/") ? path : "./" + path), symbols: AAA, timeframe: 1m }"
        )
        let ending = try workshop.tapedeck("backtest")
        #expect(ending.status == 1 || ending.status == 2)
        expectRefusal(ending, ending.status, parts, module.rawValue)
        #expect(ending.output == "", "\(ending)")
        #expect(!workshop.exists("journal"), "a run that cannot begin leaves no journal")
    }

    // MARK: Journals and places

    @Test func `a journal that is none, or cannot be written, is told`() throws {
        try workshop.configuration(Self.good)
        try workshop.write(
            "this is a letter, not a journal, and long enough to be looked at as one\n", "letter.db"
        )
        expectRefusal(
            try workshop.tapedeck("backtest", "--journal", "letter.db"), 1,
            ["journal: ", "letter.db", "move it away"],
            "no journal")
        expectRefusal(
            try workshop.tapedeck("backtest", "--journal", "nowhere/runs.db"), 1,
            ["journal: cannot open nowhere/runs.db", "check that the folder exists"], "no folder")
        expectRefusal(
            try workshop.tapedeck("runs"), 1, ["there is no journal at journal/runs.db"], "runs")
        expectRefusal(
            try workshop.tapedeck("report", "7"), 1, ["there is no journal at journal/runs.db"],
            "report")
        #expect(try workshop.read("letter.db").hasPrefix("this is a letter"))
    }

    @Test func `a run that is not there is told, with those that are`() throws {
        try workshop.configuration(Self.good)
        #expect(try workshop.tapedeck("backtest", "--quiet").status == 0)
        expectRefusal(
            try workshop.tapedeck("report", "7"), 1, ["no run 7", "the latest is 1"], "report 7")
    }

    @Test func `a table that cannot be written is told`() throws {
        try workshop.configuration(Self.good)
        expectRefusal(
            try workshop.tapedeck("backtest", "--trades", "nowhere/trades.csv"), 1,
            ["nowhere/trades.csv: cannot be written", "make its folder first"], "trades")
    }

    @Test(arguments: [
        ["backtest", "--lanes", "0"], ["backtest", "--journal", "a", "--no-journal"], ["report"],
        ["data", "show"],
        ["data", "import", "a.csv", "--timeframe", "5 parsecs"],
        ["data", "import", "a.csv", "--policy", "hope"],
        ["nonsense"], ["data", "import", "a.csv", "--columns", "time,opn"],
    ])
    func `a command that cannot be understood is told how it is written`(arguments: [String]) throws
    {
        let ending = try workshop.program.run(arguments)
        expectRefusal(ending, 64, ["Error: ", "--help"], arguments.joined(separator: " "))
    }
}
