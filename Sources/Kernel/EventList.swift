package import CTapedeck
import Market

/// Events in the order in which they came, in memory that stays where it is until there are more at
/// once than ever before.
@safe package struct EventList: ~Copyable {
    /// `count` of `capacity` places hold events. Owned; nobody else has it.
    @usableFromInline package var storage: UnsafeMutablePointer<Event>
    @usableFromInline package var capacity: Int
    @usableFromInline package var used = 0

    package init(capacity: Int) {
        self.capacity = capacity
        unsafe storage = .allocate(capacity: capacity)
    }

    deinit { unsafe storage.deallocate() }

    @inlinable @inline(__always) package var count: Int { used }
    @inlinable @inline(__always) package var isEmpty: Bool { used == 0 }

    /// The first of `count` events; valid until one is added.
    @inlinable @inline(__always) package var first: UnsafePointer<Event> {
        unsafe UnsafePointer(storage)
    }

    /// A copy of all.
    package var all: ContiguousArray<Event> {
        unsafe ContiguousArray(UnsafeBufferPointer(start: storage, count: used))
    }

    @inlinable @inline(__always) package mutating func append(_ event: Event) {
        if used == capacity { grow() }
        unsafe (storage + used).initialize(to: event)
        used &+= 1
    }

    /// Puts an event before the last `count`.
    package mutating func insert(_ event: Event, beforeLast count: Int) {
        append(event)
        let place = used - 1 - count
        var index = used - 1
        while index > place {
            unsafe storage[index] = storage[index - 1]
            index -= 1
        }
        unsafe storage[place] = event
    }

    @inlinable @inline(__always) package mutating func removeAll() { used = 0 }

    @inline(never) @usableFromInline package mutating func grow() {
        let larger = UnsafeMutablePointer<Event>.allocate(capacity: 2 * capacity)
        unsafe larger.moveInitialize(from: storage, count: used)
        unsafe storage.deallocate()
        unsafe storage = larger
        capacity *= 2
    }
}
