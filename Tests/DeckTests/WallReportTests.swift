import Journal
import StrategyHost
import Testing

@testable import Deck

/// Where strategies run, and inside which walls, stands in the result, the status and the journal.
@Suite(.serialized) struct WallReportTests {
    let folder = DeckFolder()

    init() throws { try folder.writeTape() }

    private func configuration(_ strategies: String, top: String = "") throws -> DeckConfiguration {
        try DeckConfiguration.load(
            text: """
                feed: { source: tape, path: small.tape }
                \(top)
                strategies:
                \(strategies)
                """, path: folder.file("c.yaml")
        ).get()
    }

    private static let strategies = """
          - { name: inside, plugin: org.tapedeck.buy-and-hold, symbols: AAA, timeframe: 1m, isolation: host }
          - { name: beside, plugin: org.tapedeck.buy-and-hold, symbols: AAA, timeframe: 1m }
          - { name: sealed, plugin: org.tapedeck.buy-and-hold, symbols: AAA, timeframe: 1m, isolation: sealed }
        """

    private static let unpinned = "host: none, the configuration says so; its hash is not pinned"

    /// All that this machine has.
    private var held: String {
        let gaps = SandboxReport.ofMachine.walls.filter { !$0.isInForce }
            .map { "\($0.layer.rawValue) (\($0.reason ?? ""))" }
        return gaps.isEmpty ? "every layer" : "all layers but " + gaps.joined(separator: ", ")
    }

    @Test func `result, status and journal say the same of each strategy`() throws {
        let configuration = try configuration(Self.strategies, top: "plugins: { folder: plugins }")
        let deck = try TapeDeck(configuration, plugins: PluginStore(probe: nil))
        let path = folder.file("runs.db")
        var status: DeckStatus?
        let result = try deck.play(into: JournalSink(try JournalWriter(path: path))) { _ in
            do { status = try deck.status() } catch { Issue.record(error) }
        }
        let expected = [Self.unpinned, "worker: \(held)", "sealed: \(held)"]
        #expect(
            result.slots.map { $0.assumptions.filter { $0.subject == "walls" }.map(\.text) }
                == expected.map { [$0] })
        let slots = try #require(status).slots
        #expect(slots.map(\.walls) == expected)
        #expect(slots.map(\.isolation) == ["host", "worker", "sealed"])
        #expect(slots[0].sandbox == nil)
        let layers = SandboxReport.ofMachine.walls.filter(\.isInForce).map(\.layer)
        #expect(
            slots.dropFirst().allSatisfy {
                $0.sandbox?.layers == layers && $0.sandbox?.grants == []
            })
        let kept = try JournalReader(path: path).slots(of: 1)
        #expect(kept.map(\.isolation) == ["host", "worker", "sealed"])
        #expect(kept.map(\.walls) == expected)
    }

    @Test func `what is pinned runs in the host without a word of doubt`() throws {
        let file = try PluginFile.read("\(folder.plugins)/buy-and-hold.so")
        let trusted =
            "plugins: { folder: plugins, trusted: [{ id: org.tapedeck.buy-and-hold, sha256: \(file.digest) }] }"
        let configuration = try configuration(
            "  - { name: a, plugin: org.tapedeck.buy-and-hold, symbols: AAA, timeframe: 1m }",
            top: trusted)
        let result = try TapeDeck(configuration, plugins: PluginStore(probe: nil)).play()
        #expect(result.slots[0].assumptions.last?.text == "host: none, its hash is pinned")
    }

    @Test func `what is granted is a file that is there, from the configuration's folder`() throws {
        folder.write("1", "model.bin")
        let line =
            "  - { name: a, plugin: org.tapedeck.buy-and-hold, symbols: AAA, timeframe: 1m, grant: { file: model.bin } }"
        // It does not need one, so it gets none.
        let slot = try configuration(line, top: "plugins: { folder: plugins }").slots[0]
        #expect(slot.limits.readableFile == nil)
        let missing = line.replacing("model.bin", with: "models.bin")
        #expect {
            _ = try configuration(missing, top: "plugins: { folder: plugins }")
        } throws: { "\($0)".hasSuffix("there is no file \"models.bin\" that could be granted") }
    }
}
