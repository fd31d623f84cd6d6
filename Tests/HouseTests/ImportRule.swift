/// Which room may import what; imports point down, and each third-party library has one door.
enum ImportRule {
    /// What comes with the language and the system, and opens no door.
    static let system: Set = [
        "Dispatch", "FoundationEssentials", "Glibc", "Swift", "Synchronization",
    ]
    static let pure: Set = ["Market", "Kernel", "Analysis"]

    static let rooms: [String: Set<String>] = [
        "Market": ["CTapedeck"],
        "Kernel": ["CTapedeck", "Market"],
        "Analysis": [],
        "Feeds": ["CTapedeck", "Market"],
        "StrategyHost": ["CLinux", "CSandbox", "CTapedeck", "CTrial", "Kernel", "Market"],
        "Journal": ["CSQLite", "Kernel", "Market"],
        "Deck": [
            "Analysis", "CLinux", "CTapedeck", "CYaml", "Feeds", "Journal", "Kernel", "Market",
            "StrategyHost",
        ],
        "tapedeck": [
            "Analysis", "ArgumentParser", "CTapedeck", "Deck", "Feeds", "Journal", "Kernel",
            "Market",
            "StrategyHost",
        ],
        "tapedeck-worker": ["StrategyHost"],
    ]

    static func findings(_ file: SourceFile) -> [Finding] {
        guard file.isSwift, let allowed = allowed(file) else { return [] }
        return imports(file).compactMap { module, line in
            allowed.modules.contains(module)
                ? nil
                : Finding(
                    path: file.path, line: line, message: "\(allowed.name) may not import \(module)"
                )
        }
    }

    /// Nil where anything goes: tests see what their target names.
    private static func allowed(_ file: SourceFile) -> (name: String, modules: Set<String>)? {
        if let room = file.room {
            guard let own = rooms[room] else { return ("\(room), which is no known room,", []) }
            return (room, own.union(pure.contains(room) ? ["Glibc"] : system))
        }
        switch file.components[0] {
        case "sdk", "Plugins", "examples":
            return ("An author's code", ["CTapedeck", "Glibc", "Tapedeck", "TapedeckSDK"])
        default:
            return nil
        }
    }

    /// Modules by the line that imports them, without the part that is meant (`import struct A.B`).
    static func imports(_ file: SourceFile) -> [(module: String, line: Int)] {
        let kinds: Set = ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var"]
        let tokens = file.tokens
        return tokens.indices.compactMap { i in
            guard tokens[i].text == "import", i + 1 < tokens.count,
                tokens[i + 1].line == tokens[i].line
            else { return nil }
            let isPart = kinds.contains(tokens[i + 1].text) && i + 2 < tokens.count
            return (tokens[i + (isPart ? 2 : 1)].text, tokens[i].line)
        }
    }
}
