import Deck
import StrategyHost
import TestGround
import Testing

struct ShippedConfigurationTests {
    @Test func `the shipped strategies yaml plays on a synthetic market`() throws {
        let configuration = try DeckConfiguration.load(Checkout.path("strategies.yaml")).get()
        #expect(configuration.outline.symbols == ["ALFA", "BRAVO", "CHARLIE", "DELTA"])
        let result = try TapeDeck(configuration, plugins: PluginStore(probe: nil)).play()
        #expect(result.status == .complete)
        #expect(result.identity.isSynthetic)
        #expect(result.slots.count == 10)
        for slot in result.slots {
            #expect(slot.fault == nil)
            #expect(slot.counts.fills > 0, "\(slot.name)")
        }
    }
}
