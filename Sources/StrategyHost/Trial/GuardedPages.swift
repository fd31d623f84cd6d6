import Glibc

/// Memory that tells on whoever uses it wrongly: what is in it ends where an unreadable page
/// begins, it can be made read-only for a call, and unreadable after it. Never given back: it is
/// for processes that soon end.
@safe final class GuardedPages {
    private static let page = 4096

    private let base: UnsafeMutableRawPointer
    private let size: Int

    /// - Parameter name: for a message: `the events`.
    /// - Parameter use: what using it wrongly means: `wrote to the events, or kept a pointer to
    ///   them`.
    init(bytes: Int, name: String, use: String) throws(CheckOutcome) {
        size = (max(bytes, 1) + Self.page - 1) / Self.page * Self.page
        let flags = MAP_PRIVATE | MAP_ANONYMOUS
        let mapped = unsafe mmap(nil, size + Self.page, PROT_READ | PROT_WRITE, flags, -1, 0)
        guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else {
            throw .skip("the system gives no memory: \(systemError(errno))")
        }
        unsafe base = mapped
        unsafe mprotect(base + size, Self.page, PROT_NONE)
        let start = UInt(bitPattern: mapped)
        let end = start + UInt(size)
        TrialSeal.region(end..<(end + UInt(Self.page)), .fail("it went past the end of \(name)"))
        TrialSeal.region(start..<end, .fail("it \(use)"))
    }

    /// Holds a copy of these bytes, writable until it is protected; answers where it is.
    func fill(_ bytes: UnsafeRawBufferPointer) -> UnsafeMutableRawPointer {
        unsafe mprotect(base, size, PROT_READ | PROT_WRITE)
        let place = unsafe base + (size - bytes.count)
        unsafe place.copyMemory(
            from: bytes.baseAddress ?? UnsafeRawPointer(base), byteCount: bytes.count)
        return unsafe place
    }

    func fill<T>(_ value: T) -> UnsafeMutablePointer<T> {
        var value = value
        return unsafe withUnsafeBytes(of: &value) { bytes in
            unsafe fill(bytes).assumingMemoryBound(to: T.self)
        }
    }

    func protect(_ access: Access) { unsafe mprotect(base, size, access.rawValue) }

    enum Access: Int32 {
        case none = 0
        case reading = 1
        case writing = 3
    }
}
