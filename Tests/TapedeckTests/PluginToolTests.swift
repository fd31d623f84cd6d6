import Deck
import Foundation
import TestGround
import Testing

/// What an author and an operator do with compiled strategies at the command line.
@Suite struct PluginToolTests {
    let workshop: Workshop

    init() throws { workshop = Workshop() }

    static let shipped = "\(Checkout.plugins)/zscore.so"

    // plugin check

    @Test func `a sound strategy is told in one line`() throws {
        let ending = try workshop.tapedeck("plugin", "check", Self.shipped)
        #expect(ending.status == 0, "\(ending)")
        #expect(ending.output == "PASS  unload: clean  deterministic: yes  needs: nothing\n")
        #expect(ending.errors == "")
    }

    @Test func `a file that is none fails, and there must be a file`() throws {
        let text = try workshop.write("no library", "text.so")
        let failed = try workshop.tapedeck("plugin", "check", text)
        #expect(failed.status == 1)
        #expect(failed.output.contains("static.elf"))
        #expect(failed.output.contains("is not a Linux shared library"))
        #expect(failed.output.contains("FAIL  text.so: it is refused"))
        let missing = try workshop.tapedeck("plugin", "check", "nowhere.so")
        #expect(missing.status == 2)
        #expect(missing.errors.contains("nowhere.so: there is no such file"))
        let nothing = try workshop.tapedeck("plugin", "check")
        #expect(nothing.status == 64)
    }

    @Test func `checks are listed, explained and chosen by their ids`() throws {
        let list = try workshop.tapedeck("plugin", "check", "--list")
        #expect(list.status == 0)
        #expect(list.lines.count > 51, "fewer than fifty checks")
        let explained = try workshop.tapedeck("plugin", "check", "--explain", "causality.future")
        #expect(explained.output.contains("has seen the future"))
        #expect(explained.output.contains("try:  use events[i]"))
        let unknown = try workshop.tapedeck("plugin", "check", Self.shipped, "--only", "nonsense")
        #expect(unknown.status == 2)
        #expect(unknown.errors.contains("no check is called nonsense"))
        let some = try workshop.tapedeck(
            "plugin", "check", Self.shipped, "--only", "state", "--skip", "state.flipped", "--json")
        #expect(some.status == 0, "\(some)")
        let answer =
            try JSONSerialization.jsonObject(with: Data(some.output.utf8)) as? [String: Any]
        let checks = (answer?["checks"] as? [[String: Any]] ?? []).compactMap {
            $0["id"] as? String
        }
        #expect(
            checks.count >= 10
                && checks.allSatisfy { $0.hasPrefix("state.") && $0 != "state.flipped" })
        #expect(answer?["passed"] as? Bool == true)
        #expect(answer?["plugin"] as? String == "org.tapedeck.zscore")
    }

    // plugin new

    @Test(arguments: ["c", "cpp", "swift"])
    func `a new project builds, passes its checks and its own test`(language: String) throws {
        let made = try workshop.tapedeck(
            "plugin", "new", "my-breakout", "--lang", language, "--id", "com.example.one")
        #expect(made.status == 0, "\(made)")
        let tested = try run(
            workshop.path("my-breakout/test/run"), [], in: workshop.path("my-breakout"))
        #expect(tested.status == 0, "\(tested)")
        #expect(tested.output.contains("PASS  unload: clean  deterministic: yes  needs: nothing"))
        #expect(tested.output.contains("round trips, as expected"))
        let shown = try workshop.tapedeck(
            "plugin", "show", "my-breakout/out/my-breakout.so", "--json")
        #expect(shown.output.contains("\"id\" : \"com.example.one\""))
        #expect(shown.output.contains("\"name\" : \"My breakout\""))
        for name in ["README.md", ".gitignore", "build", "test/strategies.yaml"] {
            let text = try workshop.read("my-breakout/\(name)")
            #expect(text.firstMatch(of: /@[A-Z]+@/) == nil, "a mark is left in \(name)")
        }
        let again = try workshop.tapedeck("plugin", "new", "my-breakout")
        #expect(again.status == 1)
        #expect(again.errors.contains("is there already"))
    }

    @Test func `a project needs a plain name and an SDK`() throws {
        #expect(try workshop.tapedeck("plugin", "new", "My Strategy").status == 64)
        var program = workshop.program
        program.environment["TAPEDECK_SDK"] = workshop.path("nowhere")
        let lost = try program.run(["plugin", "new", "plain"])
        #expect(lost.status == 1)
        #expect(lost.errors.contains("TAPEDECK_SDK is") && lost.errors.contains("where no SDK is"))
        #expect(!workshop.exists("plain"))
    }

    // plugin install

    /// A strategy of this id and version, as `name`.
    private func build(_ name: String, id: String = "org.tapedeck.test", version: String) throws {
        let source = try workshop.write(
            """
            #include "idle.h"
            TD_MANIFEST("{\\"schema\\": 1, \\"id\\": \\"\(id)\\", \\"name\\": \\"Test\\", \\"version\\": \\"\(version)\\","
              "\\"subscribes\\": [\\"bars\\"]" MANIFEST_ABI "}");
            static const td_plugin table = IDLE_TABLE;
            const td_plugin *tapedeck_plugin_v1(void) { return &table; }
            """, "source.c")
        let built = try run(
            "/usr/bin/env",
            [
                "gcc", "-shared", "-fPIC", "-fvisibility=hidden",
                "-I\(Checkout.path("sdk/include"))",
                "-I\(Checkout.path("Tests/Fixtures/plugins"))", workshop.path(source), "-o",
                workshop.path(name),
            ])
        try #require(built.status == 0, "\(built.error)")
    }

    private func install(_ arguments: String...) throws -> Program.Ending {
        try workshop.program.run(
            ["plugin", "install", "--no-check", "--plugins", "shelf"] + arguments)
    }

    @Test func `an installation is whole, replaces older ones, and says so`() throws {
        try FileManager.default.createDirectory(
            atPath: workshop.path("shelf"), withIntermediateDirectories: true)
        try build("test.so", version: "1.0.0")
        let first = try install("test.so")
        #expect(first.status == 0, "\(first)")
        #expect(first.output == "installed org.tapedeck.test 1.0.0 as shelf/test.so\n")
        #expect(haveSameBytes(workshop.path("test.so"), workshop.path("shelf/test.so")))
        #expect(try install("test.so").output == "shelf/test.so is this very file already\n")
        try build("test.so", version: "1.1.0")
        let second = try install("test.so")
        #expect(
            second.output.hasPrefix(
                "installed org.tapedeck.test 1.1.0 as shelf/test.so\nit replaces 1.0.0 ("))
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: workshop.path("shelf")) == [
                "test.so"
            ])
    }

    @Test func `a lower version, a second file of one id and another strategy's name need force`()
        throws
    {
        try FileManager.default.createDirectory(
            atPath: workshop.path("shelf"), withIntermediateDirectories: true)
        try build("test.so", version: "1.1.0")
        #expect(try install("test.so").status == 0)
        try build("test.so", version: "1.0.9")
        let lower = try install("test.so")
        #expect(lower.status == 1)
        #expect(lower.errors.contains("is version 1.0.9, and shelf/test.so is 1.1.0"))
        try build("other.so", version: "1.2.0")
        let second = try install("other.so")
        #expect(second.status == 1)
        #expect(second.errors.contains("shelf/test.so has the same id, org.tapedeck.test"))
        #expect(!workshop.exists("shelf/other.so"))
        let forced = try install("other.so", "--force")
        #expect(forced.output.contains("it takes the place of shelf/test.so, which was removed"))
        #expect(!workshop.exists("shelf/test.so"))
        try build("other.so", id: "org.tapedeck.another", version: "1.0.0")
        #expect(try install("other.so").errors.contains("is another strategy (org.tapedeck.test)"))
        #expect(try install("other.so", "--force").status == 0)
    }

    @Test func `what fails its checks is not installed`() throws {
        try FileManager.default.createDirectory(
            atPath: workshop.path("shelf"), withIntermediateDirectories: true)
        try workshop.write("no library", "text.so")
        let ending = try workshop.tapedeck("plugin", "install", "text.so", "--plugins", "shelf")
        #expect(ending.status == 1)
        #expect(ending.errors.contains("static.elf"))
        #expect(ending.errors.contains("it was not installed, because it failed its checks"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: workshop.path("shelf")).isEmpty)
    }

    // plugin trust

    @Test func `trust is written into a configuration, and taken away again`() throws {
        let before = "# mine\nplugins:   # here\n  folder: Plugins\n\nstrategies: []\n"
        try workshop.write(before, "c.yaml")
        let pinned = try workshop.tapedeck("plugin", "trust", Self.shipped, "--config", "c.yaml")
        #expect(pinned.status == 0, "\(pinned)")
        let hash =
            try workshop.tapedeck("plugin", "show", Self.shipped, "--json").output
            .split(separator: "\n").first { $0.contains("sha256") }?.split(separator: "\"").last {
                $0.count == 64
            } ?? ""
        let entry = "    - { id: org.tapedeck.zscore, sha256: \(hash) }"
        #expect(
            try workshop.read("c.yaml")
                == "# mine\nplugins:   # here\n  folder: Plugins\n  trusted:\n\(entry)\n\nstrategies: []\n"
        )
        let revoked = try workshop.tapedeck(
            "plugin", "trust", Self.shipped, "--config", "c.yaml", "--revoke")
        #expect(revoked.status == 0, "\(revoked)")
        #expect(try workshop.read("c.yaml").contains("\n  trusted: []\n"))
        #expect(
            try workshop.tapedeck("plugin", "trust", Self.shipped, "--config", "c.yaml", "--revoke")
                .status == 1)
    }

    @Test func `what cannot be changed by itself is shown to be written by hand`() throws {
        try workshop.write("plugins: { folder: Plugins }\n", "c.yaml")
        let ending = try workshop.tapedeck("plugin", "trust", Self.shipped, "--config", "c.yaml")
        #expect(ending.status == 1)
        #expect(ending.errors.contains("plugins is written in one line (line 1)"))
        #expect(ending.errors.contains("- { id: org.tapedeck.zscore, sha256: "))
        #expect(try workshop.read("c.yaml") == "plugins: { folder: Plugins }\n")
    }

    /// Text before, and after pinning `a.b` with the hash `11`.
    static let texts: [(String, String)] = [
        ("", "plugins:\n  trusted:\n    - { id: a.b, sha256: 11 }\n"),
        ("feed: x\n", "feed: x\n\nplugins:\n  trusted:\n    - { id: a.b, sha256: 11 }\n"),
        (
            "plugins:\n    folder: P # why\n# next\nseed: 1\n",
            "plugins:\n    folder: P # why\n    trusted:\n      - { id: a.b, sha256: 11 }\n# next\nseed: 1\n"
        ),
        (
            "plugins:\n  trusted: # mine\n  - id: c.d\n    sha256: 22\n  - { id: a.b, sha256: 33 } # old\nseed: 1\n",
            "plugins:\n  trusted: # mine\n  - id: c.d\n    sha256: 22\n  - { id: a.b, sha256: 11 }  # old\nseed: 1\n"
        ),
        (
            "plugins:\n  trusted:\n    - id: a.b\n      sha256: 33\n\n    - { id: a.bc }\n  folder: P\n",
            "plugins:\n  trusted:\n    - { id: a.b, sha256: 11 }\n\n    - { id: a.bc }\n  folder: P\n"
        ),
        ("plugins:\n  trusted: []\n", "plugins:\n  trusted:\n    - { id: a.b, sha256: 11 }\n"),
    ]

    @Test(arguments: texts) func `a pinned hash changes nothing else of a configuration`(
        before: String, after: String
    ) throws {
        var list = TrustedList(before)
        _ = try list.pin("a.b", "11")
        #expect(list.text == after)
        // Once more is the same.
        _ = try list.pin("a.b", "11")
        #expect(list.text == after)
        #expect(try list.revoke("a.b"))
        #expect(!list.text.contains("a.b,"))
    }
}
