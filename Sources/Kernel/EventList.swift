package import CTapedeck

/// Events in the order in which they came, in memory that stays where it is until there are more at
/// once than ever before.
@safe package struct EventList: ~Copyable {
    /// `count` of `capacity` places hold events. Owned; nobody else has it.
    private var storage: UnsafeMutablePointer<Event>
    private var capacity: Int
    package private(set) var count = 0

    init(capacity: Int) {
        self.capacity = capacity
        unsafe storage = .allocate(capacity: capacity)
    }

    deinit { unsafe storage.deallocate() }

    package var isEmpty: Bool { count == 0 }

    /// The first of `count` events; valid until one is added.
    package var first: UnsafePointer<Event> { unsafe UnsafePointer(storage) }

    /// A copy of all.
    package var all: ContiguousArray<Event> {
        unsafe ContiguousArray(UnsafeBufferPointer(start: storage, count: count))
    }

    @inline(__always) mutating func append(_ event: Event) {
        if count == capacity { grow() }
        unsafe (storage + count).initialize(to: event)
        count &+= 1
    }

    mutating func removeAll() { count = 0 }

    @inline(never) private mutating func grow() {
        let larger = UnsafeMutablePointer<Event>.allocate(capacity: 2 * capacity)
        unsafe larger.moveInitialize(from: storage, count: count)
        unsafe storage.deallocate()
        unsafe storage = larger
        capacity *= 2
    }
}
