import CSandbox
import Glibc

/// Memory that two processes map, as an unnamed file; unmapped and closed at the end.
@safe package final class SharedMemory: @unchecked Sendable {
    package let descriptor: Int32
    package let size: Int
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

    /// Maps what another process made, all of it. Takes the descriptor over.
    init(descriptor: Int32, mayWrite: Bool) throws(WorkerFailure) {
        self.descriptor = descriptor
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

    deinit {
        unsafe munmap(base, size)
        close(descriptor)
    }

    /// The mapping stays; the descriptor, by which it could be mapped again, goes.
    func closeDescriptor() { close(descriptor) }
}

/// Why a worker cannot be started or went away before it was ready.
package struct WorkerFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }

    init(_ what: String, _ number: Int32) { description = "\(what): \(systemError(number))" }
}
