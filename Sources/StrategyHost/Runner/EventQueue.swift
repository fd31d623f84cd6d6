import CTapedeck
import Kernel
import Market

/// Events waiting to be handed to a strategy, in memory that does not move while it looks at them.
struct EventQueue: ~Copyable {
    private var list = EventList(capacity: 64)
    /// Those before it are handed over.
    private var next = 0

    @inline(__always) var isEmpty: Bool { next == list.count }
    @inline(__always) var count: Int { list.count - next }
    /// The first waiting event; valid until the queue is changed.
    @inline(__always) var first: UnsafePointer<Event> { unsafe list.first + next }

    @inline(__always) mutating func removeAll() {
        list.removeAll()
        next = 0
    }

    @inline(__always) mutating func removeFirst(_ count: Int) {
        next += count
        if next == list.count { removeAll() }
    }

    @inline(__always) mutating func append(_ event: Event) { list.append(event) }

    /// Takes what a portfolio has told, and puts it before the last `count` waiting ones. Memory
    /// changes hands where nothing waits.
    @inline(__always)
    mutating func take(from portfolio: inout Portfolio, beforeLast count: Int) {
        if isEmpty {
            removeAll()
            portfolio.swapTold(with: &list)
            return
        }
        for index in 0..<portfolio.told.count {
            list.insert(unsafe portfolio.told.first[index], beforeLast: count)
        }
        portfolio.clearUpdates()
    }
}
