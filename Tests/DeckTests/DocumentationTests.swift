import Deck
import Foundation
import TestGround
import Testing

struct DocumentationTests {
    @Test func `docs/CONFIGURATION.md explains every key that can be written`() throws {
        let text = try Checkout.text("docs/CONFIGURATION.md")
        for (section, keys) in DeckConfiguration.keys {
            for key in keys {
                #expect(
                    text.contains("`\(key)`") || text.contains("`\(key):"), "\(key) of \(section)")
            }
        }
    }
}
