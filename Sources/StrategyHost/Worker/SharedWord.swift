import Synchronization

/// A number in memory that two processes share.
@unsafe struct SharedWord64 {
    private let place: UnsafeMutablePointer<Atomic<UInt64>>

    /// `address` stays mapped as long as this is used, and is a multiple of 8.
    init(_ address: UnsafeMutableRawPointer) {
        // An atomic has its value's size and alignment, and nothing else in it.
        unsafe place = address.assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    @inline(__always) var value: UInt64 { unsafe place.pointee.load(ordering: .acquiring) }
    @inline(__always) var latest: UInt64 {
        unsafe place.pointee.load(ordering: .sequentiallyConsistent)
    }
    @inline(__always) func set(_ value: UInt64) {
        unsafe place.pointee.store(value, ordering: .releasing)
    }
    /// Seen by everybody before anything that this thread reads afterwards.
    @inline(__always) func announce(_ value: UInt64) {
        unsafe place.pointee.store(value, ordering: .sequentiallyConsistent)
    }
}

/// A flag or a small number in memory that two processes share; the kernel can watch it.
@unsafe struct SharedWord32 {
    private let place: UnsafeMutablePointer<Atomic<UInt32>>

    /// `address` stays mapped as long as this is used, and is a multiple of 4.
    init(_ address: UnsafeMutableRawPointer) {
        unsafe place = address.assumingMemoryBound(to: Atomic<UInt32>.self)
    }

    @inline(__always) var value: UInt32 { unsafe place.pointee.load(ordering: .acquiring) }
    @inline(__always) var latest: UInt32 {
        unsafe place.pointee.load(ordering: .sequentiallyConsistent)
    }
    @inline(__always) func set(_ value: UInt32) {
        unsafe place.pointee.store(value, ordering: .releasing)
    }
    @inline(__always) func announce(_ value: UInt32) {
        unsafe place.pointee.store(value, ordering: .sequentiallyConsistent)
    }
    func increase() { unsafe place.pointee.wrappingAdd(1, ordering: .sequentiallyConsistent) }

    /// The word itself, for the kernel.
    var address: UnsafeMutablePointer<UInt32> {
        unsafe UnsafeMutableRawPointer(place).assumingMemoryBound(to: UInt32.self)
    }
}
