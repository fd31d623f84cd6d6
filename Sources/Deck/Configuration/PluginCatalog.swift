import Glibc
import Market
package import StrategyHost

/// The strategies that a configuration can name: by the id in their manifest, or by their file.
package struct PluginCatalog: Sendable {
    /// A plug-in that may run inside the host.
    package struct Trusted: Hashable, Sendable {
        package var id: String
        /// Of the file; nil for any file with this id.
        package var digest: String?
        package init(id: String, digest: String?) {
            self.id = id
            self.digest = digest
        }
    }

    /// Where ids are looked for.
    package let folders: [String]
    /// Nil where no list is kept: every strategy may run in the host whose `isolation` says so.
    package let trusted: [Trusted]?
    private var files: [String: PluginFile] = [:]
    private var refusals: [PluginRefusal] = []
    private var isScanned = false

    package init(folders: [String], trusted: [Trusted]? = nil) {
        self.folders = folders
        self.trusted = trusted
    }

    /// Why there is no such plug-in, for people.
    package struct Absence: Error, Hashable, Sendable {
        package var message: String
    }

    /// The plug-in in a file.
    package mutating func file(at path: String) throws(Absence) -> PluginFile {
        if let known = files[path] { return known }
        do {
            let file = try PluginFile.read(path)
            files[path] = file
            return file
        } catch {
            throw Absence(message: error.description)
        }
    }

    /// The plug-in whose manifest says `id`.
    package mutating func file(id: String) throws(Absence) -> PluginFile {
        scan()
        let found = sortedFiles.filter { $0.manifest.id == id }
        if found.count > 1 {
            let paths = found.map(\.path).joined(separator: " and ")
            throw Absence(
                message: "\"\(id)\" is in more than one file: \(paths); name one of them instead")
        }
        guard let file = found.first else { throw Absence(message: absence(of: id)) }
        return file
    }

    /// Where it runs when nobody says so: in the host when exactly these bytes are trusted.
    package func isolation(of file: PluginFile) -> Isolation {
        isPinned(file) && file.workerOnlyReason == nil ? .host : .worker
    }

    /// Whether exactly these bytes are trusted.
    package func isPinned(_ file: PluginFile) -> Bool {
        trusted?.contains { $0.id == file.manifest.id && $0.digest == file.digest.description }
            ?? false
    }

    /// Why a plug-in may not run inside the host; nil when it may.
    package func distrust(of file: PluginFile) -> String? {
        if let reason = file.workerOnlyReason {
            return "\(file.path) cannot run inside the host: \(reason); write isolation: worker"
        }
        guard let trusted else { return nil }
        let entries = trusted.filter { $0.id == file.manifest.id }
        if entries.contains(where: { $0.digest == nil || $0.digest == file.digest.description }) {
            return nil
        }
        if entries.isEmpty {
            return
                "\"\(file.manifest.id)\" is not in plugins.trusted, so it may not run inside the host; write isolation: worker"
        }
        return "\(file.path) has the SHA-256 \(file.digest), which plugins.trusted does not have"
    }

    /// All that were found, by path; and what was refused.
    package mutating func all() -> (files: [PluginFile], refusals: [PluginRefusal]) {
        scan()
        return (sortedFiles, refusals)
    }

    private var sortedFiles: [PluginFile] {
        files.values.sorted { $0.path < $1.path }
    }

    private func absence(of id: String) -> String {
        let ids = sortedFiles.map(\.manifest.id)
        let hint = Suggestion.clause(for: id, among: ids)
        let place =
            folders.isEmpty ? "there is no plug-in folder" : "in \(folders.joined(separator: ", "))"
        var text = "no plug-in \"\(id)\" \(place)\(hint)"
        if hint.isEmpty, !ids.isEmpty { text += "; there are \(ids.joined(separator: ", "))" }
        for refusal in refusals { text += "\n  (\(refusal))" }
        return text
    }

    private mutating func scan() {
        guard !isScanned else { return }
        isScanned = true
        for folder in folders {
            for name in Self.names(in: folder) where name.hasSuffix(".so") {
                let path = folder == "." ? name : "\(folder)/\(name)"
                guard files[path] == nil else { continue }
                do {
                    files[path] = try PluginFile.read(path)
                } catch {
                    refusals.append(error)
                }
            }
        }
    }

    /// Sorted, so that nothing depends on the disk's order.
    private static func names(in folder: String) -> [String] {
        guard let directory = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            // The name is a C string inside the entry, valid until the next call.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            names.append(name)
        }
        return names.sorted()
    }
}
