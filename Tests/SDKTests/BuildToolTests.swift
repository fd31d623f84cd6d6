import Foundation
import TestGround
import Testing

/// `sdk/build`, copied with its folder to a place where nothing else is.
struct BuildToolTests {
    private func alone(_ body: (String) throws -> Void) throws {
        let scratch = ScratchFolder()
        let folder = scratch.path
        try FileManager.default.copyItem(atPath: Checkout.path("sdk"), toPath: "\(folder)/sdk")
        try body(folder)
    }

    /// Names of what a library exports, and of what it needs.
    private func symbols(_ library: String) throws -> (exported: [String], needed: [String]) {
        let table = try run("/usr/bin/env", ["readelf", "-W", "--dyn-syms", library]).output
        let exported = table.split(separator: "\n").map { $0.split(separator: " ") }
            .filter {
                $0.count > 7 && $0[6] != "UND" && ["GLOBAL", "WEAK", "UNIQUE"].contains($0[4])
            }
        let dynamic = try run("/usr/bin/env", ["readelf", "-W", "-d", library]).output
        let needed = dynamic.split(separator: "\n").filter { $0.contains("(NEEDED)") }
            .compactMap { $0.split(separator: "[").last?.dropLast() }
        return (exported.map { String($0[7]) }, needed.map(String.init))
    }

    @Test(arguments: [
        ("swift/MyStrategy.swift", [String](), ["libc.so.6"]),
        ("c/my_strategy.c", [], ["libc.so.6"]),
        ("cpp/my_strategy.cpp", [], ["libstdc++.so.6", "libgcc_s.so.1", "libc.so.6"]),
    ])
    func `the folder copied alone builds its templates, and the three trade alike`(
        source: String, options: [String], needs: [String]
    ) throws {
        let host = try PluginTests.host.get()
        try alone { folder in
            let library = "\(folder)/strategy.so"
            let built = try run(
                "\(folder)/sdk/build", ["sdk/templates/\(source)", "-o", library] + options,
                in: folder)
            try #require(built.status == 0, "\(built.error)")
            #expect(built.error.isEmpty && built.output.isEmpty, "\(built.error)")
            let (exported, needed) = try symbols(library)
            #expect(exported == ["tapedeck_plugin_v1"])
            #expect(Set(needed).isSubset(of: needs), "\(needed)")
            let arguments = try PluginManifest(ofLibrary: library).arguments(["quantity": "5"])
            let orders = try run(host, [library, "orders"] + arguments)
            #expect(orders.status == 0)
            let expected = try Checkout.text("Tests/Fixtures/template-orders.txt")
            #expect(orders.output == expected, "\(source)")
        }
    }

    @Test func `ordinary Swift with its own standard library does the same`() throws {
        let host = try PluginTests.host.get()
        try alone { folder in
            let library = "\(folder)/strategy.so"
            let built = try run(
                "\(folder)/sdk/build",
                [
                    "--static-stdlib", "\(folder)/sdk/templates/swift/MyStrategy.swift", "-o",
                    library,
                ])
            try #require(built.status == 0, "\(built.error)")
            let (exported, needed) = try symbols(library)
            #expect(exported == ["tapedeck_plugin_v1"])
            #expect(!needed.contains { $0.contains("swift") }, "\(needed)")
            let arguments = try PluginManifest(ofLibrary: library).arguments(["quantity": "5"])
            let orders = try run(host, [library, "orders"] + arguments)
            let expected = try Checkout.text("Tests/Fixtures/template-orders.txt")
            #expect(orders.output == expected)
            let damaged = try run(host, [library, "damage", "bars=120"] + arguments)
            #expect(damaged.status == 0, "\(damaged.output.suffix(200))")
        }
    }

    @Test(arguments: [
        (["missing.c", "-o", "x.so"], "no such source file: missing.c"),
        (["empty.c"], "where to? add -o OUT.so"),
        (["empty.c", "-o", "nowhere/x.so"], "no such folder: nowhere"),
        (["empty.rs", "-o", "x.so"], "empty.rs: expected .swift, .c or .cpp"),
        (["empty.c", "-o", "x.so", "--fast"], "unknown option --fast"),
        (["empty.c", "-o", "x.so"], "no tapedeck_plugin_v1 in these sources"),
        (["bare.c", "-o", "x.so"], "no manifest in these sources"),
        (["refuses.swift", "-o", "x.so"], "its own defaults are refused: never"),
    ])
    func `what is missing is said in words, and no library is left`(
        arguments: [String], words: String
    ) throws {
        try alone { folder in
            let files = [
                "empty.c": "int nothing;\n", "empty.rs": "",
                "bare.c":
                    "#include \"tapedeck.h\"\nconst td_plugin *tapedeck_plugin_v1(void) { return 0; }\n",
                "refuses.swift": """
                struct Refuses: Strategy, ~Copyable {
                    static var about: About { About(id: "a.b", name: "c", version: "1.0.0") }
                    init(_ setup: Setup) throws(Refusal) { throw Refusal("never") }
                }
                typealias Plugin = Refuses
                """,
            ]
            for (name, text) in files {
                try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
            }
            let outcome = try run("\(folder)/sdk/build", arguments, in: folder)
            #expect(outcome.status != 0)
            #expect(outcome.error.contains(words), "\(outcome.error)")
            #expect(!FileManager.default.fileExists(atPath: "\(folder)/x.so"))
        }
    }

    @Test(arguments: ["g++", "clang++"])
    func `the C++ helper finds counts and versions in a manifest, by either compiler`(
        compiler: String
    ) throws {
        let outcome = try run(
            "/usr/bin/env",
            [
                compiler, "-std=gnu++20", "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
                "-I", Checkout.path("sdk/include"), "-I", Checkout.path("sdk/cpp"),
                Checkout.path("Tests/Fixtures/manifest-reader.cpp"),
            ])
        #expect(outcome.status == 0, "\(outcome.error)")
    }

    @Test func `help says how`() throws {
        let outcome = try run(Checkout.path("sdk/build"), ["--help"])
        #expect(outcome.status == 0 && outcome.output.hasPrefix("usage: build SOURCE... -o OUT.so"))
    }
}
