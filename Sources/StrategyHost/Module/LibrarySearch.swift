import Glibc

/// Finds needed libraries as the system's loader would, to say before opening what is missing.
struct LibrarySearch {
    private let folders: [String]

    /// The system's folders: the loader's own, and those of its configuration.
    init() {
        var folders = ["/lib64", "/usr/lib64", "/lib", "/usr/lib"]
        #if arch(x86_64)
        folders = ["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu"] + folders
        #elseif arch(arm64)
        folders = ["/lib/aarch64-linux-gnu", "/usr/lib/aarch64-linux-gnu"] + folders
        #endif
        self.folders = folders + Self.configured("/etc/ld.so.conf", depth: 0)
    }

    /// Folders that the loader's configuration names, and those of the files that it includes.
    private static func configured(_ path: String, depth: Int) -> [String] {
        guard depth < 4, let contents = contents(path) else { return [] }
        var folders: [String] = []
        for line in String(decoding: contents, as: UTF8.self).split(separator: "\n") {
            let words = line.prefix { $0 != "#" }.split(whereSeparator: { " \t=".contains($0) })
            guard let first = words.first else { continue }
            if first == "include" {
                for pattern in words.dropFirst() {
                    folders += matches(String(pattern)).flatMap { configured($0, depth: depth + 1) }
                }
            } else if first.hasPrefix("/") {
                folders.append(String(first))
            }
        }
        return folders
    }

    private static func matches(_ pattern: String) -> [String] {
        var found = unsafe glob_t()
        defer { unsafe globfree(&found) }
        guard unsafe glob(pattern, 0, nil, &found) == 0 else { return [] }
        // glob filled in `gl_pathc` strings, freed above after the copies are made.
        return unsafe (0..<Int(found.gl_pathc)).compactMap { index in
            unsafe found.gl_pathv[index].map { unsafe String(cString: $0) }
        }
    }

    private static func contents(_ path: String) -> [UInt8]? {
        do {
            return try FileContents.read(path).bytes
        } catch {
            // What cannot be read cannot be searched either.
            return nil
        }
    }

    /// Where a library is; nil when it is nowhere.
    func find(_ name: String, searchPaths: [String]) -> String? {
        if name.contains("/") { return unsafe access(name, R_OK) == 0 ? name : nil }
        return (searchPaths + folders).lazy.map { $0 + "/" + name }.first {
            unsafe access($0, R_OK) == 0
        }
    }

    func missing(_ facts: ModuleFacts) -> [String] {
        facts.neededLibraries.filter { find($0, searchPaths: facts.searchPaths) == nil }
    }

    /// Names that are imported, and in none of the needed libraries nor in those that they need.
    func unresolved(_ facts: ModuleFacts) -> [String] {
        var waiting = facts.neededLibraries
        var seen: [String] = []
        var exports: Set<String> = []
        while let name = waiting.popLast() {
            guard !seen.contains(name) else { continue }
            seen.append(name)
            guard let path = find(name, searchPaths: facts.searchPaths),
                let bytes = Self.contents(path)
            else { continue }
            do {
                let dynamic = try ELFImage(bytes, file: path).dynamic()
                exports.formUnion(dynamic.symbols.lazy.filter(\.isDefined).map(\.name))
                waiting += dynamic.needed
            } catch {
                // The system's loader will say what is wrong with it.
                continue
            }
        }
        return facts.imports.filter { !exports.contains($0) }
    }
}
