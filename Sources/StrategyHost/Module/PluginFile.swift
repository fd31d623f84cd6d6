import CTapedeck
package import Market
import Synchronization

/// A digest, worked out when it is asked for: of a folder full of plug-ins most are looked through
/// for their ids alone.
private final class Fingerprint: Sendable {
    private enum State {
        case bytes([UInt8])
        case known(SHA256.Digest)
    }

    private let state: Mutex<State>

    init(of bytes: [UInt8]) { state = Mutex(.bytes(bytes)) }
    init(_ digest: SHA256.Digest) { state = Mutex(.known(digest)) }

    var digest: SHA256.Digest {
        state.withLock { state in
            switch state {
            case .known(let digest): return digest
            case .bytes(let bytes):
                let digest = SHA256.hash(bytes)
                state = .known(digest)
                return digest
            }
        }
    }
}

/// What a plug-in's file says, read without running any of its code.
package struct PluginFile: Sendable {
    /// As it was named.
    package let path: String
    package let size: Int
    /// Of the bytes that were read.
    package var digest: SHA256.Digest { fingerprint.digest }
    private let fingerprint: Fingerprint
    package let manifest: Manifest
    package let facts: ModuleFacts

    /// Reads and checks a file.
    /// - Throws: why it is no plug-in that this host can use.
    package static func read(_ path: String) throws(PluginRefusal) -> PluginFile {
        try PluginFile(bytes: FileContents.read(path).bytes, path: path)
    }

    /// - Parameter known: the digest of these bytes, where somebody has worked it out.
    init(bytes: [UInt8], path: String, known: SHA256.Digest? = nil) throws(PluginRefusal) {
        let image = try ELFImage(bytes, file: path)
        var facts = try image.facts()
        manifest = try image.manifest()
        try Self.checkABI(manifest, facts, image)
        facts.missingLibraries = LibrarySearch().missing(facts)
        self.path = path
        self.facts = facts
        size = bytes.count
        fingerprint = known.map { Fingerprint($0) } ?? Fingerprint(of: bytes)
    }

    /// Names that it imports and no library defines. Reads all libraries that it needs.
    package func unresolvedNames() -> [String] { LibrarySearch().unresolved(facts) }

    /// What a worker is told of a file that the host has read and checked.
    init(manifest: Manifest, path: String, digest: SHA256.Digest) {
        self.manifest = manifest
        self.path = path
        fingerprint = Fingerprint(digest)
        size = 0
        facts = ModuleFacts()
    }

    /// What the host does itself, described as a plug-in describes itself, so that it is told like
    /// one: its parameters, and a digest of the whole description.
    package init(hostOwn manifest: Manifest) {
        self.init(manifest: manifest, path: "", digest: SHA256.hash(Array(manifest.text.utf8)))
    }

    private static func checkABI(
        _ manifest: Manifest, _ facts: ModuleFacts, _ image: ELFImage
    ) throws(PluginRefusal) {
        let host = Manifest.ABIVersion(major: Int(TD_ABI_MAJOR), minor: Int(TD_ABI_MINOR))
        let majors = facts.entryMajors
        guard majors.contains(host.major) else {
            guard !majors.isEmpty else {
                throw image.refusal(
                    .noEntry, "does not export tapedeck_plugin_v\(host.major)",
                    "define it with TD_EXPORT, and let the version script keep it (sdk/plugin.map)")
            }
            let list = majors.map(String.init).joined(separator: " and ")
            throw image.refusal(
                .otherMajor, "is made for ABI \(list); this host has ABI \(host)",
                majors.allSatisfy { $0 > host.major }
                    ? "use a newer Tapedeck" : "build it with this SDK")
        }
        guard manifest.abi.major == host.major else {
            throw image.refusal(
                .manifest,
                "its manifest says ABI \(manifest.abi), but it exports an entry for ABI "
                    + "\(host.major)", "correct abi in the manifest")
        }
        guard manifest.abi.minor <= host.minor else {
            throw image.refusal(
                .newerABI, "needs ABI \(manifest.abi); this host has ABI \(host)",
                "use a newer Tapedeck, or lower abi.minor if it can do without what came later")
        }
    }

    /// Why it must have a process of its own; nil when it may run inside the host.
    package var workerOnlyReason: String? {
        facts.workerOnlyReason ?? (manifest.unload == .worker ? "its manifest says so" : nil)
    }
}
