import Foundation
import TestGround
import Testing

/// The code of the tutorials is taken from their pages, built and played.
struct TutorialTests {
    /// The code blocks of a page that a `<!-- file: NAME -->` stands before, joined by file.
    static func files(in page: String) -> [String: String] {
        var files: [String: String] = [:]
        var name: String?
        var isInside = false
        for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("<!-- file: ") {
                name = String(line.dropFirst("<!-- file: ".count).dropLast(" -->".count))
            } else if line.hasPrefix("```") {
                if isInside { name = nil }
                isInside = !isInside && name != nil
            } else if isInside, let name {
                files[name, default: ""] += line + "\n"
            }
        }
        return files
    }

    @Test(arguments: ["swift.md", "c.md"])
    func `the tutorial's code builds, trades, and does the same in runs of any length`(
        page: String
    ) throws {
        let host = try PluginTests.host.get()
        let scratch = ScratchFolder()
        let folder = scratch.path
        let files = Self.files(in: try Checkout.text("docs/tutorial/\(page)"))
        #expect(files.count == 1)
        for (name, text) in files {
            try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
            let library = "\(folder)/strategy.so"
            let built = try run(Checkout.path("sdk/build"), ["\(folder)/\(name)", "-o", library])
            try #require(built.status == 0, "\(built.error)")
            #expect(built.error.isEmpty, "warnings: \(built.error)")
            let arguments = try PluginManifest(ofLibrary: library).arguments()
            let single = try run(host, [library, "orders", "run=1"] + arguments)
            let whole = try run(host, [library, "orders", "run=100000"] + arguments)
            #expect(
                single.status == 0 && single.output == whole.output, "\(single.output.suffix(200))")
            #expect(single.output.split(separator: "\n").count > 10)
            let refused = try run(host, [library, "refuse"] + arguments)
            #expect(refused.status == 0, "\(refused.output.suffix(200))")
        }
    }
}
