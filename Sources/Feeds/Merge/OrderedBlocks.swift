import CTapedeck
import Market

/// A merge in blocks that never part the events of one time, so that whoever takes them may compare
/// and reorder those.
@safe struct OrderedBlocks: ~Copyable {
    private var merge: RunMerge
    /// The runs were in order by other instrument numbers: events of one time have to be sorted
    /// again.
    private let sortsAgain: Bool
    private var buffer: UnsafeMutableBufferPointer<Event>
    // Events of the last block's end that belong to the next.
    private var heldFrom = 0
    private var held = 0
    private var isOver = false

    init(_ merge: consuming RunMerge, size: Int, sortsAgain: Bool) {
        self.merge = merge
        self.sortsAgain = sortsAgain
        unsafe buffer = .allocate(capacity: max(1, size))
    }

    deinit { unsafe buffer.deallocate() }

    /// The next events; empty at the end. Valid until the next call.
    mutating func next() -> UnsafeMutableBufferPointer<Event> {
        for index in 0..<held { unsafe buffer[index] = unsafe buffer[heldFrom + index] }
        heldFrom = 0
        while true {
            let total = fill()
            let ready = isOver ? total : lastTimeStart(total)
            if ready > 0 || isOver {
                heldFrom = ready
                held = total - ready
                if sortsAgain { sort(ready) }
                return unsafe UnsafeMutableBufferPointer(rebasing: buffer[..<ready])
            }
            held = total
            if unsafe total == buffer.count { grow() }
        }
    }

    private mutating func fill() -> Int {
        if isOver { return held }
        let more = unsafe merge.next(into: UnsafeMutableBufferPointer(rebasing: buffer[held...]))
        isOver = more == 0
        return held + more
    }

    /// Where the events of the last time begin.
    private func lastTimeStart(_ count: Int) -> Int {
        var start = count - 1
        while start > 0, unsafe buffer[start - 1].time == buffer[count - 1].time { start -= 1 }
        return start
    }

    private mutating func grow() {
        let count = unsafe buffer.count
        let larger = UnsafeMutableBufferPointer<Event>.allocate(capacity: count * 2)
        for index in 0..<count { unsafe larger[index] = unsafe buffer[index] }
        unsafe buffer.deallocate()
        unsafe buffer = unsafe larger
    }

    private func sort(_ count: Int) {
        var start = 0
        while start < count {
            var end = start + 1
            while end < count, unsafe buffer[end].time == buffer[start].time { end += 1 }
            if end - start > 1 {
                var group = unsafe Array(buffer[start..<end])
                EventOrder.sort(&group)
                for (place, event) in group.enumerated() { unsafe buffer[start + place] = event }
            }
            start = end
        }
    }
}
