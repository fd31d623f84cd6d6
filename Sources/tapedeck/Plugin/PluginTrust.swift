import ArgumentParser
import Deck
import FoundationEssentials
import StrategyHost

struct PluginTrust: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trust",
        abstract: "Let a compiled strategy run inside the host: pin its hash in a configuration.",
        discussion: """
            Writes id and SHA-256 into plugins.trusted; comments and the rest of the file stay as they are. Only these \
            very bytes are trusted: build it again, and it must be trusted again.
            Exit codes: 0 done; 1 not done, the lines to write by hand are on standard error.
            Examples:
              tapedeck plugin trust Plugins/rsi.so
              tapedeck plugin trust rsi --config live.yaml
              tapedeck plugin trust rsi --revoke
              tapedeck plugin trust rsi --print
            """)

    @Argument(help: "A path, a file's name without .so, or an id.")
    var plugin: String
    @OptionGroup var folder: PluginFolder
    @Option(help: "The configuration to change.")
    var config = "strategies.yaml"
    @Flag(help: "Take the trust away.") var revoke = false
    @Flag(name: .customLong("print"), help: "Show the lines; change nothing.") var prints = false

    func run() throws {
        let file = try folder.file(plugin)
        let (id, sha256) = (file.manifest.id, "\(file.digest)")
        if prints { return print(TrustedList.block(id, sha256)) }
        var list = TrustedList(try text())
        do {
            if revoke {
                guard try list.revoke(id) else {
                    throw failed("\(config): \(id) is not in plugins.trusted")
                }
                try write(list.text)
                print("\(id) is trusted no more in \(config)")
            } else {
                let isFirst = try list.pin(id, sha256)
                try write(list.text)
                print(
                    "\(id) \(file.manifest.version) is trusted in \(config): sha256 \(sha256.prefix(12))..."
                )
                if isFirst { print("from now on only what is listed there runs inside the host") }
            }
        } catch let failure as TrustedList.Failure {
            throw failed(
                "\(config): \(failure), which this command does not change; write\n"
                    + TrustedList.block(id, sha256))
        }
    }

    private func text() throws -> String {
        do {
            return try String(contentsOfFile: config, encoding: .utf8)
        } catch {
            throw failed("\(config): cannot be read; name another with --config, or see --print")
        }
    }

    private func write(_ text: String) throws {
        do throws(PluginRefusal) {
            try AtomicFile.write(Array(text.utf8), to: config)
        } catch {
            throw failed(error)
        }
    }
}
