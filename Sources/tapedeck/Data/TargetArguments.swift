import ArgumentParser
import Glibc

/// Where a command writes its file. What is there already is replaced only where that was asked for
/// by name.
struct TargetArguments: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: "The file that is written; an older one of this name is replaced.")
    var output: String?
    @Flag(help: "Without -o: replace a file of the name that the command chooses.")
    var force = false

    /// The file to write. Throws where nobody named it and it is there.
    func path(else chosen: String) throws -> String {
        if let output { return output }
        if !force, unsafe access(chosen, F_OK) == 0 {
            throw failed(
                "\(chosen) is there already; -o names another file, --force replaces this one")
        }
        return chosen
    }
}
