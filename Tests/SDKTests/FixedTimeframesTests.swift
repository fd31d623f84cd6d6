import Foundation
import TestGround
import Testing

/// A Swift strategy that chooses its time frames itself.
struct FixedTimeframesTests {
    private static let source = """
        struct Both: Strategy, ~Copyable {
            static var about: About {
                About(
                    id: "org.example.both", name: "Both", version: "1.0.0", license: "MIT",
                    fixedTimeframes: ["1m", "1h"])
            }
            init(_ setup: Setup) throws(Refusal) {
                if setup.timeframes.count != 2 { throw Refusal("two were expected") }
            }
            mutating func onBar(_ bar: Bar, _ context: Context) {}
        }
        typealias Plugin = Both
        """

    @Test func `its manifest names them, and it is given as many`() throws {
        let folder = ScratchFolder()
        let library = folder.file("both.so")
        let built = try run(
            Checkout.path("sdk/build"), [folder.write(Self.source, "both.swift"), "-o", library])
        try #require(built.status == 0, "\(built.error)")
        let manifest = try PluginManifest(ofLibrary: library)
        #expect(manifest.timeframes?.fixed == ["1m", "1h"])
        #expect(manifest.timeframes?.min == nil)
    }
}
