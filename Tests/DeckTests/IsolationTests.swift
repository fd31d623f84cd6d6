import Deck
import Feeds
import Glibc
import Kernel
import Market
import StrategyHost
import Testing

/// Every strategy that is shipped is the same strategy wherever it runs.
@Suite(.serialized) struct IsolationTests {
    /// The modules of `Plugins/`, by name.
    static let modules: [String] = {
        guard let directory = opendir(DeckFolder.shippedPlugins) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(".so") { names.append(name) }
        }
        return names.sorted()
    }()

    @Test func `there are modules to play`() { #expect(Self.modules.count >= 10) }

    @Test(arguments: modules)
    func `a strategy comes to the same digest in the host, in a worker and in a sealed worker`(
        module: String
    ) throws {
        let folder = DeckFolder()
        let file = "\(DeckFolder.shippedPlugins)/\(module)"
        let symbols =
            try PluginFile.read(file).manifest.instruments.lowerBound > 1
            ? "[ALFA, BRAVO]" : "[ALFA]"
        let text = """
            seed: 5
            feed:
              { source: synthetic, calendar: XNYS, timeframe: 1m, start: 2024-01-02, sessions: 12, correlation: 0.3 }
            assets: [ALFA, BRAVO]
            defaults: { cash: 100000 USD, timeframe: 5m, allow_short: true, sizing: 40% }
            strategies:
              - { name: in host, plugin: \(file), symbols: \(symbols), isolation: host }
              - { name: in worker, plugin: \(file), symbols: \(symbols), isolation: worker }
              - { name: sealed, plugin: \(file), symbols: \(symbols), isolation: sealed }
            """
        let configuration = try DeckConfiguration.load(text: text, path: folder.file("c.yaml"))
            .get()
        for block in [4_096, 97] {
            var options = PlayOptions()
            options.blockSize = block
            let result = try TapeDeck(
                configuration, plugins: PluginStore(probe: nil), options: options
            ).play()
            #expect(result.slots.map(\.fault) == [nil, nil, nil])
            #expect(Set(result.slots.map(\.digest)).count == 1, "\(result.slots.map(\.digest))")
            // One of them only gives signals.
            #expect(result.slots[0].counts.orders > 0 || module == "regime-filter.so")
        }
    }
}
