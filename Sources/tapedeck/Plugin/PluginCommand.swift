import ArgumentParser
import FoundationEssentials
import Market
import StrategyHost

struct PluginCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugin", abstract: "Look at compiled strategies, check them, make new ones.",
        subcommands: [
            PluginList.self, PluginShow.self, PluginCheckCommand.self, PluginNew.self,
            PluginInstall.self,
            PluginTrust.self, PluginProbe.self, PluginTrial.self,
        ], defaultSubcommand: PluginList.self)
}

/// Where plug-ins are looked for when only a name or an id is given.
struct PluginFolder: ParsableArguments {
    @Option(help: "The folder with compiled plug-ins.")
    var plugins = "Plugins"

    /// Every library in the folder, by name.
    func paths() throws -> [String] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: plugins)
        } catch {
            throw failed(
                "\(plugins): no such folder, or not readable; build ours with scripts/plugins")
        }
        return names.filter { $0.hasSuffix(".so") }.sorted().map { "\(plugins)/\($0)" }
    }

    /// What a person names by a path, a file's name without .so, or an id.
    func file(_ plugin: String) throws -> PluginFile {
        do {
            return try PluginFile.read(try path(plugin))
        } catch let refusal as PluginRefusal {
            throw failed(refusal)
        }
    }

    private func path(_ plugin: String) throws -> String {
        if plugin.contains("/") || plugin.hasSuffix(".so") { return plugin }
        let paths = try paths()
        if let named = paths.first(where: { $0 == "\(plugins)/\(plugin).so" }) { return named }
        var ids: [String] = []
        for path in paths {
            // A file that is refused cannot be the one with this id; `plugin list` says why it is
            // refused.
            guard
                case .success(let file) = Result(catching: { () throws(PluginRefusal) in
                    try PluginFile.read(path)
                })
            else { continue }
            if file.manifest.id == plugin { return path }
            ids.append(file.manifest.id)
        }
        let known = ids.isEmpty ? "it has none" : "it has " + ids.joined(separator: ", ")
        throw failed("no plug-in \"\(plugin)\" in \(plugins): \(known)")
    }
}

struct PluginList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the compiled plug-ins in a folder.",
        discussion: "Example: tapedeck plugin list --plugins ~/strategies --json")

    @OptionGroup var folder: PluginFolder
    @Flag(help: "Answer as JSON.") var json = false

    private struct Line: Encodable {
        var path: String
        var id: String?
        var version: String?
        var name: String?
        var sha256: String?
        var refusal: String?
    }

    func run() throws {
        var lines: [Line] = []
        for path in try folder.paths() {
            do {
                let file = try PluginFile.read(path)
                lines.append(
                    Line(
                        path: path, id: file.manifest.id, version: "\(file.manifest.version)",
                        name: file.manifest.name, sha256: "\(file.digest)"))
            } catch {
                lines.append(Line(path: path, refusal: "\(error)"))
            }
        }
        json ? print(try JSONText.of(lines)) : show(lines)
        if lines.contains(where: { $0.refusal != nil }) { throw problemsFound }
    }

    private func show(_ lines: [Line]) {
        let terminal = Terminal()
        if lines.isEmpty {
            print("no plug-ins in \(folder.plugins); build ours with scripts/plugins")
        }
        var table = TextTable([
            ("plug-in", .left), ("version", .left), ("name", .left), ("sha256", .left),
            ("file", .left),
        ])
        for line in lines where line.refusal == nil {
            table.add([
                line.id ?? "", line.version ?? "", line.name ?? "",
                String((line.sha256 ?? "").prefix(12)), line.path,
            ])
        }
        if lines.contains(where: { $0.refusal == nil }) {
            for line in table.lines(
                within: terminal.tableWidth, header: { terminal.styled($0, .bold) })
            { print(line) }
        }
        for refusal in lines.compactMap(\.refusal) {
            printError(terminal.styled("refused  ", .red) + refusal)
        }
    }
}

struct PluginShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show what one plug-in says of itself, and what its file tells.",
        discussion: """
            Reads the manifest from the file; none of the plug-in's code runs.
            Examples:
              tapedeck plugin show sma-cross
              tapedeck plugin show org.tapedeck.rsi --json
              tapedeck plugin show ./mine.so
            """)

    @Argument(help: "A path, a file's name without .so, or an id.")
    var plugin: String
    @OptionGroup var folder: PluginFolder
    @Flag(help: "Answer as JSON.") var json = false

    func run() throws {
        let file = try folder.file(plugin)
        if json {
            print(try JSONText.of(PluginDescription(file)))
        } else {
            for line in PluginDescription(file).lines(Terminal()) { print(line) }
        }
    }
}
