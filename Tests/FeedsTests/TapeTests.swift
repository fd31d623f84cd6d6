import CTapedeck
import Feeds
import Market
import TestGround
import Testing

@Suite struct TapeTests {
    let folder = ScratchFolder()

    @Test(arguments: [0, 1, 4095, 4096, 4097, 20_000])
    func `what was written is read, numbered without gaps`(count: Int) throws {
        let written = try TapeSamples.write(folder.file("a.tape"), bars: count)
        let tape = try TapeFile(folder.file("a.tape"))
        #expect(tape.header == written.header)
        #expect(tape.count == count)
        #expect(
            tape.events.enumerated().allSatisfy { place, event in
                event.sequence == UInt64(place) && event.time == Int64(place + 1) * 60_000_000_000
                    && event.bar.close == 100 + Double((place + 1) % 50)
            })
        try tape.verify()
        #expect(folder.names == ["a.tape"])
    }

    @Test func `a tape says what is on it without reading an event`() throws {
        let writer = try TapeWriter(.file(folder.file("two.tape")), isDurable: false)
        for minute in 1...300 {
            try writer.append([
                TapeSamples.bar(minute, instrument: 0),
                TapeSamples.bar(minute, instrument: 1, timeframe: 300),
            ])
        }
        var contents = TapeSamples.contents(["AAA", "BÉTA"])
        contents.instruments[1].isSynthetic = true
        contents.instruments[1].allowsNonPositivePrices = true
        contents.instruments[1].kind = .future
        contents.instruments[1].multiplier = 50
        contents.stamps = [.date, .close]
        contents.label = "made by a seed"
        contents.hasSessions = true
        _ = try writer.finish(contents)
        let tape = try TapeFile(folder.file("two.tape"))
        #expect(tape.contents == contents)
        #expect(tape.contents.isSynthetic)
        let minute: Int64 = 60_000_000_000
        #expect(
            tape.header.series == [
                TapeSeries(
                    type: 1, instrument: 0, timeframe: 60, count: 300, firstTime: minute,
                    lastTime: 300 * minute),
                TapeSeries(
                    type: 1, instrument: 1, timeframe: 300, count: 300, firstTime: minute,
                    lastTime: 300 * minute),
            ])
    }

    @Test(arguments: [
        (0, 0), (1, 0), (60, 0), (61, 1), (240_000, 3999), (240_001, 4000), (600_000, 9999),
        (600_001, 10_000),
    ])
    func `the index finds the first event at or after a time`(second: Int, place: Int) throws {
        let tape = try TapeSamples.write(folder.file("a.tape"), bars: 10_000)
        #expect(tape.place(at: Int64(second) * 1_000_000_000) == place)
    }

    @Test func `a tape in memory needs no file and is the same`() throws {
        let writer = try TapeWriter(.memory("test"))
        try writer.append((1...5000).map { TapeSamples.bar($0, close: 100 + Double($0 % 50)) })
        let tape = try writer.finish(TapeSamples.contents())
        try tape.verify()
        #expect(folder.names == [])
        let onDisk = try TapeSamples.write(folder.file("a.tape"), bars: 5000)
        #expect(onDisk.header.digest == tape.header.digest)
    }

    @Test func `places written in any order give the same bytes`() throws {
        _ = try TapeSamples.write(folder.file("a.tape"), bars: 9000)
        let writer = try TapeWriter(.file(folder.file("b.tape")), isDurable: false)
        _ = writer.reserve(9000)
        for start in [5000, 0, 1000] {
            let end = [5000: 9000, 0: 1000, 1000: 5000][start]!
            var run = (start..<end).map {
                TapeSamples.bar($0 + 1, close: 100 + Double(($0 + 1) % 50))
            }
            try run.withUnsafeMutableBufferPointer {
                try writer.place($0.baseAddress!, count: $0.count, at: start)
            }
        }
        _ = try writer.finish(TapeSamples.contents())
        #expect(haveSameBytes(folder.file("a.tape"), folder.file("b.tape")))
    }

    @Test func `an unfinished tape leaves nothing behind, and the old one in place`() throws {
        folder.write("old", "a.tape")
        do {
            let writer = try TapeWriter(.file(folder.file("a.tape")))
            try writer.append([TapeSamples.bar(1)])
        }
        #expect(folder.names == ["a.tape"])
        #expect(bytes(of: folder.file("a.tape")) == Array("old".utf8))
    }

    @Test func `events that go back in time are refused`() throws {
        let writer = try TapeWriter(.memory("test"))
        #expect(throws: FeedError.self) {
            try writer.append([TapeSamples.bar(2), TapeSamples.bar(1)])
        }
        let other = try TapeWriter(.memory("test"))
        try other.append((5000...9999).map { TapeSamples.bar($0) })
        try other.append((1...5000).map { TapeSamples.bar($0) })
        #expect(throws: FeedError.self) { try other.finish(TapeSamples.contents()) }
    }

    @Test func `events of an unknown instrument and names that do not fit are refused`() throws {
        let writer = try TapeWriter(.memory("test"))
        try writer.append([TapeSamples.bar(1, instrument: 1)])
        #expect(throws: FeedError.self) { try writer.finish(TapeSamples.contents()) }
        #expect(throws: FeedError.self) {
            try writer.finish(TapeSamples.contents(["AAA", String(repeating: "B", count: 32)]))
        }
        _ = try writer.finish(TapeSamples.contents(["AAA", String(repeating: "B", count: 31)]))
    }
}
