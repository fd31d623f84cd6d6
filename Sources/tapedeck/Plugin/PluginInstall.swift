import ArgumentParser
import StrategyHost

struct PluginInstall: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "install",
        abstract: "Check a compiled strategy, and put it into the plug-ins folder.",
        discussion: """
            The file is copied whole or not at all, under its own name. A lower version than the one that is there, \
            and a second file with the same id, are refused unless --force is given.
            Exit codes: 0 it is there; 1 it is not, the reason is on standard error; 2 there is no such file.
            Examples:
              tapedeck plugin install out/mine.so
              tapedeck plugin install mine-0.9.so --force --plugins ~/strategies
            """)

    @Argument(help: "The .so file.")
    var file: String
    @OptionGroup var folder: PluginFolder
    @Flag(help: "Also instead of a newer version, or of another file with the same id.") var force =
        false
    @Flag(help: "Do not try it first.") var noCheck = false
    @Flag(help: "Answer as JSON.") var json = false

    private struct Answer: Encodable {
        var path: String
        var id: String
        var version: String
        var sha256: String
        var replaced: String?
        var removed: String?
        var wasThere: Bool
        var wasChecked: Bool
    }

    func run() throws {
        if !noCheck {
            let report = try PluginCheckCommand.check(file)
            guard report.hasPassed else {
                for line in CheckAnswerText.lines(report, showsAll: false, Terminal()) {
                    printError(line)
                }
                throw failed(
                    "\(file): it was not installed, because it failed its checks; --no-check installs it all the same"
                )
            }
        }
        let placed: PluginShelf.Placed
        do throws(PluginRefusal) {
            placed = try PluginShelf(folder: folder.plugins).place(file, isForced: force)
        } catch {
            throw failed(error)
        }
        if json {
            print(
                try JSONText.of(
                    Answer(
                        path: placed.path, id: placed.id, version: placed.version,
                        sha256: "\(placed.sha256)",
                        replaced: placed.replaced, removed: placed.removed,
                        wasThere: placed.wasThere, wasChecked: !noCheck)))
            return
        }
        guard !placed.wasThere else { return print("\(placed.path) is this very file already") }
        print("installed \(placed.id) \(placed.version) as \(placed.path)")
        if let replaced = placed.replaced { print("it replaces \(replaced)") }
        if let removed = placed.removed {
            print("it takes the place of \(removed), which was removed")
        }
    }
}
