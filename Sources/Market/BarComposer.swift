package import CTapedeck

/// Puts the bars of many instruments between the events that they are built from, all in the order
/// of events (`EventOrder`): the tape that comes out holds every bar where its close belongs.
package struct BarComposer: Sendable {
    /// Two builders for one instrument.
    package struct Repeated: Error, Hashable, Sendable {
        package let instrument: InstrumentID
    }

    /// By instrument, ascending.
    package private(set) var builders: [BarBuilder]
    /// The place of an instrument's builder, or -1.
    private let places: [Int]
    /// When the next bar of any builder closes.
    private var nextClose = Int64.max

    package init(_ builders: [BarBuilder]) throws(Repeated) {
        let sorted = builders.sorted { $0.instrument < $1.instrument }
        var places: [Int] = []
        for (place, builder) in sorted.enumerated() {
            guard places.count <= Int(builder.instrument) else {
                throw Repeated(instrument: builder.instrument)
            }
            while places.count < Int(builder.instrument) { places.append(-1) }
            places.append(place)
        }
        self.builders = sorted
        self.places = places
    }

    /// The room that must be free for one event and all that it can complete.
    package var largestBurst: Int { builders.reduce(1) { $0 + $1.largestBurst } }

    /// Writes `events`, which are in order, from `start` on with their bars between them. Returns
    /// where it stopped: the end, or an event for which `out` has no room.
    package mutating func compose(
        _ events: Span<Event>, from start: Int = 0, into out: inout OutputSpan<Event>
    ) -> Int {
        let room = largestBurst
        var index = start
        while index < events.count {
            guard out.freeCapacity >= room else { return index }
            if events[index].time >= nextClose {
                close(
                    through: events[index].time, before: EventOrder.key(events[index]), into: &out)
            }
            let instrument = Int(events[index].instrument)
            guard instrument < places.count, places[instrument] >= 0 else {
                out.append(events[index])
                index += 1
                continue
            }
            let place = places[instrument]
            let limit = min(events.count, index + 1 + out.freeCapacity - room)
            let end = quietEnd(events, index, limit, place)
            for each in index..<end { out.append(events[each]) }
            _ = builders[place].add(events.extracting(index..<end), into: &out)
            nextClose = min(nextClose, builders[place].nextClose.rawValue)
            index = end
        }
        return index
    }

    /// The end of a run of one instrument's events that completes nothing, or of one event that
    /// may.
    private func quietEnd(_ events: Span<Event>, _ start: Int, _ limit: Int, _ place: Int) -> Int {
        if case .bars = builders[place].source { return start + 1 }
        let instrument = builders[place].instrument
        // An empty base bar (closes: the far past) ends the run at once.
        let closes = min(nextClose, builders[place].base.closes)
        var end = start + 1
        while end < limit, events[end].time < closes, events[end].instrument == instrument {
            end += 1
        }
        return end
    }

    /// Writes the bars that close at or before `time`. `out` must have room for a burst.
    package mutating func advance(to time: Timestamp, into out: inout OutputSpan<Event>) {
        precondition(out.freeCapacity >= largestBurst, "room for a burst")
        close(through: time.rawValue, before: .max, into: &out)
    }

    /// Writes bars by the time of their close, then by instrument, then by length; of those that
    /// close at `time` itself only what comes before `key`.
    private mutating func close(
        through time: Int64, before key: UInt64, into out: inout OutputSpan<Event>
    ) {
        while nextClose <= time {
            let closing = nextClose
            var next = Int64.max
            for place in builders.indices {
                // A shorter bar of this instant may still come where the built ones are not yet
                // due.
                let isDue = closing < time || builders[place].key(0) < key
                if isDue, builders[place].base.closes == closing, !builders[place].base.isEmpty {
                    builders[place].foldBase()
                }
                while let frame = builders[place].firstClosing(by: closing) {
                    if closing == time, builders[place].key(frame) >= key { break }
                    builders[place].write(frame, into: &out)
                }
                next = min(next, builders[place].nextClose.rawValue)
            }
            nextClose = next
            // What is left at this instant comes after the event.
            if next == closing { return }
        }
    }
}

extension BarBuilder {
    /// The place of a time frame's bar among events of one time.
    fileprivate func key(_ index: Int) -> UInt64 {
        var event = Event(.bar, instrument, at: Timestamp(nanoseconds: 0))
        event.timeframe = frames[index].frame.seconds
        return EventOrder.key(event)
    }
}
