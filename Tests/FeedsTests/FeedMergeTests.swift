import CTapedeck
import Feeds
import Market
import Testing

@Suite struct FeedMergeTests {
    private func tape(
        _ symbols: [String], _ events: [Event], calendar: String = "24/7"
    ) throws -> TapeFile {
        let writer = try TapeWriter(.memory("test"))
        try writer.append(events)
        var contents = TapeSamples.contents(symbols)
        for index in contents.instruments.indices {
            contents.instruments[index].calendar = calendar
        }
        return try writer.finish(contents)
    }

    private func all(_ merge: FeedMerge, blocks size: Int = 8192) throws -> [Event] {
        var events: [Event] = []
        var blocks = merge.blocks(of: size)
        while let block = try blocks.next() {
            #expect(!block.isEmpty)
            events += Array(block)
        }
        return events
    }

    @Test func `one tape is played where it lies`() throws {
        let tape = try tape(["A"], (1...100).map { TapeSamples.bar($0) })
        let merge = try FeedMerge([tape])
        var blocks = merge.blocks(of: 64)
        let first = try blocks.next()
        #expect(first?.baseAddress == tape.events.baseAddress)
        #expect(first?.count == 64)
        let second = try blocks.next(), third = try blocks.next()
        #expect(second?.count == 36)
        #expect(third == nil)
    }

    @Test func `a span is cut out of every tape`() throws {
        let one = try tape(["A"], (1...100).map { TapeSamples.bar($0) })
        let other = try tape(["B"], (1...100).map { TapeSamples.bar($0) })
        let minute = Timestamp(seconds: 600), end = Timestamp(seconds: 720)
        #expect(
            try all(try FeedMerge([one], from: minute, to: end)).map(\.time)
                == [600, 660].map { $0 * 1_000_000_000 })
        #expect(
            try all(try FeedMerge([one, other], from: minute, to: end)).map(\.instrument) == [
                0, 1, 0, 1,
            ])
        #expect(try all(try FeedMerge([one, other], from: end, to: minute)).isEmpty)
    }

    @Test func `instruments are numbered anew, and one symbol is one instrument`() throws {
        let one = try tape(
            ["A", "B"],
            (1...3).flatMap { [TapeSamples.bar($0), TapeSamples.bar($0, instrument: 1)] })
        let other = try tape(
            ["C", "A"],
            (1...3).flatMap {
                [
                    TapeSamples.bar($0, instrument: 0),
                    TapeSamples.bar($0, instrument: 1, timeframe: 300),
                ]
            })
        let merge = try FeedMerge([one, other])
        #expect(merge.contents.instruments.map(\.symbol) == ["A", "B", "C"])
        #expect(merge.contents.instruments.map(\.id) == [0, 1, 2])
        #expect(merge.instruments == [[0, 1], [2, 0]])
        let events = try all(merge)
        #expect(events.map(\.instrument) == [0, 0, 1, 2, 0, 0, 1, 2, 0, 0, 1, 2])
        #expect(events.map(\.timeframe) == [60, 300, 60, 60, 60, 300, 60, 60, 60, 300, 60, 60])
        #expect(events.map(\.sequence) == (0..<12).map { UInt64($0) })
    }

    @Test func `of two units the finer is kept`() throws {
        let one = try tape(["A"], [TapeSamples.bar(1)])
        let writer = try TapeWriter(.memory("fine"))
        try writer.append([TapeSamples.bar(2)])
        var contents = TapeSamples.contents(["A"])
        contents.instruments[0].priceExponent = -4
        contents.instruments[0].priceStep = Price(50)
        let merge = try FeedMerge([one, try writer.finish(contents)])
        #expect(merge.contents.instruments[0].priceExponent == -4)
        #expect(merge.contents.instruments[0].priceStep == Price(50))
    }

    @Test func `what contradicts itself is refused`() throws {
        let one = try tape(["A"], (1...10).map { TapeSamples.bar($0) })
        let overlapping = try tape(["A"], (10...20).map { TapeSamples.bar($0) })
        let other = try tape(["A"], (11...20).map { TapeSamples.bar($0) }, calendar: "XNYS")
        let error = #expect(throws: FeedError.self) { try all(try FeedMerge([one, overlapping])) }
        #expect(
            error?.message
                == "two tapes have the bar of 1m of A that closes at 1970-01-01T00:10:00Z")
        let trade = Event.trade(0, at: Timestamp(seconds: 60), price: 1, quantity: 1)
        #expect(throws: FeedError.self) {
            try FeedMerge([try tape(["A"], [trade]), try tape(["A"], [trade])])
        }
        #expect(throws: FeedError.self) { try FeedMerge([one, other]) }
        #expect(throws: FeedError.self) { try FeedMerge([]) }
        let holes = try tape(["A"], [1, 3, 5].map { TapeSamples.bar($0) })
        let fill = try tape(["A"], [2, 4].map { TapeSamples.bar($0) })
        #expect(
            try all(try FeedMerge([holes, fill])).map(\.time)
                == (1...5).map { Int64($0) * 60_000_000_000 })
        let next = try tape(["A"], (11...20).map { TapeSamples.bar($0) })
        #expect(
            try all(try FeedMerge([next, one])).map(\.time)
                == (1...20).map { Int64($0) * 60_000_000_000 })
    }

    @Test func `sessions of several tapes are told once`() throws {
        func import_(_ symbol: String, _ days: [String]) throws -> TapeFile {
            let rows = days.map { "\($0),1,2,1,2,5\n" }.joined()
            return try #require(
                try ImportedCSV(
                    "date,open,high,low,close,volume\n" + rows, name: "\(symbol).csv",
                    calendar: "XNYS"
                ) { $0.hasSessions = true }.tape)
        }
        let merge = try FeedMerge([
            try import_("A", ["2024-01-02", "2024-01-03"]),
            try import_("B", ["2024-01-03", "2024-01-04"]),
        ])
        #expect(merge.contents.hasSessions)
        let events = try all(merge)
        #expect(events.map(\.type) == [7, 1, 8, 7, 1, 1, 8, 7, 1, 8])
        #expect(events.map(\.sequence) == (0..<10).map { UInt64($0) })
        let written = try merge.write(.memory("merged"))
        try ImportPropertyTests.check(written, "merged")
        #expect(written.contents == merge.contents)
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func `a merge of random tapes is their sorted union, whatever the blocks`(seed: UInt64) throws {
        print("merge: seed \(seed)")
        var random = Xoshiro256StarStar(seed: seed)
        var union: [Event] = []
        var tapes: [TapeFile] = []
        for tapeNumber in 0..<(2 + Int(random.below(5))) {
            var events: [Event] = []
            for _ in 0..<random.below(300) {
                var event = TapeSamples.bar(
                    Int(random.below(200)) + 1, timeframe: UInt32(60 * (1 + random.below(3))))
                if random.below(3) == 0 {
                    event = .trade(
                        0, at: event.timestamp, price: Double(random.below(50) + 1), quantity: 1)
                }
                // No tape has one bar twice.
                let isThere = events.contains {
                    $0.type == event.type && $0.time == event.time
                        && $0.timeframe == event.timeframe
                }
                if event.kind == .trade || !isThere { events.append(event) }
            }
            EventOrder.sort(&events)
            tapes.append(try tape(["S\(tapeNumber)"], events))
            union += events.map { event in
                var event = event
                event.instrument = UInt16(tapeNumber)
                return event
            }
        }
        EventOrder.sort(&union)
        for index in union.indices { union[index].sequence = UInt64(index) }
        let merge = try FeedMerge(tapes)
        for size in [1, 7, 64, 8192] {
            let events = try all(merge, blocks: size)
            #expect(
                events.elementsEqual(union, by: RoundTripTests.isSame),
                "seed \(seed), blocks of \(size)")
        }
    }
}
