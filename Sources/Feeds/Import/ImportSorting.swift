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

    private static let blockSize = 8192

    init(
        _ job: ImportJob, _ aside: ImportPass.Aside, _ sequencer: Sequencer, _ instruments: [Instrument]
    ) throws(FeedError) {
        self.job = job
        self.aside = aside
        count = sequencer.eventCount
        runs = sequencer.runs.filter { $0 < sequencer.eventCount }
        mapping = try MappedFile(
            descriptor: aside.file.descriptor, size: count * TapeFormat.eventSize, path: job.file.path)
        series = sequencer.symbols.map { _ in SeriesCheck() }
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
        // One place in front holds the event that may yet be replaced by a later row for its time.
        let buffer = UnsafeMutableBufferPointer<Event>.allocate(capacity: Self.blockSize + 1)
        defer { unsafe buffer.deallocate() }
        var held = 0
        while true {
            let room = unsafe UnsafeMutableBufferPointer(rebasing: buffer[held...])
            let more = unsafe merge.next(into: room)
            var found = ProblemTally(keep: log == nil ? job.settings.problemsKept : .max)
            let filled = unsafe check(buffer, held, held + more, &found)
            try log?.write(found, behind: 0, path: job.file.path)
            tally.add(found, behind: 0)
            let ready = more == 0 ? filled : filled - 1
            if ready > 0 { try unsafe writer?.append(UnsafeMutableBufferPointer(rebasing: buffer[..<ready])) }
            if more == 0 { return }
            unsafe buffer[0] = unsafe buffer[ready]
            held = 1
        }
    }

    /// Looks at the events [from, to) behind those already looked at; returns the new end, moved forward where
    /// rows for one time were found.
    private mutating func check(
        _ events: UnsafeMutableBufferPointer<Event>, _ from: Int, _ to: Int, _ tally: inout ProblemTally
    ) -> Int {
        var end = from
        for index in from..<to {
            let event = unsafe events[index]
            if end > 0, unsafe Self.isSame(events[end - 1], event) {
                let line = unsafe Int(events[end - 1].sequence)
                tally.record(
                    .duplicate, .dropped, line: line, column: 0,
                    "\(TimeText.string(event.timestamp)) again on line \(event.sequence), which stays")
                unsafe events[end - 1] = event
                continue
            }
            follow(event, &tally)
            unsafe events[end] = event
            end += 1
        }
        return end
    }

    private static func isSame(_ a: Event, _ b: Event) -> Bool {
        a.time == b.time && a.type == b.type && a.type == EventCode.bar
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
