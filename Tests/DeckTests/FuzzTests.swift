import CTapedeck
import Deck
import Feeds
import Foundation
import Kernel
import Market
import StrategyHost
import TestGround
import Testing

/// What `tapedeck fuzz` plays, finds and makes shorter.
struct FuzzTests {
    static let seed: UInt64 = 20_261_121

    @Test func `the kernel keeps every rule under a storm of orders, on eighty altered tapes`()
        throws
    {
        print("seed \(Self.seed)")
        let fuzzer = Fuzzer(.synthetic, [StormTrial()])
        for number in 0..<80 {
            let finding = try fuzzer.check(seed: Fuzzer.seed(of: number, in: Self.seed))
            #expect(
                finding == nil,
                "case \(finding?.seed ?? 0): \(finding?.violation.description ?? "")")
        }
    }

    @Test func `tapes that have failed once are kept, and pass`() throws {
        let folder = Checkout.path("Tests/Fixtures/fuzz")
        let all = try FileManager.default.contentsOfDirectory(atPath: folder)
        let names = all.filter { $0.hasSuffix(".tape") }.sorted()
        #expect(!names.isEmpty)
        let fuzzer = Fuzzer(.synthetic, [StormTrial()])
        for name in names {
            let (tape, seed) = try #require(Fuzzer.Finding.read(try TapeFile("\(folder)/\(name)")))
            #expect(fuzzer.violation(tape, seed: seed) == nil, "\(name)")
        }
    }

    @Test func `a case is the same every time it is made`() throws {
        let fuzzer = Fuzzer(.synthetic, [])
        for number in 0..<20 {
            let seed = Fuzzer.seed(of: number, in: Self.seed)
            let (one, two) = (try fuzzer.tape(seed: seed), try fuzzer.tape(seed: seed))
            #expect(one.alterations == two.alterations)
            let first = try one.write(.memory("one")).header.digest
            #expect(try two.write(.memory("two")).header.digest == first)
        }
    }

    @Test func `every kind of alteration comes`() throws {
        let fuzzer = Fuzzer(.synthetic, [])
        var seen: Set<String> = []
        for number in 0..<100 {
            for text in try fuzzer.tape(seed: Fuzzer.seed(of: number, in: Self.seed)).alterations {
                seen.insert(
                    String(text.prefix { !$0.isNumber }).replacingOccurrences(
                        of: " at event ", with: ""))
            }
        }
        #expect(seen == Set(TapeMutation.allCases.map(\.rawValue)))
    }

    // MARK: planted faults

    /// The first finding of a trial with a rule broken on purpose.
    private func finding(_ tamper: @escaping (inout Records) -> Void) throws -> Fuzzer.Finding {
        let fuzzer = Fuzzer(.synthetic, [StormTrial(tamper: tamper)])
        for number in 0..<200 {
            if let finding = try fuzzer.check(seed: Fuzzer.seed(of: number, in: Self.seed)) {
                return finding
            }
        }
        throw NotFound()
    }

    private struct NotFound: Error {}

    @Test func `a fill outside its bar is found, and its tape becomes a handful of events`() throws
    {
        let found = try finding { records in
            for index in records.fills.indices { records.fills[index].price.rawValue *= 3 }
        }
        #expect(found.violation.rule == .fillInsideBar)
        #expect(found.events > 40)
        #expect(found.tape.events.count <= 8, "\(found.tape.events.count) events are left")
    }

    @Test func `a fill that is told twice is found`() throws {
        let found = try finding { records in records.fills += records.fills }
        #expect(found.violation.rule == .positionAddsUp)
        #expect(found.tape.events.count <= 8)
    }

    @Test func `money that no record explains is found`() throws {
        let found = try finding { records in
            for index in records.fills.indices where records.fills[index].fee != .zero {
                records.fills[index].fee.rawValue += 1
            }
        }
        #expect(found.violation.rule == .cashAddsUp)
        #expect(found.tape.events.count <= 8)
    }

    @Test func `an account may stop where its money left its range, and nowhere else`() throws {
        let fuzzer = Fuzzer(.synthetic, [])
        var stopped = 0
        for number in 0..<60 {
            let seed = Fuzzer.seed(of: number, in: Self.seed)
            var tape = try fuzzer.tape(seed: seed)
            // Who holds anything is rich before the end.
            for place in tape.events.indices {
                tape.scale(place..<place + 1, by: Double(pow(1.12, Double(place))))
            }
            tape.isExtreme = false
            let violation = StormTrial().violation(tape, seed: seed)
            #expect(violation == nil, "case \(seed)")
            // The same fault of an account that could have held a million times as much.
            let wide = StormTrial(largest: Int128(Books.largestAmount) << 20)
            guard let found = wide.violation(tape, seed: seed) else { continue }
            #expect(found.rule == .booksClose)
            #expect(found.text.hasSuffix("overflow, and no figure has left its range"))
            stopped += 1
        }
        #expect(stopped > 5)
    }

    @Test func `an order number that is left out is found`() throws {
        let found = try finding { records in records.orders.removeAll { $0.order == 3 } }
        #expect(found.violation.rule == .numbers)
    }

    @Test func `a shortest tape written, read and played again breaks the same rule`() throws {
        let folder = ScratchFolder()
        let tamper: (inout Records) -> Void = { records in records.fills += records.fills }
        let found = try finding(tamper)
        try found.write(folder.file("case.tape"))
        let (tape, seed) = try #require(Fuzzer.Finding.read(try TapeFile(folder.file("case.tape"))))
        #expect(seed == found.seed)
        let again = Fuzzer(.synthetic, [StormTrial(tamper: tamper)]).violation(tape, seed: seed)
        #expect(again?.violation == found.violation)
        #expect(
            Fuzzer(.synthetic, [StormTrial()]).violation(tape, seed: seed) == nil,
            "the true rules hold on it")
    }

    // MARK: strategies

    private func fuzzer(_ define: String) throws -> Fuzzer {
        let understudy = try Understudy(path: try CheatingModule.path(define))
        let configuration = try understudy.configuration(seed: 7, sessions: 3).get()
        let rehearsal = TapeTrial(configuration, plugins: PluginStore(probe: nil))
        return Fuzzer(.pieces(configuration.open.tape), [DeckTrial(rehearsal)])
    }

    private func firstFinding(_ define: String, cases: Int) throws -> Fuzzer.Finding? {
        let fuzzer = try fuzzer(define)
        for number in 0..<cases {
            if let finding = try fuzzer.check(seed: Fuzzer.seed(of: number, in: Self.seed)) {
                return finding
            }
        }
        return nil
    }

    @Test func `an honest strategy passes`() throws {
        #expect(try firstFinding("HONEST", cases: 15) == nil)
    }

    @Test
    func `a strategy that fails without a word where nothing was traded is found at one event`()
        throws
    {
        let found = try #require(try firstFinding("NO_VOLUME", cases: 60))
        #expect(found.violation.rule == .explained)
        #expect(found.tape.events.count == 1)
        #expect(found.tape.events[0].bar.volume == 0)
    }

    @Test func `a strategy that reads ahead is found, and a handful of events shows it`() throws {
        let found = try #require(try firstFinding("NEXT_BAR", cases: 20))
        #expect(found.violation.rule == .batches)
        #expect(found.tape.events.count <= 8)
    }

    // MARK: the reducer

    @Test func `the reducer leaves exactly the events that matter`() throws {
        var tape = try FuzzTape.made(seed: 3)
        let wanted: Set<Int64> = [tape.events[10].time, tape.events[50].time, tape.events[90].time]
        tape = tape.with(tape.events)
        var reducer = TapeReducer()
        let shortest = reducer.reduce(tape) { wanted.isSubset(of: Set($0.events.map(\.time))) }
        #expect(shortest.events.map(\.time) == wanted.sorted())
        #expect(shortest.events.map(\.sequence) == [0, 1, 2])
        #expect(reducer.plays < 400)
    }
}
