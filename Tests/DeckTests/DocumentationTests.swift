import Deck
import Foundation
import Testing

struct DocumentationTests {
    @Test func `docs/CONFIGURATION.md explains every key that can be written`() throws {
        let text = try String(contentsOfFile: "\(DeckFolder.root)/docs/CONFIGURATION.md", encoding: .utf8)
        for (section, keys) in DeckConfiguration.keys {
            for key in keys {
                #expect(text.contains("`\(key)`") || text.contains("`\(key):"), "\(key) of \(section)")
            }
        }
    }
}
