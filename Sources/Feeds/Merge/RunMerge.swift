package import CTapedeck
import Market

/// Several sorted runs of events made into one, in the order of `EventOrder`; what that leaves open
/// is settled by the number of the run. Borrowed: the runs must live longer than this.
@safe package struct RunMerge: ~Copyable {
    /// One sorted run.
    @unsafe package struct Run {
        var events: UnsafeBufferPointer<Event>
        /// What its instruments are called in the result; empty leaves them as they are.
        var instruments: [UInt16]

        package init(_ events: UnsafeBufferPointer<Event>, instruments: [UInt16] = []) {
            unsafe self.events = unsafe events
            unsafe self.instruments = instruments
        }
    }

    @unsafe private struct Cursor {
        var next: UnsafePointer<Event>
        var end: UnsafePointer<Event>
        /// The run's entries in `names`, from here on; negative for none.
        var names: Int
        var nameCount: Int
    }

    /// The time and key of a run's next event.
    private struct Head {
        var time: Int64
        var key: UInt64
        var run: Int

        @inline(__always)
        static func < (a: Head, b: Head) -> Bool {
            if a.time != b.time { return a.time < b.time }
            return a.key != b.key ? a.key < b.key : a.run < b.run
        }
    }

    private let cursors: UnsafeMutablePointer<Cursor>
    private let names: UnsafeMutablePointer<UInt16>
    // A binary heap of the runs that have begun; the others wait, ordered by their first event.
    private var heap: [Head] = []
    private var waiting: [Head] = []
    private var nextWaiting = 0

    package init(_ runs: [Run]) {
        unsafe cursors = .allocate(capacity: max(1, runs.count))
        var room = 1
        for index in unsafe runs.indices { unsafe room += runs[index].instruments.count }
        unsafe names = .allocate(capacity: room)
        var named = 0
        for index in unsafe runs.indices {
            let run = unsafe runs[index]
            guard let base = unsafe run.events.baseAddress, unsafe !run.events.isEmpty else {
                continue
            }
            let first = unsafe run.instruments.isEmpty ? -1 : named
            unsafe (cursors + index).initialize(
                to: Cursor(
                    next: base, end: base + run.events.count, names: first,
                    nameCount: run.instruments.count))
            for name in unsafe run.instruments {
                unsafe names[named] = name
                named += 1
            }
            waiting.append(head(index))
        }
        waiting.sort { $0 < $1 }
        heap.reserveCapacity(16)
    }

    deinit {
        unsafe cursors.deallocate()
        unsafe names.deallocate()
    }

    /// Fills `output`; the number of events, 0 at the end.
    package mutating func next(into output: UnsafeMutableBufferPointer<Event>) -> Int {
        var count = 0
        while count < output.count {
            wake()
            guard let head = heap.first else { break }
            unsafe copy(head.run, into: output, &count)
            settleTop(head.run)
        }
        return count
    }

    /// Copies from one run while nothing else comes before it.
    private func copy(
        _ run: Int, into output: UnsafeMutableBufferPointer<Event>, _ count: inout Int
    ) {
        let limit = rival()
        let cursor = unsafe cursors[run]
        var next = unsafe cursor.next
        let end = unsafe min(cursor.end, next + (output.count - count))
        while unsafe next < end {
            let time = unsafe next.pointee.time
            if time > limit.time { break }
            if time == limit.time {
                let head = unsafe head(next, run, cursor.names)
                if limit < head { break }
            }
            unsafe output[count] = unsafe next.pointee
            if unsafe cursor.names >= 0, unsafe !next.pointee.isSession {
                unsafe output[count].instrument = names[cursor.names + Int(next.pointee.instrument)]
                if unsafe next.pointee.isSuccession {
                    let own = unsafe UnsafeBufferPointer(
                        start: names + cursor.names, count: cursor.nameCount)
                    unsafe output[count].renameSuccessor(own)
                }
            }
            count &+= 1
            unsafe next += 1
        }
        unsafe cursors[run].next = unsafe next
    }

    /// The first head of all other runs; one later than everything when there is none.
    private func rival() -> Head {
        var best = Head(time: .max, key: .max, run: .max)
        if nextWaiting < waiting.count { best = waiting[nextWaiting] }
        for child in 1...2 where child < heap.count && heap[child] < best { best = heap[child] }
        return best
    }

    /// Takes in the runs that are due.
    private mutating func wake() {
        while nextWaiting < waiting.count {
            if let top = heap.first, top < waiting[nextWaiting] { return }
            heap.append(waiting[nextWaiting])
            nextWaiting += 1
            var place = heap.count - 1
            while place > 0, heap[place] < heap[(place - 1) / 2] {
                heap.swapAt(place, (place - 1) / 2)
                place = (place - 1) / 2
            }
        }
    }

    /// Puts the top back where it belongs now, or away when its run is over.
    private mutating func settleTop(_ run: Int) {
        if unsafe cursors[run].next == cursors[run].end {
            heap.swapAt(0, heap.count - 1)
            heap.removeLast()
        } else {
            heap[0] = head(run)
        }
        var place = 0
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2] where child < heap.count {
                if heap[child] < heap[least] { least = child }
            }
            if least == place { return }
            heap.swapAt(place, least)
            place = least
        }
    }

    private func head(_ run: Int) -> Head {
        unsafe head(cursors[run].next, run, cursors[run].names)
    }

    private func head(_ event: UnsafePointer<Event>, _ run: Int, _ first: Int) -> Head {
        var event = unsafe event.pointee
        if first >= 0, !event.isSession {
            event.instrument = unsafe names[first + Int(event.instrument)]
        }
        return Head(time: event.time, key: EventOrder.key(event), run: run)
    }
}
