package import Market

/// Where a strategy's code runs. A slot holds a `SlotRunner` and does not ask.
package enum Placement: Sendable {
    /// In this process: fast, and trusted.
    case host(PluginImage)
    /// In a process of its own, which is ended when it misbehaves.
    case worker(StagedModule)
    /// In such a process, which is shown every time step only when the one before has been handled.
    case sealed(StagedModule)
    /// Nowhere: the host does itself what is described there as if by a file.
    case plugless(PluginFile)

    package var file: PluginFile {
        switch self {
        case .host(let image): image.file
        case .worker(let module), .sealed(let module): module.file
        case .plugless(let file): file
        }
    }

    package var manifest: Manifest { file.manifest }

    /// Of the plug-in's file.
    package var digest: SHA256.Digest { file.digest }
}

/// A module that has been read and checked, and that this process has not opened: for workers.
package struct StagedModule: Sendable {
    package let file: PluginFile
    let sealed: SealedFile
    /// The system's libraries that it needs, by path; a worker opens them before its walls go up.
    let libraries: [String]

    /// - Throws: why it is no plug-in that this host can use.
    package static func read(_ path: String) throws(PluginRefusal) -> StagedModule {
        let contents = try FileContents.read(path)
        let file = try PluginFile(bytes: contents.bytes, path: path)
        return try StagedModule(file, contents.bytes)
    }

    init(_ file: PluginFile, _ bytes: [UInt8]) throws(PluginRefusal) {
        if !file.facts.missingLibraries.isEmpty {
            throw PluginRefusal(
                file: file.path, cause: .missingLibrary,
                what:
                    "needs \(file.facts.missingLibraries.joined(separator: " and ")), which is not installed",
                advice: "install it, or link it statically")
        }
        self.file = file
        sealed = try SealedFile(
            bytes: bytes, name: "tapedeck-\(file.digest.description.prefix(16))", file: file.path)
        let search = LibrarySearch()
        libraries = file.facts.neededLibraries.compactMap {
            search.find($0, searchPaths: file.facts.searchPaths)
        }
    }
}
