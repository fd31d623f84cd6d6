import Foundation
import TestGround
import Testing
@testable import Market

private struct GeneratorVectors: Decodable {
    struct Stream: Decodable { let seed: UInt64; let first: [String] }
    struct Below: Decodable { let seed, n: UInt64; let first: [UInt64] }
    struct Unit: Decodable { let seed: UInt64; let first: [Double] }
    struct Shuffle: Decodable { let seed: UInt64; let n: Int; let result: [Int] }
    let splitmix64: [Stream]
    let xoshiro256starstar_seeded_by_splitmix64: [Stream]
    let below: [Below]
    let unit: [Unit]
    let shuffle: [Shuffle]
}

@Suite struct SeededRandomGoldenTests {
    private func vectors() throws -> GeneratorVectors {
        try GoldenFolder.json("walkforward_montecarlo/monte_carlo.json")
    }

    private func draws(_ count: Int, from random: some SeededRandom) -> [String] {
        var random = random
        return (0..<count).map { _ in String(random.next()) }
    }

    @Test func `both generators draw what the vectors say`() throws {
        let vectors = try vectors()
        #expect(
            !vectors.splitmix64.isEmpty && !vectors.xoshiro256starstar_seeded_by_splitmix64.isEmpty)
        for stream in vectors.splitmix64 {
            #expect(draws(stream.first.count, from: SplitMix64(seed: stream.seed)) == stream.first)
        }
        for stream in vectors.xoshiro256starstar_seeded_by_splitmix64 {
            #expect(
                draws(stream.first.count, from: Xoshiro256StarStar(seed: stream.seed))
                    == stream.first)
        }
        print("splitmix64: \(vectors.splitmix64.count), ", terminator: "")
        print("xoshiro256**: \(vectors.xoshiro256starstar_seeded_by_splitmix64.count) streams")
    }

    @Test func `bounded draws, unit draws and shuffles`() throws {
        let vectors = try vectors()
        #expect(!vectors.below.isEmpty && !vectors.unit.isEmpty && !vectors.shuffle.isEmpty)
        for row in vectors.below {
            var random = SplitMix64(seed: row.seed)
            #expect(row.first.map { _ in random.below(row.n) } == row.first)
        }
        for row in vectors.unit {
            var random = SplitMix64(seed: row.seed)
            #expect(row.first.map { _ in random.unit() } == row.first)
        }
        for row in vectors.shuffle {
            var random = SplitMix64(seed: row.seed)
            var numbers = Array(0..<row.n)
            random.shuffle(&numbers)
            #expect(numbers == row.result, "seed \(row.seed), n \(row.n)")
        }
        print(
            "below: \(vectors.below.count), unit: \(vectors.unit.count), shuffle: \(vectors.shuffle.count)"
        )
    }
}
