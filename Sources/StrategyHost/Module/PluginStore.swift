import Market
import Synchronization

/// The plug-ins that are open in this process, by content: each at most once, and each accounted
/// for.
package final class PluginStore: Sendable {
    private struct Shelf {
        var open: [PluginImage] = []
        /// Hashes of files whose probe went well, with what it found.
        var probed: [(digest: SHA256.Digest, report: ProbeReport)] = []
        var pinned: [UnloadReport] = []
    }

    /// Tries unknown files in a process of their own first; nil opens them at once.
    private let probe: ProbeProcess?
    private let shelf = Mutex(Shelf())

    package init(probe: ProbeProcess?) { self.probe = probe }

    /// Opens a file, or finds the image that has been opened from the same bytes. The author's file
    /// itself is never mapped: what is opened is a sealed copy, so that nothing that happens to the
    /// file can touch it.
    /// - Throws: why it is not opened. Nothing has changed then.
    package func open(_ path: String) throws(PluginRefusal) -> PluginImage {
        let contents = try FileContents.read(path)
        let file = try PluginFile(bytes: contents.bytes, path: path)
        if let reason = file.workerOnlyReason {
            throw PluginRefusal(
                file: path, cause: .workerOnly, what: "cannot run inside the host: \(reason)",
                advice: "link it with -static-stdlib or build it as Embedded Swift (sdk/build does)"
            )
        }
        if !file.facts.missingLibraries.isEmpty {
            throw PluginRefusal(
                file: path, cause: .missingLibrary,
                what:
                    "needs \(file.facts.missingLibraries.joined(separator: " and ")), which is not installed",
                advice: "install it, or link it statically")
        }
        return try shelf.withLock { shelf throws(PluginRefusal) in
            if let image = shelf.open.first(where: { $0.digest == file.digest }) { return image }
            let sealed = try SealedFile(
                bytes: contents.bytes, name: "tapedeck-\(file.digest.description.prefix(16))",
                file: path)
            let report = try self.report(on: file, sealed, &shelf)
            let image = try PluginImage(
                file: file, sealed: sealed, reasonToStay: report?.reasonToStay)
            shelf.open.append(image)
            return image
        }
    }

    /// Tries a file in a process of its own with all that it will meet when it takes over. Where no
    /// unknown file is tried, this one is not either.
    /// - Throws: why it is not fit for that.
    package func rehearse(_ path: String, _ rehearsal: Rehearsal) throws(PluginRefusal) {
        guard let probe else { return }
        let contents = try FileContents.read(path)
        let file = try PluginFile(bytes: contents.bytes, path: path)
        let script: [UInt8]
        do { script = try rehearsal.bytes } catch {
            throw PluginRefusal(
                file: path, cause: .system, what: "its rehearsal cannot be written down: \(error)")
        }
        let sealed = try SealedFile(bytes: contents.bytes, name: "tapedeck-rehearsal", file: path)
        let report = try probe.run(
            sealed, file: path,
            rehearsal: SealedFile(bytes: script, name: "tapedeck-script", file: path))
        // It has been opened, closed and has left there: what that showed need not be found out
        // once more.
        shelf.withLock { shelf in
            if !shelf.probed.contains(where: { $0.digest == file.digest }) {
                shelf.probed.append((file.digest, report))
            }
        }
    }

    private func report(
        on file: PluginFile, _ sealed: SealedFile, _ shelf: inout Shelf
    ) throws(PluginRefusal) -> ProbeReport? {
        guard let probe else { return nil }
        if let known = shelf.probed.first(where: { $0.digest == file.digest }) {
            return known.report
        }
        let report = try probe.run(sealed, file: file.path)
        shelf.probed.append((file.digest, report))
        return report
    }

    /// Takes an image out of the process when nobody uses it, and proves that it left. What cannot
    /// leave stays usable where that is safe, and is listed in `pinned`.
    /// - Parameter threads: how many threads the process should have now; nil when others come and
    ///   go meanwhile.
    package func close(_ image: PluginImage, expectingThreads threads: Int? = nil) -> UnloadReport {
        shelf.withLock { shelf in
            let (report, isUsable) = ImageDeparture.close(image, expecting: threads)
            if case .inUse = report.outcome { return report }
            if !isUsable { shelf.open.removeAll { $0 === image } }
            shelf.pinned.removeAll { $0.digest == report.digest }
            if !report.isGone { shelf.pinned.append(report) }
            return report
        }
    }

    /// Images open now, in the order of their opening.
    package var open: [PluginImage] { shelf.withLock { $0.open } }

    /// What could not be unloaded, with its cost.
    package var pinned: [UnloadReport] { shelf.withLock { $0.pinned } }
}
