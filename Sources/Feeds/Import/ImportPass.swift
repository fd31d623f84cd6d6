import CTapedeck
import Market
import Synchronization

/// One reading of a file, by one or more threads.
final class ImportPass: Sendable {
    enum Target {
        /// Straight onto the tape: the file's order is the tape's. Without a tape everything is
        /// only checked.
        case direct(TapeWriter.Destination?)
        /// Aside first, to be put in order then.
        case sorting(TapeWriter.Destination?)
    }

    /// What an import that has to sort keeps until it does.
    final class Aside: Sendable {
        let file: OutputFile
        let destination: TapeWriter.Destination?

        init(_ destination: TapeWriter.Destination?) throws(FeedError) {
            file =
                switch destination {
                case .file(let path): try OutputFile(besides: path)
                case .memory(let name): try OutputFile(inMemory: name)
                case nil: try OutputFile(inMemory: "check")
                }
            self.destination = destination
        }
    }

    let job: ImportJob
    let aside: Aside?
    private let writer: TapeWriter?
    private let progress: @Sendable (ImportProgress) -> Bool
    private let claimed = Atomic<Int>(0)
    private let turnstile = Turnstile()
    private let failure = Mutex<FeedError?>(nil)
    private let log: ProblemLog?
    private let pieceCount: Int
    // Only the worker that has the turn touches these, and `finish` when all workers are done.
    private nonisolated(unsafe) var sequencer: Sequencer
    private nonisolated(unsafe) var linesBehind: [Int] = []
    private nonisolated(unsafe) var line: Int

    init(
        _ job: ImportJob, _ target: Target, _ progress: @escaping @Sendable (ImportProgress) -> Bool
    ) throws(FeedError) {
        self.job = job
        self.progress = progress
        switch target {
        case .direct(let destination):
            writer = try destination.map { destination throws(FeedError) in
                try TapeWriter(
                    destination, isDurable: job.settings.isDurable,
                    isLarge: job.file.size >= job.settings.largeFile)
            }
            aside = nil
        case .sorting(let destination):
            writer = nil
            aside = try Aside(destination)
        }
        log = try job.settings.problemFile.map { path throws(FeedError) in try ProblemLog(path) }
        pieceCount = PieceReader.count(
            job.file.size, dataOffset: job.sniffed.dataOffset, pieceSize: job.settings.pieceSize)
        unsafe line = job.plan.dialect.skippedLines + (job.plan.dialect.hasHeader ? 1 : 0)
        unsafe sequencer = Sequencer(
            policy: job.settings.policy, splits: job.settings.splits,
            joinsUpdates: job.plan.dialect.layout == .depth && aside == nil,
            isSorting: aside != nil,
            sessions: job.sessions, keep: job.settings.problemsKept)
    }

    /// The file's order cannot be the tape's, and this pass did not allow for it.
    var needsSorting: Bool { unsafe aside == nil && sequencer.needsSorting }

    func run() throws(FeedError) {
        if job.isReversed { try countLines() }
        let threads = min(job.settings.threads ?? min(Crew.processors, 4), max(1, pieceCount))
        Crew.run(threads) { _ in self.work() }
        if let error = failure.withLock({ $0 }) { throw error }
    }

    /// Of a file that is read from its end the lines before each piece are counted first.
    private func countLines() throws(FeedError) {
        let reader = PieceReader(
            job.file, dataOffset: job.sniffed.dataOffset, pieceSize: job.settings.pieceSize)
        var total = unsafe line
        for piece in 0..<pieceCount {
            unsafe linesBehind.append(total)
            total += try reader.lineCount(piece)
        }
    }

    private func work() {
        do throws(FeedError) { try readPieces() } catch {
            failure.withLock { if $0 == nil { $0 = error } }
            turnstile.giveUp()
        }
    }

    private func readPieces() throws(FeedError) {
        let pieces = PieceReader(
            job.file, dataOffset: job.sniffed.dataOffset, pieceSize: job.settings.pieceSize)
        let clock = BarClock(
            stamp: job.plan.dialect.stamp, zone: job.plan.zone, sessions: job.sessions,
            frame: job.plan.dialect.timeframe)
        var rows = RowReader(
            job.plan, clock: clock, policy: job.settings.policy, header: job.sniffed.header)
        let batch = RowBatch(
            capacity: 32_768, keep: log == nil ? job.settings.problemsKept : .max,
            knownSymbols: job.symbols)
        while true {
            let number = claimed.add(1, ordering: .relaxed).oldValue
            guard number < pieceCount else { return }
            let piece = job.isReversed ? pieceCount - 1 - number : number
            let text = try unsafe pieces.read(piece)
            unsafe rows.read(text, into: batch)
            guard turnstile.wait(for: number) else { return }
            let place = try takeTurn(batch, number, piece)
            turnstile.pass()
            guard let place else { return }
            try write(batch, place)
        }
    }

    /// What has to happen in the order of the pieces; the place of the batch's first event, nil to
    /// stop.
    private func takeTurn(_ batch: RowBatch, _ number: Int, _ piece: Int) throws(FeedError) -> Int?
    {
        let behind = unsafe job.isReversed ? linesBehind[piece] : line
        let place = unsafe sequencer.eventCount
        unsafe sequencer.take(batch, behind: behind, isLast: number == pieceCount - 1)
        unsafe line += batch.lineCount
        if let log { try log.write(batch.problems, behind: behind, path: job.file.path) }
        if needsSorting {
            turnstile.giveUp()
            return nil
        }
        let done = ImportProgress(
            bytesDone: min(job.file.size, (number + 1) * job.settings.pieceSize),
            bytesTotal: job.file.size, events: place + batch.count)
        guard progress(done) else {
            throw FeedError(
                .cancelled, job.file.path, "the import was stopped; nothing was written")
        }
        _ = writer?.reserve(batch.count)
        return place
    }

    private func write(_ batch: RowBatch, _ place: Int) throws(FeedError) {
        if let writer {
            try unsafe writer.place(batch.events, count: batch.count, at: place)
        } else if let aside {
            let bytes = unsafe UnsafeRawBufferPointer(
                start: batch.events, count: batch.count * TapeFormat.eventSize)
            try unsafe aside.file.write(bytes, at: place * TapeFormat.eventSize)
        }
    }

    /// Ends the import: the tape gets its header and its name, or is refused.
    func finish() throws(FeedError) -> CSVImportResult {
        let sequencer = unsafe self.sequencer
        var notes = job.sniffed.explanation
        var instruments: [Instrument] = []
        let making = InstrumentMaking(settings: job.settings, path: job.file.path)
        let order = sequencer.symbols.indices.sorted {
            SymbolOrder.precedes(sequencer.symbols[$0], sequencer.symbols[$1])
        }
        var numbers = [UInt16](repeating: 0, count: order.count)
        for (number, place) in order.enumerated() {
            numbers[place] = UInt16(truncatingIfNeeded: number)
            var instrument = try making.instrument(
                number, sequencer.symbols[place], sequencer.needs[place], &notes)
            instrument.isSynthetic = job.sniffed.label != nil
            instruments.append(instrument)
        }
        var contents = TapeContents(
            instruments: instruments, stamps: instruments.map { _ in job.plan.dialect.stamp },
            source: job.sniffed.label ?? job.source, label: job.sniffed.label ?? "")
        var tally = sequencer.tally
        var missing = sequencer.series.map(\.missingBars)
        var tape: TapeFile?
        if let aside {
            var sorting = try ImportSorting(job, aside, sequencer, instruments, numbers)
            contents.hasSessions = sorting.hasSessions
            tape = try sorting.run(contents, &tally, log)
            missing = sorting.missingBars
        } else if tally.count(.rejected) == 0 {
            tape = try writer?.finish(contents)
        }
        try log?.finish()
        if tally.count(.rejected) > 0 { tape = nil }
        let report = report(sequencer, tally, notes, instruments, missing, tape)
        return CSVImportResult(tape: tape, report: report)
    }

    private func report(
        _ sequencer: Sequencer, _ tally: ProblemTally, _ notes: [String],
        _ instruments: [Instrument],
        _ missing: [Int], _ tape: TapeFile?
    ) -> ImportReport {
        let symbols = zip(instruments, missing).map { instrument, missing in
            ImportReport.Symbol(
                symbol: instrument.symbol, currency: instrument.currency.code,
                calendar: instrument.calendar, priceExponent: instrument.priceExponent,
                quantityExponent: instrument.quantityExponent, missingBars: missing)
        }
        let isEmpty = tape?.count == 0
        return ImportReport(
            path: job.file.path, policy: job.settings.policy, dialect: job.plan.dialect,
            explanation: notes, rows: sequencer.rowCount,
            events: tape?.count ?? sequencer.eventCount,
            firstTime: isEmpty ? nil : tape.map { Timestamp(nanoseconds: $0.header.firstTime) },
            lastTime: isEmpty ? nil : tape.map { Timestamp(nanoseconds: $0.header.lastTime) },
            symbols: symbols, counts: ImportReport.counts(tally),
            problems: tally.kept.sorted(by: Problem.precedes),
            digest: tape.map { $0.header.digest.description })
    }
}
