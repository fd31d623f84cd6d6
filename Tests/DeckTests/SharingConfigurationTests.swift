import Deck
import StrategyHost
import Testing

/// The key `share_worker`.
struct SharingConfigurationTests {
    let folder = DeckFolder()

    init() throws { try folder.writeTape() }

    private func load(_ lines: String) -> Result<DeckConfiguration, ConfigurationProblems> {
        DeckConfiguration.load(
            text: """
                feed: { source: tape, path: small.tape }
                plugins: { folder: plugins }
                strategies:
                  - name: a
                    plugin: org.tapedeck.sma-cross
                    symbols: AAA
                    timeframe: 1m
                \(lines)
                """, path: folder.file("c.yaml"))
    }

    private func problems(_ lines: String) -> String {
        guard case .failure(let problems) = load(lines) else { return "" }
        return problems.description.replacing(folder.path + "/", with: "")
    }

    @Test func `instances of a module share a worker where the operator says so`() throws {
        func most(_ line: String) throws -> Int {
            try load("    " + line).get().slots[0].mostSharers
        }
        #expect(try most("lots: fifo") == 1)
        #expect(try most("share_worker: false") == 1)
        #expect(try most("share_worker: true") == SlotPlan.mostSharers)
        #expect(try most("share_worker: 40") == 40)
        let one = problems("    share_worker: 1")
        #expect(
            one.hasPrefix(
                "c.yaml:8:19: share_worker must be true, false, or how many instances one worker may hold (2 to 1024)"
            ), "\(one)")
        let place = "    isolation: sealed\n    share_worker: true"
        #expect(
            problems(place).hasPrefix(
                "c.yaml:9:19: share_worker is for isolation: worker; a sealed one would see in another's events"
            ), "\(problems(place))")
        #expect(
            problems(place.replacing("sealed", with: "host")).hasPrefix(
                "c.yaml:9:19: share_worker is for isolation: worker; this strategy runs inside the host"
            ))
    }
}
