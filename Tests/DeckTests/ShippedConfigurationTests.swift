import Deck
import StrategyHost
import Testing

struct ShippedConfigurationTests {
    @Test func `the shipped strategies yaml plays on the prices in examples/data`() throws {
        let configuration = try DeckConfiguration.load("\(DeckFolder.root)/strategies.yaml").get()
        #expect(configuration.outline.symbols == ["SYNA", "SYNB", "SYNC"])
        let result = try TapeDeck(configuration, plugins: PluginStore(probe: nil)).play()
        #expect(result.status == .complete)
        #expect(result.slots.count == 8)
        for slot in result.slots {
            #expect(slot.fault == nil)
            #expect(slot.counts.fills > 0, "\(slot.name)")
        }
    }
}
