import Glibc
package import Market

/// A folder of compiled strategies, into which one is put whole or not at all.
package struct PluginShelf: Sendable {
    package let folder: String

    package init(folder: String) { self.folder = folder }

    /// What came of putting a file there.
    package struct Placed: Hashable, Sendable {
        package var path: String
        package var id: String
        package var version: String
        package var sha256: SHA256.Digest
        /// What was there before, `1.2.0 (0a1b2c3d4e5f)`; nil for nothing.
        package var replaced: String?
        /// Another file with the same id, which was taken away.
        package var removed: String?
        /// The very same bytes were there already.
        package var wasThere = false
    }

    /// Puts a copy of a file there under its own name.
    /// - Parameter isForced: also instead of a newer version, and instead of another file with the
    ///   same id.
    /// - Throws: why not; nothing has changed then.
    package func place(_ path: String, isForced: Bool) throws(PluginRefusal) -> Placed {
        let bytes = try FileContents.read(path).bytes
        let file = try PluginFile(bytes: bytes, path: path)
        let name = String(path.split(separator: "/").last ?? "plugin.so")
        guard name.hasSuffix(".so"), name.count > 3 else {
            throw refusal(
                path, "its name must end with .so, or it is not found in \(folder)", "rename it")
        }
        let target = "\(folder)/\(name)"
        var placed = Placed(
            path: target, id: file.manifest.id, version: "\(file.manifest.version)",
            sha256: file.digest)
        for other in try present()
        where other.manifest.id == file.manifest.id || other.path == target {
            if other.digest == file.digest, other.path == target {
                placed.wasThere = true
                return placed
            }
            if !isForced { try judge(file, beside: other, target) }
            if other.path == target {
                placed.replaced =
                    "\(other.manifest.version) (\(other.digest.description.prefix(12)))"
            } else {
                placed.removed = other.path
            }
        }
        try AtomicFile.write(bytes, to: target)
        if let removed = placed.removed, unsafe unlink(removed) != 0 {
            throw refusal(
                removed, "cannot be removed: \(systemError(errno))",
                "remove it by hand: two files have one id now")
        }
        return placed
    }

    private func judge(
        _ file: PluginFile, beside other: PluginFile, _ target: String
    ) throws(PluginRefusal) {
        guard other.manifest.id == file.manifest.id else {
            throw refusal(
                file.path, "\(target) is another strategy (\(other.manifest.id))",
                "rename one of them, or use --force")
        }
        guard other.path == target else {
            throw refusal(
                file.path,
                "\(other.path) has the same id, \(other.manifest.id); an id names one file",
                "use that file's name, or --force to put this one in its place")
        }
        guard other.manifest.version <= file.manifest.version else {
            throw refusal(
                file.path,
                "is version \(file.manifest.version), and \(target) is \(other.manifest.version)",
                "build the newer one, or use --force to go back")
        }
    }

    /// Every whole plug-in there, by path; what is none is no concern here.
    private func present() throws(PluginRefusal) -> [PluginFile] {
        guard let directory = unsafe opendir(folder) else {
            throw refusal(
                folder, "cannot be read: \(systemError(errno))",
                "make the folder, or name another with --plugins")
        }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            names.append(
                unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                    unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) {
                        unsafe String(cString: $0)
                    }
                })
        }
        return names.filter { $0.hasSuffix(".so") && !$0.hasPrefix(".") }.sorted().compactMap {
            name in
            do throws(PluginRefusal) { return try PluginFile.read("\(folder)/\(name)") } catch {
                return nil
            }
        }
    }

    private func refusal(_ file: String, _ what: String, _ advice: String) -> PluginRefusal {
        PluginRefusal(file: file, cause: .system, what: what, advice: advice)
    }
}
