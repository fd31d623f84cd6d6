package import CTapedeck
package import Market

/// Several tapes as one: instruments that two of them share are one, events stand in the one order
/// of the execution rules and are numbered without gaps.
package struct FeedMerge: Sendable {
    package let tapes: [TapeFile]
    /// What the merged events are about; `hasSessions` as the events have them.
    package let contents: TapeContents
    /// For each tape the merged numbers of its instruments.
    package let instruments: [[UInt16]]
    /// The places of each tape that are played.
    let ranges: [Range<Int>]
    /// The sessions of all calendars, where more than one tape has to agree on them.
    let sessionEvents: [Event]

    /// `from` and `to` cut [from, to) out of every tape.
    package init(
        _ tapes: [TapeFile], from: Timestamp? = nil, to: Timestamp? = nil
    ) throws(FeedError) {
        guard let first = tapes.first else {
            throw FeedError(.badSettings, "", "no tape to play", hint: "name at least one")
        }
        self.tapes = tapes
        ranges = tapes.map { tape in
            let start = from.map { tape.place(at: $0.rawValue) } ?? 0
            let end = to.map { tape.place(at: $0.rawValue) } ?? tape.count
            return start..<max(start, end)
        }
        guard tapes.count > 1 else {
            contents = first.contents
            instruments = [first.contents.instruments.map(\.id)]
            sessionEvents = []
            return
        }
        var union = InstrumentUnion()
        var numbers: [[UInt16]] = []
        for tape in tapes { numbers.append(try union.add(tape)) }
        instruments = numbers
        try Self.likenSuccessors(tapes, numbers, &union)
        try Self.refuseOverlaps(tapes, numbers, union.instruments)
        let hasSessions = tapes.contains { $0.contents.hasSessions }
        contents = TapeContents(
            instruments: union.instruments, stamps: union.stamps,
            source: Self.joined(tapes.map(\.contents.source)),
            label: Self.joined(tapes.map(\.contents.label)),
            hasSessions: hasSessions)
        sessionEvents = hasSessions ? try Self.sessions(tapes, ranges, union.instruments) : []
    }

    /// The sessions from the first event of all tapes to the last.
    private static func sessions(
        _ tapes: [TapeFile], _ ranges: [Range<Int>], _ instruments: [Instrument]
    ) throws(FeedError) -> [Event] {
        var first = Int64.max
        var last = Int64.min
        for (tape, range) in zip(tapes, ranges) where !range.isEmpty {
            first = min(first, tape[range.lowerBound].time)
            last = max(last, tape[range.upperBound - 1].time)
        }
        guard first <= last else { return [] }
        do {
            var events = try SessionEvents.events(for: instruments, from: first, through: last)
            for index in events.indices { events[index].sequence = ownSession }
            return events
        } catch {
            throw FeedError(.badSettings, tapes[0].path, error.description)
        }
    }

    private static func likenSuccessors(
        _ tapes: [TapeFile], _ numbers: [[UInt16]], _ union: inout InstrumentUnion
    ) throws(FeedError) {
        for (tape, names) in zip(tapes, numbers) {
            for succession in tape.successions {
                let (old, new) = (names[Int(succession.old)], names[Int(succession.new)])
                try union.liken(Int(old), Int(new), tape.path)
            }
        }
    }

    /// Each once, in their order.
    private static func joined(_ texts: [String]) -> String {
        var distinct: [String] = []
        for text in texts where !text.isEmpty && !distinct.contains(text) { distinct.append(text) }
        let rest = distinct.count > 8 ? " and \(distinct.count - 8) more" : ""
        return distinct.prefix(8).joined(separator: ", ") + rest
    }

    /// Nobody could tell the trades of two tapes apart. Bars may fill each other's holes: they are
    /// looked at one by one.
    private static func refuseOverlaps(
        _ tapes: [TapeFile], _ numbers: [[UInt16]], _ instruments: [Instrument]
    ) throws(FeedError) {
        var seen: [(tape: Int, series: TapeSeries)] = []
        for (index, tape) in tapes.enumerated() {
            for var series in tape.header.series
            where !series.isOfMarket && series.type != EventCode.bar {
                series.instrument = numbers[index][Int(series.instrument)]
                if let other = seen.first(where: { Self.overlap($0.series, series) }) {
                    throw FeedError(
                        .badSettings, tape.path,
                        "the \(series.title) of \(instruments[Int(series.instrument)].symbol) are on "
                            + "\(tapes[other.tape].path) for the same time",
                        hint: "use files whose times do not overlap")
                }
                seen.append((index, series))
            }
        }
    }

    private static func overlap(_ a: TapeSeries, _ b: TapeSeries) -> Bool {
        a.order == b.order && a.firstTime <= b.lastTime && b.firstTime <= a.lastTime
    }

    /// The events in blocks of about `size`.
    package func blocks(of size: Int = 8192) -> FeedBlocks { FeedBlocks(self, size: size) }

    /// Makes one tape of them. `step` is told how many events are done and may stop the work by
    /// answering false.
    package func write(
        _ destination: TapeWriter.Destination, isDurable: Bool = true,
        step: (Int) -> Bool = { _ in true }
    ) throws(FeedError) -> TapeFile {
        let writer = try TapeWriter(destination, isDurable: isDurable)
        var blocks = blocks()
        let copy = UnsafeMutableBufferPointer<Event>.allocate(capacity: 8192)
        defer { unsafe copy.deallocate() }
        while let block = try unsafe blocks.next() {
            var start = 0
            while start < block.count {
                let count = min(copy.count, block.count - start)
                let part = unsafe UnsafeBufferPointer(rebasing: block[start..<start + count])
                _ = unsafe copy.update(fromContentsOf: part)
                try unsafe writer.append(UnsafeMutableBufferPointer(rebasing: copy[..<count]))
                start += count
            }
            guard step(writer.count) else {
                throw FeedError(
                    .cancelled, writer.path, "the merge was stopped; nothing was written")
            }
        }
        return try writer.finish(contents)
    }
}

/// The blocks of a merge, one after another. Of one tape they lie where the tape is mapped and
/// nothing is copied; its numbers are then the tape's own.
@safe package struct FeedBlocks: ~Copyable {
    // The tapes stay mapped as long as this.
    private let merge: FeedMerge
    private let size: Int
    private var place: Int
    private var count = 0
    private var ordered: OrderedBlocks?
    private let sessions: UnsafeMutableBufferPointer<Event>

    fileprivate init(_ merge: FeedMerge, size: Int) {
        self.merge = merge
        self.size = max(1, size)
        place = merge.ranges[0].lowerBound
        unsafe sessions = .allocate(capacity: merge.sessionEvents.count)
        _ = unsafe sessions.initialize(from: merge.sessionEvents)
        guard merge.tapes.count > 1 else {
            ordered = nil
            return
        }
        var all: [RunMerge.Run] = unsafe []
        for (index, tape) in merge.tapes.enumerated() {
            let events = unsafe UnsafeBufferPointer(rebasing: tape.events[merge.ranges[index]])
            unsafe all.append(RunMerge.Run(events, instruments: merge.instruments[index]))
        }
        unsafe all.append(RunMerge.Run(UnsafeBufferPointer(sessions)))
        let sortsAgain = merge.instruments.contains { numbers in
            zip(numbers, numbers.dropFirst()).contains { $0 >= $1 }
        }
        ordered = OrderedBlocks(unsafe RunMerge(all), size: self.size, sortsAgain: sortsAgain)
    }

    deinit { unsafe sessions.deallocate() }

    /// The next events; nil at the end. Valid until the next call. Throws where two tapes have one
    /// bar.
    package mutating func next() throws(FeedError) -> UnsafeBufferPointer<Event>? {
        guard merge.tapes.count > 1 else { return unsafe nextOfOne() }
        while let block = unsafe ordered?.next(), !block.isEmpty {
            let kept = try unsafe settle(block)
            if kept > 0 { return unsafe UnsafeBufferPointer(rebasing: block[..<kept]) }
        }
        return nil
    }

    private mutating func nextOfOne() -> UnsafeBufferPointer<Event>? {
        let tape = merge.tapes[0]
        let end = min(place + size, merge.ranges[0].upperBound)
        guard place < end else { return nil }
        defer { place = end }
        return unsafe UnsafeBufferPointer(rebasing: tape.events[place..<end])
    }

    /// Leaves out the sessions that single tapes brought, and numbers the rest.
    private mutating func settle(
        _ block: UnsafeMutableBufferPointer<Event>
    ) throws(FeedError) -> Int {
        var kept = 0
        for index in 0..<block.count {
            // The merge has its own, which carry the mark below.
            let event = unsafe block[index]
            if event.isSession, event.sequence != FeedMerge.ownSession { continue }
            // All events of one time are in one block.
            if kept > 0, event.type == EventCode.bar, unsafe Self.isSameBar(block[kept - 1], event)
            {
                throw duplicate(event)
            }
            if kept != index { unsafe block[kept] = event }
            unsafe block[kept].sequence = UInt64(count)
            count += 1
            kept += 1
        }
        return kept
    }

    private static func isSameBar(_ a: Event, _ b: Event) -> Bool {
        a.type == b.type && a.time == b.time && a.instrument == b.instrument
            && a.timeframe == b.timeframe
    }

    private func duplicate(_ event: Event) -> FeedError {
        let symbol = merge.contents.instruments[Int(event.instrument)].symbol
        let frame = TimeFrame(rawValue: event.timeframe)
        return FeedError(
            .badSettings, merge.tapes[0].path,
            "two tapes have the bar of \(frame) of \(symbol) that closes at \(TimeText.string(event.timestamp))",
            hint: "use files whose times do not overlap")
    }
}

extension FeedMerge {
    /// What stands in the sequence number of the merge's own session events until they are
    /// numbered.
    static var ownSession: UInt64 { .max }
}
