import CTapedeck
import Feeds
import Market

/// Makes one tape of several, in the order of events.
enum TapeMerging {
    private static let blockSize = 8_192

    /// Instruments keep the order of the tapes; their sessions are put between the events.
    /// - Throws: `FeedError` when a symbol is on two tapes, or there is no memory.
    static func merge(_ tapes: [TapeFile], name: String) throws(FeedError) -> TapeFile {
        var instruments: [Instrument] = []
        var stamps: [BarStamp] = []
        var names: [[UInt16]] = []
        for tape in tapes {
            names.append((0..<tape.contents.instruments.count).map { UInt16(instruments.count + $0) })
            for (instrument, stamp) in zip(tape.contents.instruments, tape.contents.stamps) {
                guard !instruments.contains(where: { $0.symbol == instrument.symbol }) else {
                    throw FeedError(
                        .badSettings, tape.path, "\(instrument.symbol) is in another file too",
                        hint: "give each file its own symbol")
                }
                var instrument = instrument
                instrument.id = InstrumentID(instruments.count)
                instruments.append(instrument)
                stamps.append(stamp)
            }
        }
        let sessions = try sessions(of: tapes, instruments)
        let writer = try TapeWriter(.memory(name), isDurable: false)
        try write(tapes, names, sessions, to: writer)
        return try writer.finish(TapeContents(
            instruments: instruments, stamps: stamps,
            source: tapes.map(\.contents.source).joined(separator: ", "), hasSessions: true))
    }

    private static func sessions(
        of tapes: [TapeFile], _ instruments: [Instrument]
    ) throws(FeedError) -> [Event] {
        let headers = tapes.filter { $0.count > 0 }.map(\.header)
        guard let first = headers.map(\.firstTime).min(), let last = headers.map(\.lastTime).max() else { return [] }
        do {
            return try SessionEvents.events(for: instruments, from: first, through: last)
        } catch {
            throw FeedError(.badSettings, tapes[0].path, error.description)
        }
    }

    private static func write(
        _ tapes: [TapeFile], _ names: [[UInt16]], _ sessions: [Event], to writer: TapeWriter
    ) throws(FeedError) {
        let buffer = UnsafeMutableBufferPointer<Event>.allocate(capacity: blockSize)
        defer { unsafe buffer.deallocate() }
        var failure: FeedError?
        // The tapes and the sessions outlive the merge, which borrows their events.
        unsafe sessions.withUnsafeBufferPointer { sessions in
            var runs = unsafe zip(tapes, names).map { unsafe RunMerge.Run($0.events, instruments: $1) }
            unsafe runs.append(RunMerge.Run(sessions))
            var merge = unsafe RunMerge(runs)
            do throws(FeedError) {
                while case let count = unsafe merge.next(into: buffer), count > 0 {
                    try unsafe writer.append(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
                }
            } catch {
                failure = error
            }
        }
        withExtendedLifetime(tapes) {}
        if let failure { throw failure }
    }
}
