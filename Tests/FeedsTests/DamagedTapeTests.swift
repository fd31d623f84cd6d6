import CTapedeck
import Feeds
import Market
import TestGround
import Testing

@Suite struct DamagedTapeTests {
    let folder = ScratchFolder()

    private func kind(_ path: String, verify: Bool = true) -> FeedError.Kind? {
        do throws(FeedError) {
            let tape = try TapeFile(path)
            if verify { try tape.verify() }
            return nil
        } catch { return error.kind }
    }

    private func sample() throws -> [UInt8] {
        _ = try TapeSamples.write(folder.file("whole.tape"), bars: 5000)
        return bytes(of: folder.file("whole.tape"))
    }

    @Test func `what is no tape is named for what it is`() throws {
        #expect(kind(folder.file("none.tape")) == .notFound)
        #expect(kind(folder.path) == .isDirectory)
        #expect(kind("/dev/null") == .notRegularFile)
        #expect(kind(folder.write("", "empty.tape")) == .empty)
        #expect(kind(folder.write("ts,open\n1,2\n", "text.tape")) == .foreign)
        #expect(kind(folder.write("\u{7f}ELF", "elf.tape")) == .foreign)
        #expect(kind(folder.write([UInt8](repeating: 0, count: 5000), "zero.tape")) == .unfinished)
    }

    @Test(arguments: [5, 8, 100, 255, 256, 4096, 5000, 300_000])
    func `a tape cut short is called that`(size: Int) throws {
        let path = folder.write(Array(try sample().prefix(size)), "cut.tape")
        #expect(kind(path) == .truncated)
    }

    @Test func `one byte more is noticed`() throws {
        #expect(kind(folder.write(try sample() + [0], "long.tape")) == .corrupt)
    }

    @Test func `a newer format asks for a newer program`() throws {
        var tape = try sample()
        tape[8] = 2
        #expect(kind(folder.write(tape, "new.tape")) == .newerVersion)
    }

    @Test func `every changed byte is found by a full check`() throws {
        let whole = try sample()
        var random = SplitMix64(seed: 20_261)
        for _ in 0..<300 {
            var tape = whole
            let place = Int(random.below(UInt64(tape.count)))
            tape[place] ^= UInt8(1 << random.below(8))
            #expect(kind(folder.write(tape, "bad.tape")) != nil, "seed 20261, byte \(place)")
        }
    }

    @Test func `a changed event does not stop the opening`() throws {
        var tape = try sample()
        tape[4096 + 64 * 4500 + 30] ^= 4
        let path = folder.write(tape, "bad.tape")
        #expect(kind(path, verify: false) == nil)
        let error = #expect(throws: FeedError.self) { try TapeFile(path).verify() }
        #expect(
            error?.description == """
                \(path): damaged tape: block 1 (events 4096 to 4999) does not have its checksum; \
                import its source again
                """)
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func `no mutation of a tape crashes the reader`(seed: UInt64) throws {
        let whole = try sample()
        var random = SplitMix64(seed: seed)
        for round in 0..<60 {
            var tape = whole
            for _ in 0...random.below(20) {
                let place = Int(random.below(UInt64(random.below(4) == 0 ? tape.count : 256)))
                tape[place] = UInt8(truncatingIfNeeded: random.next())
            }
            if random.below(3) == 0 { tape.removeLast(Int(random.below(UInt64(tape.count)))) }
            if random.below(3) == 0 {
                // Past the checksum, so that the bounds alone must hold.
                tape = repaired(tape)
            }
            _ = kind(folder.write(tape, "fuzz.tape"))
            if round == 0 { print("tape mutations: seed \(seed)") }
        }
    }

    /// The mutated header with a checksum that fits, as an attacker would write it.
    private func repaired(_ tape: [UInt8]) -> [UInt8] {
        guard tape.count > 4096 else { return tape }
        let offset = tape[40..<48].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        guard offset < UInt64(tape.count) else { return tape }
        var sum = TapeChecksum()
        sum.add(Array(tape[..<240]) + Array(tape[Int(offset)...]))
        var result = tape
        for index in 0..<8 {
            result[240 + index] = UInt8(truncatingIfNeeded: sum.first >> UInt64(index * 8))
            result[248 + index] = UInt8(truncatingIfNeeded: sum.second >> UInt64(index * 8))
        }
        return result
    }
}
