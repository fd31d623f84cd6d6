import Foundation
import Synchronization
import TestGround

/// A folder of its own for one test, with data and plug-ins on demand; removed with its contents at
/// the end.
final class Workshop: Sendable {
    private let scratch = ScratchFolder()
    var folder: URL { scratch.url }

    func path(_ name: String) -> String { scratch.file(name) }

    var program: Program { Program(folder: folder) }

    /// Runs the program in this folder.
    func tapedeck(_ arguments: String..., seconds: Double = 120) throws -> Program.Ending {
        try program.run(arguments, seconds: seconds)
    }

    /// The name of what was written.
    @discardableResult func write(_ text: String, _ name: String) throws -> String {
        scratch.write(text, name)
        return name
    }

    @discardableResult func write(_ data: Data, _ name: String) throws -> String {
        scratch.write(data, name)
        return name
    }

    func read(_ name: String) throws -> String { try scratch.read(name) }

    func exists(_ name: String) -> Bool { scratch.exists(name) }

    /// Bars of a market that never shuts, from 2024-01-01 on, that go up and down: one a minute.
    static func bars(_ count: Int) -> String {
        var text = "ts,open,high,low,close,volume\n"
        let start = 1_704_067_200
        for minute in 0..<count {
            // Exact in two decimals: a saw of 97 bars upon one of 1,009.
            let cents = 10_000 + abs(minute % 97 - 48) * 7 + abs(minute % 1_009 - 504)
            let next = 10_000 + abs((minute + 1) % 97 - 48) * 7 + abs((minute + 1) % 1_009 - 504)
            let (high, low) = (max(cents, next) + 5, min(cents, next) - 5)
            let prices = [cents, high, low, next].map {
                "\($0 / 100).\($0 % 100 < 10 ? "0" : "")\($0 % 100)"
            }
            text += "\(start + minute * 60),\(prices.joined(separator: ",")),1000\n"
        }
        return text
    }

    /// A tape of such bars of one symbol.
    @discardableResult func tape(_ bars: Int = 3_000, symbol: String = "AAA") throws -> String {
        try write(Self.bars(bars), "\(symbol).csv")
        let ending = try tapedeck(
            "data", "import", "\(symbol).csv", "-o", "\(symbol).tape", "--currency", "USD")
        guard ending.status == 0 else { throw Failure(description: "no tape: \(ending)") }
        return "\(symbol).tape"
    }

    /// A configuration with these strategies over such a tape.
    @discardableResult func configuration(
        _ strategies: String, top: String = "", name: String = "strategies.yaml"
    ) throws -> String {
        if !exists("AAA.tape") { try tape() }
        return try write(
            """
            feed: { source: tape, path: AAA.tape }
            plugins: { folder: \(try Modules.folder()) }
            \(top)
            strategies:
            \(strategies)
            """, name)
    }

    struct Failure: Error, CustomStringConvertible { var description: String }
}

/// Plug-ins that tests load, compiled once for all tests of a run.
enum Modules {
    private static let built = Mutex<[String: String]>([:])

    /// A folder with two shipped strategies: buy and hold, and mean reversion.
    static func folder() throws -> String {
        let hold = try module("Plugins/buy-and-hold/buy_and_hold.c", named: "buy-and-hold")
        _ = try module("Plugins/zscore/zscore.c", named: "zscore")
        return URL(filePath: hold).deletingLastPathComponent().path
    }

    /// A fixture, with what is wrong with it.
    static func refused(_ defines: String...) throws -> String {
        try module(
            "Tests/Fixtures/plugins/refused.c",
            named: "refused-" + defines.joined(separator: "-").lowercased(),
            flags: ["-I", "Tests/Fixtures/plugins", "-I", "sdk/include"]
                + defines.map { "-D\($0)" },
            folder: "refused")
    }

    /// A strategy that proves that it misses nothing.
    static func recorder(_ defines: String...) throws -> String {
        let name = defines.joined(separator: "-").lowercased().filter {
            $0.isLetter || $0.isNumber || $0 == "-"
        }
        return try module(
            "Tests/Fixtures/plugins/recorder.c", named: "recorder-" + name,
            flags: ["-I", "Tests/Fixtures/plugins", "-I", "sdk/include"]
                + defines.map { "-D\($0)" }, folder: "recorder")
    }

    /// A strategy that fails while it is played.
    static func failing(_ defines: String...) throws -> String {
        try module(
            "Tests/Fixtures/plugins/failing.c",
            named: "failing-" + defines.joined(separator: "-").lowercased(),
            flags: ["-I", "Tests/Fixtures/plugins", "-I", "sdk/include"]
                + defines.map { "-D\($0)" },
            folder: "failing")
    }

    /// A strategy that cheats, or crashes.
    static func peeks(_ define: String) throws -> String {
        try module(
            "Tests/Fixtures/plugins/peeks.c", named: "peeks-" + define.lowercased(),
            flags: ["-I", "Tests/Fixtures/plugins", "-I", "sdk/include", "-D\(define)"],
            folder: "peeks")
    }

    private static func module(
        _ source: String, named name: String, flags: [String] = ["-I", "sdk/include"],
        folder: String = "plugins"
    ) throws -> String {
        try built.withLock { built in
            if let path = built[name] { return path }
            let place = FileManager.default.temporaryDirectory
                .appending(path: "tapedeck-cli-modules-\(getuid())/\(folder)")
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            let path = place.appending(path: "\(name).so").path
            // A name of its own, then a rename: another test process may build the same.
            let draft = path + ".\(getpid())"
            let arguments =
                ["gcc", "-shared", "-fPIC", "-O1", "-std=c11", "-D_DEFAULT_SOURCE"] + flags
                + [source, "-o", draft, "-lm"]
            let compiler = try Program(folder: Checkout.root).start(
                arguments, program: "/usr/bin/env"
            ).end()
            guard compiler.status == 0, rename(draft, path) == 0 else {
                throw Workshop.Failure(description: compiler.errors)
            }
            built[name] = path
            return path
        }
    }
}
