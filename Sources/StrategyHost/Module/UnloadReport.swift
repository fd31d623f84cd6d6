package import Market

/// What became of an image that was to leave the process.
package struct UnloadReport: Hashable, Sendable, CustomStringConvertible {
    package enum Outcome: Hashable, Sendable {
        /// It is proven gone.
        case gone
        /// It stays until the process ends: why.
        case pinned([String])
        /// So many instances still use it; nothing was done.
        case inUse(Int)
    }

    package var plugin: String
    package var version: String
    package var digest: SHA256.Digest
    package var outcome: Outcome
    /// Memory that it holds now; zero when it is gone.
    package var residentBytes = 0

    package var isGone: Bool { outcome == .gone }

    package var description: String {
        let name = "\(plugin) \(version) (\(digest.description.prefix(12)))"
        switch outcome {
        case .gone: return "\(name): unloaded, and proven gone"
        case .pinned(let reasons):
            return "\(name): stays in the process with \(residentBytes / 1024) KiB, because "
                + reasons.joined(separator: "; ")
        case .inUse(let count): return "\(name): still used by \(count) instances"
        }
    }
}
