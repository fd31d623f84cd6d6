import CTapedeck
import Feeds
import Market
import TestGround
import Testing

/// What holds for every file, however broken, and for every way of reading it.
@Suite struct ImportPropertyTests {
    let folder = ScratchFolder()

    /// A tape that was accepted keeps every promise of a tape.
    static func check(_ tape: TapeFile, _ comment: Comment) throws {
        try tape.verify()
        #expect(tape.events.allSatisfy { $0.refusal() == nil }, comment)
        let misplaced = EventOrder.firstMisplaced(Array(tape.events).span)
        #expect(misplaced == nil, comment)
    }

    @Test(arguments: (1...12).map { UInt64($0) })
    func `no mutation of a file crashes the import or enters a tape`(seed: UInt64) throws {
        print("CSV mutations: seed \(seed)")
        var random = Xoshiro256StarStar(seed: seed)
        var accepted = 0
        for round in 0..<40 {
            let cases = DialectTests.cases
            let one = cases[Int(random.below(UInt64(cases.count)))]
            let text = mutated(Array(one.text.utf8), &random)
            var settings = CSVImportSettings()
            settings.policy = ImportPolicy.allCases[Int(random.below(3))]
            settings.calendar = random.below(4) == 0 ? one.calendar : "24/7"
            settings.pieceSize = Int(random.below(200)) + 1
            settings.threads = 2
            let path = folder.write(text, "fuzz.csv")
            var result: CSVImportResult?
            do throws(FeedError) {
                result = try CSVImport.run(path, to: .memory("fuzz"), settings: settings)
            } catch {
                #expect(!error.description.isEmpty)
            }
            guard let result else { continue }
            #expect((result.tape != nil) == result.report.isAccepted)
            if let tape = result.tape {
                try Self.check(tape, "seed \(seed) round \(round)")
                accepted += 1
            }
            _ = result.report.text()
        }
        #expect(accepted > 0)
    }

    private func mutated(_ text: [UInt8], _ random: inout Xoshiro256StarStar) -> [UInt8] {
        var text = text
        let marks = Array("0123456789.,;\"\n\r\t -+eENa:TZ\u{0}\u{ff}".utf8)
        for _ in 0...random.below(6) {
            let place = Int(random.below(UInt64(text.count)))
            switch random.below(6) {
            case 0: text.remove(at: place)
            case 1: text.insert(marks[Int(random.below(UInt64(marks.count)))], at: place)
            case 2: text[place] = UInt8(truncatingIfNeeded: random.next())
            case 3: text.removeLast(min(text.count - 1, Int(random.below(40))))
            case 4: text.append(contentsOf: text[place...].prefix(60))
            default: text[place] = marks[Int(random.below(UInt64(marks.count)))]
            }
            if text.isEmpty { text = [10] }
        }
        return text
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `the tape and the report do not depend on threads, pieces or the system's cache`(
        seed: UInt64
    ) throws {
        print("pieces: seed \(seed)")
        var random = Xoshiro256StarStar(seed: seed)
        var text = "ts,open,high,low,close,volume\n"
        for minute in 0..<3000 {
            let time = TimeText.string(Timestamp(seconds: 1_700_000_040 + Int64(minute) * 60))
            switch random.below(40) {
            case 0: text += "\(time),1,x,1,2,5\n"
            case 1: text += "\n"
            case 2: text += "\(time),2,1,1,2,5,9\n"
            case 3: text += "2020-01-01T00:00:00Z,1,2,1,2,5\n"
            default:
                text +=
                    "\(time),1\(random.below(10)),2\(random.below(100)),1,1\(random.below(9)).5,\(random.below(1000))\n"
            }
        }
        let path = folder.write(text, "a.csv")
        var first: ImportReport?
        let ways = [
            (1, 1 << 20, Int.max), (1, 997, .max), (2, 64, .max), (3, 5000, .max),
            (2, 1 << 16, .max), (1, 1 << 20, 1),
            (2, 1 << 16, 1), (3, 5000, 1),
        ]
        for (threads, piece, largeFile) in ways {
            for policy in [ImportPolicy.drop, .repair] {
                var settings = CSVImportSettings()
                settings.policy = policy
                settings.threads = threads
                settings.pieceSize = piece
                settings.largeFile = largeFile
                settings.isDurable = false
                let name = folder.file("\(policy.rawValue).tape")
                let before = bytes(of: name)
                let result = try CSVImport.run(path, to: .file(name), settings: settings)
                if !before.isEmpty {
                    #expect(
                        before == bytes(of: name),
                        "\(threads) threads, pieces of \(piece), large from \(largeFile)")
                }
                if policy == .drop {
                    if let first { #expect(result.report == first) } else { first = result.report }
                }
                try Self.check(try #require(result.tape), "seed \(seed)")
            }
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `shuffled rows are sorted to the tape of the rows in order`(seed: UInt64) throws {
        print("shuffle: seed \(seed)")
        var random = Xoshiro256StarStar(seed: seed)
        var rows: [String] = []
        for minute in 0..<500 {
            let time = TimeText.string(Timestamp(seconds: 1_700_000_040 + Int64(minute) * 60))
            for symbol in ["BBB", "AAA", "CCC"] where random.below(5) > 0 {
                rows.append(
                    "\(time),\(symbol),10,12,9,\(10 + random.below(3)),\(random.below(100))\n")
            }
        }
        func tape(_ rows: [String], _ policy: ImportPolicy) throws -> TapeFile {
            var settings = CSVImportSettings()
            settings.policy = policy
            settings.hints.timeframe = .minutes(1)
            settings.hints.order = .oldestFirst
            let path = folder.write(
                "ts,symbol,open,high,low,close,volume\n" + rows.joined(), "a.csv")
            return try #require(try CSVImport.run(path, to: .memory("a"), settings: settings).tape)
        }
        let ordered = try tape(rows, .reject)
        try Self.check(ordered, "seed \(seed)")
        #expect(ordered.contents.instruments.map(\.symbol) == ["AAA", "BBB", "CCC"])
        var bySymbol = rows
        bySymbol.sort { $0.split(separator: ",")[1] < $1.split(separator: ",")[1] }
        #expect(try tape(bySymbol, .reject).header.digest == ordered.header.digest)
        random.shuffle(&rows)
        #expect(try tape(rows, .repair).header.digest == ordered.header.digest)
    }

    @Test func `an import can be stopped, and leaves nothing`() throws {
        let rows = (0..<2000).map { "\(1_700_000_000 + $0 * 60),1,2,1,2,5\n" }.joined()
        let path = folder.write("time,open,high,low,close,volume\n" + rows, "a.csv")
        var settings = CSVImportSettings()
        settings.pieceSize = 1000
        #expect(throws: FeedError.self) {
            try CSVImport.run(path, to: .file(folder.file("a.tape")), settings: settings) {
                $0.events < 500
            }
        }
        #expect(folder.names == ["a.csv"])
    }

    @Test func `checking a file writes nothing`() throws {
        let path = folder.write(
            "time,open,high,low,close,volume\n1700000000,1,2,1,2,5\n1700000060,1,2,1,2,5\n", "a.csv"
        )
        #expect(try CSVImport.check(path).events == 2)
        #expect(folder.names == ["a.csv"])
    }
}
