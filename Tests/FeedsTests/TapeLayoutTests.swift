import CTapedeck
import Feeds
import Market
import TestGround
import Testing

/// The format as `docs/TAPE.md` states it, byte by byte.
@Suite struct TapeLayoutTests {
    let folder = ScratchFolder()

    private func number(_ bytes: [UInt8], _ at: Int, _ size: Int) -> UInt64 {
        bytes[at..<at + size].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private func text(_ bytes: [UInt8], _ at: Int, _ size: Int) -> String {
        String(decoding: bytes[at..<at + size].prefix { $0 != 0 }, as: UTF8.self)
    }

    private func file() throws -> [UInt8] {
        let writer = try TapeWriter(.file(folder.file("a.tape")), isDurable: false)
        try writer.append((1...5000).map { TapeSamples.bar($0) })
        var contents = TapeSamples.contents(["AAA", "BBB"])
        contents.instruments[1].kind = .future
        contents.instruments[1].multiplier = 50
        contents.instruments[1].isSynthetic = true
        contents.instruments[1].calendar = "XNYS"
        contents.stamps = [.open, .date]
        contents.label = "label"
        contents.hasSessions = true
        _ = try writer.finish(contents)
        return bytes(of: folder.file("a.tape"))
    }

    @Test func `the header stands where the document says`() throws {
        let file = try file()
        let tables = 4096 + 64 * 5000
        #expect(Array(file[..<8]) == [0x89, 0x54, 0x41, 0x50, 0x45, 0x0d, 0x0a, 0x1a])
        let fields: [(Int, Int, Int)] = [
            (8, 4, 1), (12, 4, 256), (16, 8, 3), (24, 8, 5000), (32, 8, 4096), (40, 8, tables),
            (48, 4, 2), (52, 4, 1),
            (56, 8, tables + 384), (64, 8, tables + 416), (72, 8, 2), (80, 8, tables + 480),
            (88, 4, 6), (92, 4, 5),
            (96, 4, 8), (100, 4, 4096), (104, 8, 60_000_000_000), (112, 8, 300_000_000_000_000),
            (120, 8, tables + 480 + 32),
        ]
        for (at, size, value) in fields {
            #expect(number(file, at, size) == UInt64(value), "at \(at)")
        }
        #expect(file[160..<240].allSatisfy { $0 == 0 })
        #expect(file[256..<4096].allSatisfy { $0 == 0 })
        #expect(file.count == tables + 512)
        #expect(file.count % 64 == 0)
    }

    @Test func `the tables stand where the document says`() throws {
        let file = try file()
        let second = 4096 + 64 * 5000 + 192
        #expect(file[second..<second + 8].elementsEqual([1, 0, 1, 2, 254, 0, 6, 3]))
        #expect((0..<4).map { number(file, second + 8 + $0 * 8, 8) } == [1, 1, 50, 0])
        #expect(text(file, second + 40, 48) == "BBB")
        #expect(text(file, second + 88, 24) == "TEST")
        #expect(text(file, second + 112, 16) == "USD")
        #expect(text(file, second + 128, 24) == "XNYS")
        let series = second + 192
        #expect(file[series..<series + 8].elementsEqual([1, 0, 0, 0, 60, 0, 0, 0]))
        #expect(
            (0..<3).map { number(file, series + 8 + $0 * 8, 8) } == [
                5000, 60_000_000_000, 300_000_000_000_000,
            ])
        let index = series + 32
        #expect(
            [0, 8, 32, 40].map { number(file, index + $0, 8) / 60_000_000_000 } == [
                1, 4096, 4097, 5000,
            ])
        #expect(text(file, index + 64, 32) == "a testlabeltapedeck")
    }

    @Test func `the checksums and the digest are those of the document`() throws {
        let file = try file()
        func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
            let product = a.multipliedFullWidth(by: b)
            return product.high ^ product.low
        }
        let k: [UInt64] = [
            0x6a09_e667_f3bc_c909, 0xbb67_ae85_84ca_a73b, 0x3c6e_f372_fe94_f82b,
            0xa54f_f53a_5f1d_36f1,
        ]
        let g: UInt64 = 0x9e37_79b9_7f4a_7c15
        var sums: [[UInt64]] = [[0, 0], [0, 0]]
        for place in 0..<5000 {
            let w = (0..<8).map { number(file, 4096 + place * 64 + $0 * 8, 8) }
            let key = UInt64(place) &* g
            sums[place / 4096][0] &+=
                mix(w[0] ^ k[0], w[1] ^ k[1] ^ key) &+ mix(w[2] ^ k[2] ^ key, w[3] ^ k[3])
            sums[place / 4096][1] &+=
                mix(w[4] ^ k[0] ^ key, w[5] ^ k[2]) &+ mix(w[6] ^ k[1] ^ key, w[7] ^ k[3])
        }
        let tables = 4096 + 64 * 5000
        let index = tables + 416
        #expect([16, 24, 48, 56].map { number(file, index + $0, 8) } == sums.flatMap { $0 })
        var header: [UInt64] = [0, 0]
        let words = Array(file[..<240]) + Array(file[tables...])
        for place in 0..<words.count / 8 {
            let key = UInt64(place) &* g
            let word = number(words, place * 8, 8)
            header[0] &+= mix(word ^ k[0] ^ key, k[1] ^ key)
            header[1] &+= mix(word ^ k[2] ^ key, k[3] &+ key)
        }
        #expect([240, 248].map { number(file, $0, 8) } == header)
        var identity = Array(file[tables..<tables + 384]) + Array(file[24..<32])
        for block in 0..<2 {
            identity += file[(index + block * 32 + 16)..<(index + block * 32 + 32)]
        }
        #expect(Array(file[128..<160]) == SHA256.hash(identity).bytes)
    }
}
