import Market

/// The timers of one strategy, few and bounded.
struct Timers {
    static let limit = 256

    struct Timer: Hashable, Sendable {
        var id: UInt64
        var due: Int64
    }

    private var timers = ContiguousArray<Timer>()

    /// The earliest due time; `.max` for none.
    private(set) var next = Int64.max

    /// Sets, moves or (at zero) ends a timer.
    /// - Returns: whether there was room.
    mutating func set(_ id: UInt64, due: Int64) -> Bool {
        if let place = timers.firstIndex(where: { $0.id == id }) { timers.remove(at: place) }
        if due != 0 {
            guard timers.count < Self.limit else { return false }
            timers.append(Timer(id: id, due: due))
        }
        refresh()
        return true
    }

    /// Takes out the earliest timer that is due, of equal ones the one set first.
    mutating func take(due now: Int64) -> Timer? {
        guard next <= now, let place = timers.firstIndex(where: { $0.due == next }) else {
            return nil
        }
        let timer = timers.remove(at: place)
        refresh()
        return timer
    }

    private mutating func refresh() {
        next = .max
        for timer in timers { next = min(next, timer.due) }
    }
}

extension Timers {
    mutating func visit(_ archive: inout StateArchive) {
        archive.visit(&timers)
        archive.visit(&next)
    }
}
