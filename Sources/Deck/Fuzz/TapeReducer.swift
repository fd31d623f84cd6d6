import CTapedeck

/// Makes a failing tape as short as it can be: delta debugging over its events. A piece is left out
/// for good when the rest still fails; pieces become smaller until they are single events.
package struct TapeReducer {
    /// Plays at the most.
    var budget = 3_000
    package private(set) var plays = 0

    package init() {}

    /// - Parameter fails: whether a tape still breaks the same rule.
    package mutating func reduce(_ tape: FuzzTape, _ fails: (FuzzTape) -> Bool) -> FuzzTape {
        var events = tape.events
        // What follows the failure goes at once.
        events = shortestPrefix(tape, events, fails)
        var size = max(1, events.count / 2)
        while plays < budget {
            var removedAny = false
            var start = 0
            while start < events.count, plays < budget {
                let end = min(events.count, start + size)
                let rest = Array(events[..<start] + events[end...])
                plays += 1
                if !rest.isEmpty, fails(tape.with(rest)) {
                    events = rest
                    removedAny = true
                } else {
                    start = end
                }
            }
            if size == 1 && !removedAny { break }
            size = removedAny && size == 1 ? 1 : max(1, size / 2)
        }
        return tape.with(events)
    }

    private mutating func shortestPrefix(
        _ tape: FuzzTape, _ events: [Event], _ fails: (FuzzTape) -> Bool
    ) -> [Event] {
        var low = 1
        var high = events.count
        while low < high, plays < budget {
            let middle = (low + high) / 2
            plays += 1
            if fails(tape.with(Array(events[..<middle]))) {
                high = middle
            } else {
                low = middle + 1
            }
        }
        let prefix = Array(events[..<high])
        plays += 1
        return fails(tape.with(prefix)) ? prefix : events
    }
}
