import ArgumentParser
import FoundationEssentials

struct PluginNew: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Make the project of a new strategy: source, build, test.",
        discussion: """
            The project builds with the SDK alone, passes its checks, and has a test.
            Examples:
              tapedeck plugin new my-breakout
              tapedeck plugin new my-breakout --lang c --id com.example.my-breakout
              cd my-breakout && ./build && ./test/run
            """)

    enum Language: String, ExpressibleByArgument, CaseIterable {
        case swift, c, cpp

        var template: String {
            switch self {
            case .swift: "swift/MyStrategy.swift"
            case .c: "c/my_strategy.c"
            case .cpp: "cpp/my_strategy.cpp"
            }
        }
    }

    @Argument(
        help: "The folder to make, whose name the strategy gets: small letters, digits and -.")
    var name: String
    @Option(help: "swift, c or cpp.")
    var lang = Language.swift
    @Option(help: "The strategy's permanent id, reverse DNS; org.example.NAME if left out.")
    var id: String?

    func validate() throws {
        let short = shortName
        let isPlain = short.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
        }
        guard isPlain, let first = short.utf8.first, (0x61...0x7A).contains(first),
            !short.hasSuffix("-")
        else {
            throw ValidationError(
                "\"\(short)\" is no name for a strategy: a-z, 0-9 and -, a letter first")
        }
    }

    private var shortName: String { String(name.split(separator: "/").last ?? "") }
    private var words: [Substring] { shortName.split(separator: "-") }
    private var typeName: String {
        words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
    private var fileName: String {
        switch lang {
        case .swift: "\(typeName).swift"
        case .c: "\(words.joined(separator: "_")).c"
        case .cpp: "\(words.joined(separator: "_")).cpp"
        }
    }
    private var title: String {
        let text = words.joined(separator: " ")
        return text.prefix(1).uppercased() + text.dropFirst()
    }

    func run() throws {
        let sdk = try SDKFolder.find()
        let files = FileManager.default
        if files.fileExists(atPath: name) {
            throw failed("\(name) is there already; nothing was changed")
        }
        do {
            for folder in ["", "/test"] {
                try files.createDirectory(atPath: name + folder, withIntermediateDirectories: true)
            }
            try copy("\(sdk)/templates/\(lang.template)", fileName, sdk)
            for (source, target, isProgram) in [
                ("README.md", "README.md", false), ("gitignore", ".gitignore", false),
                ("build", "build", true),
                ("test/run", "test/run", true),
                ("test/strategies.yaml", "test/strategies.yaml", false),
                ("test/prices.csv", "test/prices.csv", false),
                ("test/expected", "test/expected", false),
            ] {
                try copy("\(sdk)/templates/project/\(source)", target, sdk, isProgram: isProgram)
            }
        } catch let code as ExitCode {
            throw code
        } catch {
            throw failed("\(name) could not be written: \(error)")
        }
        print("made \(name): \(fileName), build, test/run, README.md")
        print("next: cd \(name) && ./build && ./test/run")
    }

    private func copy(
        _ source: String, _ target: String, _ sdk: String, isProgram: Bool = false
    ) throws {
        var text = try String(contentsOfFile: source, encoding: .utf8)
        let identity = id ?? "org.example.\(shortName)"
        let changes = [
            ("@NAME@", shortName), ("@SOURCE@", fileName), ("@ID@", identity), ("@SDK@", sdk),
            ("@TAPEDECK@", SDKFolder.program), ("org.example.my-strategy-cpp", identity),
            ("org.example.my-strategy-c", identity), ("org.example.my-strategy", identity),
            ("My strategy in C++", title), ("My strategy in C", title), ("My strategy", title),
            ("MyStrategy", typeName), ("my_strategy", words.joined(separator: "_")),
            ("../../build \(fileName) -o \(fileName.prefix { $0 != "." }).so", "./build"),
        ]
        for (mark, value) in changes { text.replace(mark, with: value) }
        let path = "\(name)/\(target)"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        if isProgram {
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        }
    }
}
