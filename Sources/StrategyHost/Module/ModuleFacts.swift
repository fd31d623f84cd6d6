/// What can be seen in a plug-in's file without running it, for people and for policies.
package struct ModuleFacts: Hashable, Sendable {
    package var neededLibraries: [String] = []
    /// Needed, and found nowhere the loader looks.
    package var missingLibraries: [String] = []
    package var searchPaths: [String] = []
    package var exports: [String] = []
    /// Taken from other libraries.
    package var imports: [String] = []
    /// Majors of the interface that it exports an entry for.
    package var entryMajors: [Int] = []
    package var uniqueSymbols: [String] = []
    package var isNoDelete = false
    package var isInitFirst = false
    package var usesStaticThreadLocals = false
    package var threadLocalBytes = 0
    package var hasTextRelocations = false
    package var hasExecutableStack = false
    package var hasWritableCode = false
    package var hasFullRelocationProtection = false
    package var constructorCount = 0
    /// Bytes of address space that it takes when loaded.
    package var memorySize = 0
    /// A runtime that cannot share a process: why; nil for none.
    package var workerOnlyReason: String?

    /// Why the image will stay in the process once it was opened; empty when nothing is known to
    /// hold it.
    package var pinningReasons: [String] {
        var reasons: [String] = []
        if isNoDelete { reasons.append("it is linked with -z nodelete") }
        if !uniqueSymbols.isEmpty {
            reasons.append(
                "it has \(uniqueSymbols.count) symbols that are unique in the process "
                    + "(\(uniqueSymbols[0])...; build with -fno-gnu-unique)")
        }
        return reasons
    }

    /// What a careful linker would have done better; empty when nothing.
    package var hardeningRemarks: [String] {
        var remarks: [String] = []
        if hasExecutableStack {
            remarks.append("wants an executable stack (link with -z noexecstack)")
        }
        if hasWritableCode { remarks.append("has memory that is both writable and executable") }
        if hasTextRelocations { remarks.append("has text relocations (compile with -fPIC)") }
        if !hasFullRelocationProtection {
            remarks.append("its tables stay writable (link with -z relro -z now)")
        }
        if exports != ["tapedeck_plugin_v1"] {
            let others = exports.filter { $0 != "tapedeck_plugin_v1" }
            remarks.append(
                "exports \(others.count) other names (\(others.prefix(3).joined(separator: ", "))"
                    + "\(others.count > 3 ? ", ..." : ""); link with sdk/plugin.map)")
        }
        return remarks
    }
}

extension ELFImage {
    func facts() throws(PluginRefusal) -> ModuleFacts {
        let dynamic = try dynamic()
        var facts = ModuleFacts()
        facts.neededLibraries = dynamic.needed
        facts.searchPaths = dynamic.searchPaths
        facts.exports = dynamic.symbols.filter(\.isDefined).map(\.name)
        facts.imports = dynamic.symbols.filter { !$0.isDefined && !$0.isWeak && !$0.name.isEmpty }
            .map(\.name)
        facts.uniqueSymbols = dynamic.symbols.filter { $0.isUnique && $0.isDefined }.map(\.name)
        facts.entryMajors = dynamic.symbols.filter { $0.isDefined && $0.isFunction }.compactMap {
            symbol in
            symbol.name.hasPrefix("tapedeck_plugin_v") ? Int(symbol.name.dropFirst(17)) : nil
        }.sorted()
        facts.isNoDelete = dynamic.isNoDelete
        facts.isInitFirst = dynamic.isInitFirst
        facts.usesStaticThreadLocals = dynamic.usesStaticThreadLocals
        facts.threadLocalBytes = segments(of: SegmentType.threadLocal).reduce(0) {
            $0 + Int(clamping: min($1.memorySize, Self.largestImage))
        }
        facts.hasTextRelocations = dynamic.hasTextRelocations
        // No such header means: executable.
        facts.hasExecutableStack = segments(of: SegmentType.stack).first?.isExecutable ?? true
        facts.hasWritableCode = segments(of: SegmentType.load).contains {
            $0.isExecutable && $0.isWritable
        }
        facts.hasFullRelocationProtection =
            dynamic.bindsAtOnce && !segments(of: SegmentType.readOnlyAfterRelocation).isEmpty
        facts.constructorCount = dynamic.constructorCount
        facts.memorySize = Int(clamping: memorySize)
        facts.workerOnlyReason = workerOnlyReason(dynamic)
        return facts
    }

    private func workerOnlyReason(_ dynamic: Dynamic) -> String? {
        if dynamic.needed.contains(where: { $0.hasPrefix("libswiftCore.so") }) {
            return
                "it is linked to the shared Swift runtime, which must not be closed, nor opened in two versions, "
                + "in one process"
        }
        if notes.contains(where: { $0.owner == "Go" }) {
            return "it is written in Go, whose runtime can never be unloaded"
        }
        return nil
    }
}
