import CTapedeck
import Glibc
package import Market
import Synchronization

/// A plug-in opened in this process: one image, shared by all of its instances.
@safe package final class PluginImage: Sendable {
    package let file: PluginFile
    let sealed: SealedFile
    /// Of `dlopen`; closed by `PluginStore.close` and by nobody else.
    nonisolated(unsafe) let handle: UnsafeMutableRawPointer
    /// Inside the image, checked; valid until the image is closed.
    nonisolated(unsafe) let table: UnsafePointer<td_plugin>
    let range: LoadedRange
    /// Why it will not be closed; nil when nothing is known to speak against it.
    let reasonToStay: String?
    let threadsBefore: Int
    private let instanceCount = Atomic<Int>(0)
    private let contexts = Mutex<[ContextAddress]>([])

    /// The address of a `HostContext`, to be passed between threads.
    @safe struct ContextAddress: Sendable {
        nonisolated(unsafe) let pointer: UnsafeMutablePointer<HostContext>
    }

    package var digest: SHA256.Digest { file.digest }
    package var manifest: Manifest { file.manifest }
    /// Instances that were created and not destroyed.
    package var instances: Int { instanceCount.load(ordering: .relaxed) }

    /// Opens a sealed copy and checks what it offers.
    init(file: PluginFile, sealed: SealedFile, reasonToStay: String?) throws(PluginRefusal) {
        let threads = ProcessThreads.count
        sealed.setLoaded(true)
        // NOW: what cannot be linked is refused here and not in the middle of a run.
        guard let handle = unsafe dlopen(sealed.path, RTLD_NOW | RTLD_LOCAL) else {
            sealed.setLoaded(false)
            throw Self.refusalToOpen(file, sealed)
        }
        let checked: (UnsafePointer<td_plugin>, LoadedRange)
        do {
            unsafe checked = try PluginTable.check(handle, file)
        } catch {
            // Whether it really went does not matter: its copy is kept.
            unsafe dlclose(handle)
            throw error
        }
        self.file = file
        self.sealed = sealed
        unsafe self.handle = handle
        unsafe (table, range) = checked
        self.reasonToStay = reasonToStay
        threadsBefore = threads
    }

    private static func refusalToOpen(_ file: PluginFile, _ sealed: SealedFile) -> PluginRefusal {
        let words = unsafe dlerror().map { unsafe String(cString: $0) } ?? "no reason given"
        let reason =
            words.hasPrefix(sealed.path + ": ")
            ? String(words.dropFirst(sealed.path.count + 2)) : words
        let unresolved = file.unresolvedNames()
        guard let name = unresolved.first else {
            return PluginRefusal(
                file: file.path, cause: .notOpened, what: "cannot be opened: \(reason)")
        }
        return PluginRefusal(
            file: file.path, cause: .notOpened,
            what:
                "cannot be opened: nothing defines \(unresolved.prefix(5).joined(separator: ", "))",
            advice: name.hasPrefix("td_")
                ? "the host exports no functions; call it through the td_host table that create is given"
                : "link what defines it, with -Wl,-z,defs to hear of it when you build")
    }

    func retainInstance() { instanceCount.wrappingAdd(1, ordering: .relaxed) }
    func releaseInstance() { instanceCount.wrappingSubtract(1, ordering: .relaxed) }

    /// A context for a new instance. It lives as long as the image, because code of the plug-in may
    /// keep it.
    func makeContext() -> UnsafeMutablePointer<HostContext> {
        let context = UnsafeMutablePointer<HostContext>.allocate(capacity: 1)
        unsafe context.initialize(to: HostContext())
        let address = unsafe ContextAddress(pointer: context)
        contexts.withLock { $0.append(address) }
        return unsafe context
    }

    /// Ends all contexts; only when no code of the image is left to use one.
    func freeContexts() {
        let retired = contexts.withLock { contexts in
            defer { contexts = [] }
            return contexts
        }
        for context in retired {
            unsafe context.pointer.deinitialize(count: 1)
            unsafe context.pointer.deallocate()
        }
    }
}
