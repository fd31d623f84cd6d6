import Glibc

/// A file's bytes, mapped to be read. They stay as long as this object. Whoever replaces the file
/// must do so by a rename, as `OutputFile` does: cutting it in place would pull the pages away.
@safe final class MappedFile: Sendable {
    let size: Int
    // Never written after `init`, and the pages are read only.
    private nonisolated(unsafe) let base: UnsafeMutableRawPointer?

    init(descriptor: Int32, size: Int, path: String) throws(FeedError) {
        self.size = size
        guard size > 0 else {
            unsafe base = nil
            return
        }
        let address = unsafe mmap(nil, size, PROT_READ, MAP_SHARED, descriptor, 0)
        guard let address = unsafe address, unsafe address != MAP_FAILED else {
            throw FeedError(.notReadable, path, "cannot be mapped: \(SystemFailure.text(errno))")
        }
        unsafe base = address
    }

    deinit {
        if let base = unsafe base { unsafe munmap(base, size) }
    }

    var bytes: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: base, count: size)
    }

    /// Reads ahead from `offset` on.
    func willNeed(offset: Int, count: Int) {
        guard let base = unsafe base, offset < size else { return }
        let start = offset / 4096 * 4096
        unsafe madvise(base + start, min(count, size - start), MADV_WILLNEED)
    }
}
