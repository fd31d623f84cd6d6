import Foundation
import Testing

/// The rules themselves: each must find what it is for, and leave alone what only looks like it.
struct HouseRuleTests {
    private func tokens(_ text: String) -> [String] {
        SourceFile("a.swift", text).tokens.map(\.text)
    }

    @Test(arguments: [
        ("a // b\nc", "a c"), ("a /* b /* c */ d */ e", "a e"), (#"a "b" c"#, "a c"),
        (#"a "b\"c" d"#, "a d"), (##"a #"b"c"# d"##, "a d"),
        ("a \"\"\"\nb \"c\" d\n\"\"\" e", "a e"),
        (#"a "b \(c + "d") e" f"#, "a c + f"), (##"a #"\(b) \#(c)"# d"##, "a c d"),
        ("func `try! a`() { b }", "func ( ) { b }"), (#"a "b \((c, d)) e" f"#, "a ( c , d ) f"),
        ("a /* b", "a"), (#"a "b"#, "a"),
    ])
    func `comments and texts are no code, what is computed in a text is`(text: String, code: String)
    {
        #expect(tokens(text).joined(separator: " ") == code)
    }

    @Test func `lines are counted through texts and comments`() {
        let file = SourceFile("a.swift", "a\n\"\"\"\n\n\"\"\"\n/*\n\n*/ b")
        #expect(file.tokens.map(\.line) == [1, 7])
    }

    @Test(arguments: [
        ("Sources/Market/A.swift", "import Kernel", "Market may not import Kernel"),
        ("Sources/Kernel/A.swift", "import Foundation", "Kernel may not import Foundation"),
        ("Sources/Kernel/A.swift", "package import Dispatch", "Kernel may not import Dispatch"),
        ("Sources/Feeds/A.swift", "internal import CSQLite", "Feeds may not import CSQLite"),
        ("Sources/Deck/A.swift", "import struct Foundation.Date", "Deck may not import Foundation"),
        ("Sources/Deck/A.swift", "@testable import tapedeck", "Deck may not import tapedeck"),
        (
            "Sources/New/A.swift", "import Market",
            "New, which is no known room, may not import Market"
        ),
        ("Plugins/a/A.swift", "import Kernel", "An author's code may not import Kernel"),
    ])
    func `an import upwards is found`(path: String, code: String, message: String) {
        let found = ImportRule.findings(SourceFile(path, "\n" + code))
        #expect(found == [Finding(path: path, line: 2, message: message)])
    }

    @Test func `an import downwards is none of a rule's business`() {
        let code = "package import Market\nimport struct Kernel.Fill\n// import Foundation"
        #expect(ImportRule.findings(SourceFile("Sources/Deck/A.swift", code)).isEmpty)
        #expect(ImportRule.findings(SourceFile("Tests/ATests/A.swift", "import Anything")).isEmpty)
    }

    @Test(arguments: [
        ("struct OrderManager {}", "OrderManager is named Manager"),
        ("enum ParsingUtils {}", "ParsingUtils is named Utils"),
        ("final class Core {}", "Core is named Core"),
        ("protocol PriceService {}", "PriceService is named Service"),
        ("enum A { static let shared = A() }", "a shared singleton"),
    ])
    func `a name that says nothing is found`(code: String, message: String) {
        let found = NameRule.findings(SourceFile("a.swift", code))
        #expect(found == [Finding(path: "a.swift", line: 1, message: message)])
    }

    @Test func `a name that only contains such a word is left alone`() {
        let code = "struct Score {}\nstruct Encore {}\nlet sharedCount = 1\nclass func manager() {}"
        #expect(NameRule.findings(SourceFile("a/Recorder.swift", code)).isEmpty)
        #expect(
            NameRule.findings(SourceFile("Sources/Feeds/FileHelper.swift", "")).map(\.message)
                == ["a file or folder is named Helper"])
        #expect(NameRule.findings(SourceFile("common/a.c", "")).count == 1)
    }

    @Test(arguments: [
        ("func a() async {}", 1), ("let now = ContinuousClock.now", 1), ("print(1)", 1),
        ("let a = Double.random(in: 0...1)", 1), ("let m = Mutex(0)", 1), ("import Glibc", 0),
        ("let random = 1", 0), ("func print() {}", 0), ("// await print(1)", 0),
        ("a.random + b", 0),
    ])
    func `a pure room has no clock, log, lock or chance`(code: String, count: Int) {
        #expect(PureRoomRule.findings(SourceFile("Sources/Kernel/A.swift", code)).count == count)
        #expect(PureRoomRule.findings(SourceFile("Sources/Deck/A.swift", code)).isEmpty)
    }

    private func counts(_ path: String, _ text: String) -> [String: Int] {
        let counts = CountedRules.ratchet([SourceFile(path, text)]).counts
        return Dictionary(uniqueKeysWithValues: counts.map { ($0.key.rule, $0.value) })
    }

    @Test(arguments: [
        ("let a = unsafe b\nlet c = unsafe d", ["unsafe": 2]), ("try! a()", ["try!": 1]),
        ("try? a()", ["try?": 1]), ("extension A: @unchecked Sendable {}", ["@unchecked": 1]),
        ("fatalError(\"a\")", ["fatalError": 1]), ("Thread.sleep(1)\nusleep(3)", ["sleep": 2]),
        ("// " + "TO" + "DO: later", ["unfinished": 1]),
        ("let p = \"/ho" + "me/me\"", ["machine-path": 1]),
        ("let s = \"unsafe try!\" // fatalError(", [:]), ("let sleepy = isUnsafe", [:]),
        ("let path = \"a/wo" + "rk/\"", [:]), ("// mas" + "TO" + "DON", [:]), ("try !a", [:]),
    ])
    func `what may only become less is counted`(code: String, expected: [String: Int]) {
        #expect(counts("Sources/Deck/A.swift", code) == expected)
    }

    @Test func `a test may drop a reason, but not wait`() {
        #expect(counts("Tests/A.swift", "try? a()\nsleep(1)") == ["sleep": 1])
    }

    @Test func `a binary file is counted, whatever it contains`() {
        #expect(counts("a.dat", "ab\0try! ") == ["binary": 1])
    }

    @Test func `lines above the limits are counted`() {
        let body = String(repeating: "    a()\n", count: 61)
        #expect(counts("a.swift", "func a() {\n\(body)}\n") == ["function-lines": 3])
        #expect(counts("a.swift", "var a: Int {\n\(body)}\n") == ["function-lines": 3])
        #expect(counts("a.c", "int a(void) {\n\(body)}\n") == ["function-lines": 3])
        #expect(counts("a.swift", "protocol A { func a() }\nstruct B {\n\(body)}\n") == [:])
        #expect(
            counts("a.swift", "struct A {\n    var b: Int\n    init(c: Int)\n\(body)}\n") == [:])
        #expect(counts("a.swift", String(repeating: "a\n", count: 503)) == ["file-lines": 3])
        #expect(counts("a.hpp", String(repeating: "a\n", count: 503)) == [:])
        #expect(counts("a.swift", String(repeating: "é", count: 100)) == [:])
        #expect(counts("a.swift", String(repeating: "é", count: 101)) == ["columns": 1])
        #expect(counts("a.swift", "\"" + String(repeating: "é", count: 118) + "\"") == [:])
        #expect(
            counts("a.swift", "\"" + String(repeating: "é", count: 119) + "\"") == ["columns": 1])
        #expect(counts("Tests/a.swift", String(repeating: "a", count: 121)) == [:])
    }

    private func compare(_ code: String, _ list: String) -> [String] {
        let tree = CountedRules.ratchet([SourceFile("Sources/Deck/A.swift", code)])
        let (allowed, unreadable) = Ratchet.read(SourceFile(Ratchet.listPath, list))
        return (unreadable + Ratchet.findings(tree: tree, list: allowed)).map(\.description)
    }

    @Test func `a count above its list, below it, and a file that went are all told`() {
        let two = "let a = unsafe b\nlet c = unsafe d\n"
        #expect(compare(two, "# heading\n2 unsafe Sources/Deck/A.swift\n") == [])
        #expect(
            compare(two, "1 unsafe Sources/Deck/A.swift\n")
                == ["Sources/Deck/A.swift:1: unsafe 2, 1 allowed: unsafe; lines 1, 2"])
        #expect(
            compare(two, "") == ["Sources/Deck/A.swift:1: unsafe 2, 0 allowed: unsafe; lines 1, 2"])
        #expect(
            compare(two, "\n9 unsafe Sources/Deck/A.swift\n")
                == ["\(Ratchet.listPath):2: lower this to: 2 unsafe Sources/Deck/A.swift"])
        #expect(
            compare("", "1 try! Sources/Gone.swift\n") == [
                "\(Ratchet.listPath):1: remove this line"
            ])
        #expect(
            compare("", "many unsafe A\n") == ["\(Ratchet.listPath):1: expected: count rule path"])
    }

    @Test func `the list that the tree would need reads back as the tree`() {
        let tree = CountedRules.ratchet([
            SourceFile("Sources/Deck/A b.swift", "try! unsafe a()"),
            SourceFile("b.swift", "try! a()"),
        ])
        let (list, unreadable) = Ratchet.read(SourceFile(Ratchet.listPath, tree.text))
        #expect(unreadable.isEmpty)
        #expect(list.counts == tree.counts)
        #expect(list.counts.count == 3)
    }

    @Test func `an example that no test builds is found`() {
        func findings(_ test: String) -> [String] {
            ExampleRule.findings(
                Repository(files: [
                    SourceFile("examples/pairs/run.yaml", ""), SourceFile("examples/README.md", ""),
                    SourceFile("Tests/DeckTests/A.swift", test),
                ])
            ).map(\.description)
        }
        #expect(findings("") == ["examples/pairs: no test builds it"])
        #expect(findings("build(\"examples/pairs\")").isEmpty)
        #expect(findings("folders(of: \"examples\")").isEmpty)
    }

    @Test func `a key that the guide leaves out is found`() {
        let code = """
            package enum FeedKey: String, CaseIterable {
                case source, path
                case startAt = "start_at"
            }
            enum Kind: String { case other }
            """
        func findings(_ guide: [SourceFile]) -> [String] {
            ConfigurationRule.findings(
                Repository(
                    files: [SourceFile("Sources/Deck/Feed.swift", code)] + guide)
            ).map(\.description)
        }
        let guide = "docs/CONFIGURATION.md"
        #expect(findings([]) == ["Sources/Deck/Feed.swift:2: \(guide) is missing"])
        #expect(
            findings([SourceFile(guide, "`source`, path and `start_at`")])
                == ["Sources/Deck/Feed.swift:2: \(guide) does not explain `path`"])
        #expect(findings([SourceFile(guide, "`source` `path` `start_at`")]).isEmpty)
    }

    @Test func `a link to nowhere is found`() {
        let text = "[a](b.md) [c](../d) [e](https://f.g)\n[h](#i) [j](b.md#k) [l](gone.md)"
        let found = LinkRule.findings(
            Repository(files: [
                SourceFile("docs/a.md", text), SourceFile("docs/b.md", ""),
                SourceFile("d/e.swift", ""),
            ]))
        #expect(found.map(\.description) == ["docs/a.md:2: no docs/gone.md to link to"])
    }

    @Test func `without git the same sources are found`() throws {
        func sources(_ paths: [String]) -> [String] {
            paths.filter { $0.hasPrefix("Sources/") || $0.hasPrefix("docs/") }.sorted()
        }
        let listed = try Repository.here.get().files.map(\.path)
        #expect(sources(try Repository.pathsWithoutGit(Repository.root)) == sources(listed))
    }
}
