import CSandbox
import Glibc
import Synchronization

/// Memory that two processes map, as an unnamed file; unmapped and closed at the end.
@safe package final class SharedMemory: @unchecked Sendable {
    /// Negative in a process that maps what another has made.
    package let descriptor: Int32
    package let size: Int
    /// Of all that this process has made its own.
    let number: UInt64
    /// Page-aligned; all zeros at first.
    let base: UnsafeMutableRawPointer

    /// New memory, which this process may write.
    /// - Parameter isClosedToWriters: whoever is handed the descriptor can only read.
    package init(size: Int, name: String, isClosedToWriters: Bool = false) throws(WorkerFailure) {
        let size = (size + 4095) & ~4095
        let descriptor = unsafe sandbox_memfd(name)
        guard descriptor >= 0 else { throw WorkerFailure("cannot make shared memory", errno) }
        self.descriptor = descriptor
        self.size = size
        number = Self.made.add(1, ordering: .relaxed).newValue
        guard ftruncate(descriptor, size) == 0,
            let base = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0),
            unsafe base != MAP_FAILED
        else {
            let number = errno
            close(descriptor)
            throw WorkerFailure("cannot make \(size) bytes of shared memory", number)
        }
        unsafe self.base = base
        let seals = isClosedToWriters ? sandbox_seals_ring() : sandbox_seals_size()
        let result = sandbox_seal(descriptor, seals)
        guard result == 0 else { throw WorkerFailure("cannot seal shared memory", result) }
    }

    private static let made = Atomic<UInt64>(0)

    /// Maps what another process made, all of it. Takes the descriptor over, and closes it.
    init(descriptor: Int32, mayWrite: Bool) throws(WorkerFailure) {
        defer { close(descriptor) }
        self.descriptor = -1
        number = 0
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw WorkerFailure("cannot see shared memory", errno)
        }
        size = Int(status.st_size)
        let rights = mayWrite ? PROT_READ | PROT_WRITE : PROT_READ
        guard let base = unsafe mmap(nil, size, rights, MAP_SHARED, descriptor, 0),
            unsafe base != MAP_FAILED
        else {
            throw WorkerFailure("cannot map shared memory", errno)
        }
        unsafe self.base = base
    }

    /// Has the first so many bytes in memory now, and not one page after another when it is written
    /// first: that would be while somebody waits. Where the system cannot, they come later.
    func prepare(_ count: Int) {
        // MADV_POPULATE_WRITE, which the headers do not know yet.
        _ = unsafe madvise(base, min(count, size), 23)
    }

    deinit {
        unsafe munmap(base, size)
        if descriptor >= 0 { close(descriptor) }
    }
}

/// Why a worker cannot be started or went away before it was ready.
package struct WorkerFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }

    init(_ what: String, _ number: Int32) { description = "\(what): \(systemError(number))" }
}
