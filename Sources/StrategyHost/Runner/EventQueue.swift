import CTapedeck
import Market

/// Events waiting to be handed to a strategy, in memory that does not move while it looks at them.
@safe struct EventQueue: ~Copyable {
    private var storage: UnsafeMutablePointer<Event>
    private var capacity: Int
    private var end = 0
    private var next = 0

    init(capacity: Int = 64) {
        self.capacity = capacity
        unsafe storage = .allocate(capacity: capacity)
    }

    deinit { unsafe storage.deallocate() }

    var isEmpty: Bool { next == end }
    var count: Int { end - next }
    /// The first waiting event; valid until the queue is changed.
    var first: UnsafePointer<Event> { unsafe UnsafePointer(storage + next) }

    mutating func removeAll() {
        end = 0
        next = 0
    }

    mutating func removeFirst(_ count: Int) {
        next += count
        if next == end { removeAll() }
    }

    mutating func append(_ event: Event) { insert(event, beforeLast: 0) }

    /// Puts an event before the last `count` waiting ones.
    mutating func insert(_ event: Event, beforeLast count: Int) {
        unsafe withUnsafePointer(to: event) { event in
            unsafe insert(event, count: 1, beforeLast: count)
        }
    }

    /// Puts several, which lie elsewhere, before the last `last` waiting ones.
    mutating func insert(_ events: UnsafePointer<Event>, count: Int, beforeLast last: Int) {
        while end + count > capacity { grow() }
        // There is room for `count` more at `end`, and `last` events stand before it.
        let place = end - last
        var index = end
        while index > place {
            index -= 1
            unsafe storage[index + count] = storage[index]
        }
        for index in 0..<count { unsafe storage[place + index] = events[index] }
        end += count
    }

    private mutating func grow() {
        capacity *= 2
        let larger = UnsafeMutablePointer<Event>.allocate(capacity: capacity)
        unsafe larger.update(from: storage, count: end)
        unsafe storage.deallocate()
        unsafe storage = larger
    }
}
