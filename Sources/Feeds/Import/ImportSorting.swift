import CTapedeck
import Market

/// The second half of an import whose rows do not stand in the tape's order, or that gets its calendar's
/// sessions: merges the sorted runs of the file, and looks at neighbours now that they are.
struct ImportSorting {
    private let job: ImportJob
    private let aside: ImportPass.Aside
    private let mapping: MappedFile
    private let runs: [Int]
    private let count: Int
    private var series: [SeriesCheck]
    private let sessionEvents: [Event]
    private let numbers: [UInt16]
    /// Events in order by the sequencer's numbers are in order by the final ones.
    private let keepsOrder: Bool

    private static let blockSize = 8192

    /// `instruments` are in their final order, `numbers[i]` is the final number of the sequencer's `i`.
    init(
        _ job: ImportJob, _ aside: ImportPass.Aside, _ sequencer: Sequencer, _ instruments: [Instrument],
        _ numbers: [UInt16]
    ) throws(FeedError) {
        self.job = job
        self.aside = aside
        self.numbers = numbers
        keepsOrder = zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }
        count = sequencer.eventCount
        runs = sequencer.runs.filter { $0 < sequencer.eventCount }
        mapping = try MappedFile(
            descriptor: aside.file.descriptor, size: count * TapeFormat.eventSize, path: job.file.path)
        series = instruments.map { _ in SeriesCheck() }
        sessionEvents = try Self.sessions(job, mapping, runs, count, instruments)
    }

    var hasSessions: Bool { !sessionEvents.isEmpty }
    var missingBars: [Int] { series.map(\.missingBars) }

    private static func events(_ mapping: MappedFile) -> UnsafeBufferPointer<Event> {
        unsafe mapping.bytes.bindMemory(to: Event.self)
    }

    /// The sessions from the first bar's to the last one's.
    private static func sessions(
        _ job: ImportJob, _ mapping: MappedFile, _ runs: [Int], _ count: Int, _ instruments: [Instrument]
    ) throws(FeedError) -> [Event] {
        guard job.mergesSessions, count > 0 else { return [] }
        let events = unsafe events(mapping)
        var first = Int64.max
        var last = Int64.min
        for (index, start) in runs.enumerated() {
            let end = index + 1 < runs.count ? runs[index + 1] : count
            first = unsafe min(first, events[start].time)
            last = unsafe max(last, events[end - 1].time)
        }
        do { return try SessionEvents.events(for: instruments, from: first, through: last) } catch {
            throw FeedError(.badSettings, job.file.path, error.description)
        }
    }

    /// Writes the tape, unless rows were refused.
    mutating func run(
        _ contents: TapeContents, _ tally: inout ProblemTally, _ log: ProblemLog?
    ) throws(FeedError) -> TapeFile? {
        let isRefused = tally.count(.rejected) > 0
        var writer: TapeWriter?
        if let destination = aside.destination, !isRefused {
            writer = try TapeWriter(destination, isDurable: job.settings.isDurable)
        }
        var failure: FeedError?
        let sessionEvents = sessionEvents
        unsafe sessionEvents.withUnsafeBufferPointer { sessions in
            do throws(FeedError) { try unsafe merge(sessions, writer, &tally, log) } catch { failure = error }
        }
        if let failure { throw failure }
        return try writer?.finish(contents)
    }

    private mutating func merge(
        _ sessions: UnsafeBufferPointer<Event>, _ writer: TapeWriter?, _ tally: inout ProblemTally,
        _ log: ProblemLog?
    ) throws(FeedError) {
        let events = unsafe Self.events(mapping)
        var pieces: [RunMerge.Run] = unsafe []
        for (index, start) in runs.enumerated() {
            let end = index + 1 < runs.count ? runs[index + 1] : count
            unsafe pieces.append(RunMerge.Run(UnsafeBufferPointer(rebasing: events[start..<end])))
        }
        unsafe pieces.append(RunMerge.Run(sessions))
        var merge = unsafe RunMerge(pieces)
        var buffer = UnsafeMutableBufferPointer<Event>.allocate(capacity: Self.blockSize)
        defer { unsafe buffer.deallocate() }
        var held = 0
        while true {
            let room = unsafe UnsafeMutableBufferPointer(rebasing: buffer[held...])
            let more = unsafe merge.next(into: room)
            let total = held + more
            // Events of one time are looked at together: a later row may replace an earlier one.
            let ready = more == 0 ? total : unsafe Self.lastTimeStart(buffer, total)
            if ready == 0, more > 0 {
                held = total
                if total == buffer.count { unsafe Self.grow(&buffer) }
                continue
            }
            var found = ProblemTally(keep: log == nil ? job.settings.problemsKept : .max)
            let filled = unsafe settle(buffer, ready, &found)
            try log?.write(found, behind: 0, path: job.file.path)
            tally.add(found, behind: 0)
            if filled > 0 {
                try unsafe writer?.append(UnsafeMutableBufferPointer(rebasing: buffer[..<filled]))
            }
            if more == 0 { return }
            for index in ready..<total { unsafe buffer[index - ready] = unsafe buffer[index] }
            held = total - ready
        }
    }

    /// Where the events of the last time begin.
    private static func lastTimeStart(_ events: UnsafeMutableBufferPointer<Event>, _ count: Int) -> Int {
        var start = count - 1
        while start > 0, unsafe events[start - 1].time == events[count - 1].time { start -= 1 }
        return start
    }

    private static func grow(_ buffer: inout UnsafeMutableBufferPointer<Event>) {
        let larger = UnsafeMutableBufferPointer<Event>.allocate(capacity: buffer.count * 2)
        for index in 0..<buffer.count { unsafe larger[index] = unsafe buffer[index] }
        unsafe buffer.deallocate()
        unsafe buffer = unsafe larger
    }

    /// Gives the events their final instruments and order and looks at each; returns how many are left where
    /// some were repeated.
    private mutating func settle(
        _ events: UnsafeMutableBufferPointer<Event>, _ count: Int, _ tally: inout ProblemTally
    ) -> Int {
        if !keepsOrder { unsafe renumber(events, count) }
        var end = 0
        for index in 0..<count {
            let event = unsafe events[index]
            if end > 0, unsafe Self.isSame(events[end - 1], event) {
                if event.type == EventCode.bar {
                    let line = unsafe Int(events[end - 1].sequence)
                    tally.record(
                        .duplicate, .dropped, line: line, column: 0,
                        "\(TimeText.string(event.timestamp)) again on line \(event.sequence), which stays")
                }
                unsafe events[end - 1] = event
                continue
            }
            follow(event, &tally)
            unsafe events[end] = event
            end += 1
        }
        return end
    }

    private func renumber(_ events: UnsafeMutableBufferPointer<Event>, _ count: Int) {
        for index in 0..<count where unsafe !events[index].isSession {
            unsafe events[index].instrument = numbers[Int(events[index].instrument)]
        }
        var start = 0
        while start < count {
            var end = start + 1
            while end < count, unsafe events[end].time == events[start].time { end += 1 }
            if end - start > 1 {
                var group = unsafe Array(events[start..<end])
                EventOrder.sort(&group)
                for (place, event) in group.enumerated() { unsafe events[start + place] = event }
            }
            start = end
        }
    }

    /// Bars of one series and time, or the corporate actions of two such rows.
    private static func isSame(_ a: Event, _ b: Event) -> Bool {
        a.time == b.time && a.type == b.type && (a.type == EventCode.bar || a.isAction)
            && a.instrument == b.instrument && a.timeframe == b.timeframe
    }

    private mutating func follow(_ event: Event, _ tally: inout ProblemTally) {
        let number = Int(event.instrument)
        switch EventKind(rawValue: event.type) {
        case .split: series[number].split(by: event.split.ratio)
        case .bar, .trade, .quote:
            if series[number].isRemarkable(event) {
                series[number].notice(event, line: Int(event.sequence), job.sessions, into: &tally)
            }
            series[number].take(event, line: Int(event.sequence))
        default: break
        }
    }
}
