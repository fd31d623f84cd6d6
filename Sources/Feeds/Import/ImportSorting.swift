import CTapedeck
import Market

/// The second half of an import whose rows do not stand in the tape's order, or that gets its
/// calendar's sessions: merges the sorted runs of the file, and looks at neighbours now that they
/// are.
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

    /// `instruments` are in their final order, `numbers[i]` is the final number of the sequencer's
    /// `i`.
    init(
        _ job: ImportJob, _ aside: ImportPass.Aside, _ sequencer: Sequencer,
        _ instruments: [Instrument],
        _ numbers: [UInt16]
    ) throws(FeedError) {
        self.job = job
        self.aside = aside
        self.numbers = numbers
        keepsOrder = zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }
        count = sequencer.eventCount
        runs = sequencer.runs.filter { $0 < sequencer.eventCount }
        mapping = try MappedFile(
            descriptor: aside.file.descriptor, size: count * TapeFormat.eventSize,
            path: job.file.path)
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
        _ job: ImportJob, _ mapping: MappedFile, _ runs: [Int], _ count: Int,
        _ instruments: [Instrument]
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
            do throws(FeedError) { try unsafe merge(sessions, writer, &tally, log) } catch {
                failure = error
            }
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
            let run = unsafe UnsafeBufferPointer(rebasing: events[start..<end])
            unsafe pieces.append(RunMerge.Run(run, instruments: keepsOrder ? [] : numbers))
        }
        unsafe pieces.append(RunMerge.Run(sessions))
        // Of two rows for one time the later stays, so events of one time are looked at together.
        var blocks = OrderedBlocks(
            unsafe RunMerge(pieces), size: Self.blockSize, sortsAgain: !keepsOrder)
        while true {
            let block = unsafe blocks.next()
            if block.isEmpty { return }
            var found = ProblemTally(keep: log == nil ? job.settings.problemsKept : .max)
            let kept = unsafe settle(block, &found)
            try log?.write(found, behind: 0, path: job.file.path)
            tally.add(found, behind: 0)
            try unsafe writer?.append(UnsafeMutableBufferPointer(rebasing: block[..<kept]))
        }
    }

    /// Looks at each event; returns how many are left where some were repeated.
    private mutating func settle(
        _ events: UnsafeMutableBufferPointer<Event>, _ tally: inout ProblemTally
    ) -> Int {
        var end = 0
        for index in 0..<events.count {
            let event = unsafe events[index]
            if end > 0, unsafe Self.isSame(events[end - 1], event) {
                if event.type == EventCode.bar {
                    let line = unsafe Int(events[end - 1].sequence)
                    tally.record(
                        .duplicate, .dropped, line: line, column: 0,
                        "\(TimeText.string(event.timestamp)) again on line \(event.sequence), which stays"
                    )
                }
                unsafe events[end - 1] = event
                continue
            }
            follow(event, &tally)
            if end > 0, unsafe Event.isOneUpdate(events[end - 1], event) {
                unsafe events[end - 1].flags |= UInt8(TD_FLAG_MORE)
            }
            unsafe events[end] = event
            end += 1
        }
        return end
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
