import Foundation
import Kernel
import Market
import TestGround
import Testing

@testable import StrategyHost

/// Every shipped strategy, made, played, destroyed and taken out of the process.
@Suite struct ShippedPluginTests {
    /// What `scripts/plugins` builds, found by the libraries that then lie there.
    static let libraries: Result<[String], any Error> = Result {
        let built = try run(Checkout.path("scripts/plugins"), [], seconds: 600)
        guard built.status == 0 else { throw Fixture.Failure(description: built.error) }
        return try FileManager.default.contentsOfDirectory(atPath: Checkout.plugins)
            .filter { $0.hasSuffix(".so") }.sorted().map { "\(Checkout.plugins)/\($0)" }
    }

    @Test func `every shipped strategy is played, destroyed and unloaded, and nothing of it stays`()
        throws
    {
        let libraries = try Self.libraries.get()
        print("shipped strategies: \(libraries.count)")
        try #require(!libraries.isEmpty)
        let tape = try TestTape.random(6_000, seed: 7)
        for library in libraries {
            let store = PluginStore(probe: nil)
            // Twice: what comes back after it left must be as new.
            let digests = try (0..<2).map { _ in try Self.playAndUnload(library, store, tape) }
            #expect(digests[0] == digests[1], "\(library)")
            #expect(store.open.isEmpty && store.pinned.isEmpty, "\(library)")
        }
    }

    /// The digest of what it did.
    private static func playAndUnload(
        _ library: String, _ store: PluginStore, _ tape: TestTape
    ) throws -> String {
        let image = try store.open(library)
        let name = image.sealed.mappedName
        let digest: String
        do {
            let runner = try Stage.runner(image)
            #expect(image.instances == 1)
            let outcome = Stage.play(runner, tape)
            #expect(outcome.fault == nil, "\(library): \(outcome.fault?.description ?? "")")
            #expect(outcome.standing == "stopped", "\(library)")
            digest = outcome.digest
        }
        #expect(image.instances == 0, "\(library)")
        let report = store.close(image)
        #expect(report.isGone && report.residentBytes == 0, "\(report)")
        #expect(!image.range.isLoaded)
        #expect(MemoryMap.lines(name, or: 0..<0).isEmpty, "\(library)")
        return digest
    }
}
