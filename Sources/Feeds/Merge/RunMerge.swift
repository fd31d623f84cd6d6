package import CTapedeck
import Market

/// Several sorted runs of events made into one, in the order of `EventOrder`; what that leaves open is settled
/// by the number of the run. Borrowed: the runs must live longer than this.
@unsafe package struct RunMerge {
    /// One sorted run.
    @unsafe package struct Run {
        var next: UnsafePointer<Event>
        var end: UnsafePointer<Event>
        /// What its instruments are called in the result; nil leaves them as they are.
        var instruments: [UInt16]?
        /// The same for the calendars of session events.
        var calendars: [UInt32]?

        package init(
            _ events: UnsafeBufferPointer<Event>, instruments: [UInt16]? = nil,
            calendars: [UInt32]? = nil
        ) {
            // An empty run has no address; it is dropped before anything is read.
            let base = unsafe events.baseAddress ?? UnsafePointer(bitPattern: 64)!
            unsafe next = unsafe base
            unsafe end = unsafe base + events.count
            unsafe self.instruments = instruments
            unsafe self.calendars = calendars
        }

        var isEmpty: Bool { unsafe next >= end }
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

    private var runs: [Run]
    // A binary heap; the runs that begin later wait behind `waiting`, ordered by their first event.
    private var heap: [Head] = []
    private var waiting: [Head] = []
    private var nextWaiting = 0

    package init(_ runs: [Run]) {
        unsafe self.runs = unsafe runs
        for index in unsafe runs.indices where unsafe !runs[index].isEmpty {
            unsafe waiting.append(head(index))
        }
        unsafe waiting.sort { $0 < $1 }
        unsafe heap.reserveCapacity(16)
    }

    /// Fills `output`; the number of events, 0 at the end.
    package mutating func next(into output: UnsafeMutableBufferPointer<Event>) -> Int {
        var count = 0
        while count < output.count {
            unsafe wake()
            guard let head = unsafe heap.first else { break }
            unsafe copy(head.run, into: output, &count)
            unsafe settleTop(head.run)
        }
        return count
    }

    /// Copies from one run while nothing else comes before it.
    private mutating func copy(
        _ run: Int, into output: UnsafeMutableBufferPointer<Event>, _ count: inout Int
    ) {
        let limit = unsafe rival()
        while count < output.count, unsafe !runs[run].isEmpty {
            let head = unsafe head(run)
            if let limit, limit < head { return }
            unsafe output[count] = unsafe event(run)
            unsafe runs[run].next += 1
            count += 1
        }
    }

    /// The first head of all other runs.
    private func rival() -> Head? {
        var best: Head?
        if unsafe nextWaiting < waiting.count { best = unsafe waiting[nextWaiting] }
        for child in 1...2 where unsafe child < heap.count {
            let head = unsafe heap[child]
            if best.map({ head < $0 }) ?? true { best = head }
        }
        return best
    }

    /// Takes in the runs that are due.
    private mutating func wake() {
        while unsafe nextWaiting < waiting.count {
            if let top = unsafe heap.first, unsafe top < waiting[nextWaiting] { return }
            unsafe heap.append(waiting[nextWaiting])
            unsafe nextWaiting += 1
            var place = unsafe heap.count - 1
            while place > 0, unsafe heap[place] < heap[(place - 1) / 2] {
                unsafe heap.swapAt(place, (place - 1) / 2)
                place = (place - 1) / 2
            }
        }
    }

    /// Puts the top back where it belongs now, or away when its run is over.
    private mutating func settleTop(_ run: Int) {
        if unsafe runs[run].isEmpty {
            unsafe heap.swapAt(0, heap.count - 1)
            unsafe heap.removeLast()
        } else {
            unsafe heap[0] = unsafe head(run)
        }
        var place = 0
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2] where unsafe child < heap.count {
                if unsafe heap[child] < heap[least] { least = child }
            }
            if least == place { return }
            unsafe heap.swapAt(place, least)
            place = least
        }
    }

    @inline(__always)
    private func event(_ run: Int) -> Event {
        var event = unsafe runs[run].next.pointee
        if let instruments = unsafe runs[run].instruments, Int(event.instrument) < instruments.count {
            event.instrument = instruments[Int(event.instrument)]
        }
        if let calendars = unsafe runs[run].calendars, event.isSession,
            Int(event.session.calendar) < calendars.count {
            event.session.calendar = calendars[Int(event.session.calendar)]
        }
        return event
    }

    @inline(__always)
    private func head(_ run: Int) -> Head {
        let event = unsafe event(run)
        return Head(time: event.time, key: EventOrder.key(event), run: run)
    }
}
