package import CTapedeck
import Synchronization

/// Writes a tape: events in their final order, then `finish`. What is not finished leaves no file
/// behind.
///
/// One thread may `append`; or several may `place` runs of events at places that they got by
/// `reserve`.
package final class TapeWriter: Sendable {
    package enum Destination: Hashable, Sendable {
        /// Replaces what is there, when the tape is finished.
        case file(String)
        /// Lives as long as the `TapeFile` that `finish` returns; the name is for messages.
        case memory(String)
    }

    private struct State {
        var count = 0
        var blocks: [TapeBlock] = []
        var series: [TapeSeries] = []
    }

    package var path: String { file.path }
    private let file: OutputFile
    private let isDurable: Bool
    private let state = Mutex(State())

    /// `isDurable` makes `finish` wait until the disk has everything. `isLarge` writes past the
    /// system's cache, where runs are long enough for it.
    package init(
        _ destination: Destination, isDurable: Bool = true, isLarge: Bool = false
    ) throws(FeedError) {
        switch destination {
        case .file(let path): file = try OutputFile(replacing: path, isLarge: isLarge)
        case .memory(let name): file = try OutputFile(inMemory: name)
        }
        self.isDurable = isDurable
    }

    /// Events written or reserved so far.
    package var count: Int { state.withLock { $0.count } }

    /// Numbers the events and adds them at the end. Few large runs are faster than many small ones.
    package func append(_ events: UnsafeMutableBufferPointer<Event>) throws(FeedError) {
        guard let base = events.baseAddress, !events.isEmpty else { return }
        try unsafe place(base, count: events.count, at: reserve(events.count))
    }

    package func append(_ events: [Event]) throws(FeedError) {
        var events = events
        var failure: FeedError?
        unsafe events.withUnsafeMutableBufferPointer { buffer in
            do throws(FeedError) { try unsafe append(buffer) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// Room for `count` events behind those reserved before; the place of the first.
    package func reserve(_ count: Int) -> Int {
        state.withLock { state in
            defer { state.count += count }
            return state.count
        }
    }

    /// Numbers `count` events from `place` on and writes them there. Every reserved place must be
    /// written once.
    package func place(
        _ events: UnsafeMutablePointer<Event>, count: Int, at place: Int
    ) throws(FeedError) {
        guard count > 0 else { return }
        var tally = SeriesTally()
        var blocks: [TapeBlock] = []
        var start = 0
        while start < count {
            let inBlock = TapeFormat.blockSize - (place + start) % TapeFormat.blockSize
            let end = min(count, start + inBlock)
            let run = unsafe events + start
            let inOrder = unsafe tally.number(run, count: end - start, from: place + start)
            guard inOrder else {
                throw FeedError(
                    .outOfOrder, path, "events from \(place + start) on go back in time")
            }
            var checksum = TapeChecksum()
            unsafe checksum.add(run, count: end - start, at: place + start)
            unsafe blocks.append(
                TapeBlock(
                    firstTime: run[0].time, lastTime: run[end - start - 1].time, checksum: checksum)
            )
            start = end
        }
        let bytes = unsafe UnsafeRawBufferPointer(
            start: events, count: count * TapeFormat.eventSize)
        try unsafe file.writePages(
            bytes, at: TapeFormat.eventsOffset + place * TapeFormat.eventSize)
        state.withLock { Self.merge(blocks, tally.series, from: place, into: &$0) }
    }

    private static func merge(
        _ blocks: [TapeBlock], _ series: [TapeSeries], from place: Int, into state: inout State
    ) {
        let first = place / TapeFormat.blockSize
        let missing = first + blocks.count - state.blocks.count
        if missing > 0 {
            let none = TapeBlock(firstTime: .max, lastTime: .min, checksum: TapeChecksum())
            state.blocks.append(contentsOf: repeatElement(none, count: missing))
        }
        for (index, block) in blocks.enumerated() {
            state.blocks[first + index].checksum += block.checksum
            state.blocks[first + index].firstTime = min(
                state.blocks[first + index].firstTime, block.firstTime)
            state.blocks[first + index].lastTime = max(
                state.blocks[first + index].lastTime, block.lastTime)
        }
        SeriesTally.merge(series, into: &state.series)
    }

    /// Writes header, tables and index, and gives the file its name.
    package func finish(_ contents: TapeContents) throws(FeedError) -> TapeFile {
        try contents.check(path)
        let state = self.state.withLock { $0 }
        for (earlier, later) in zip(state.blocks, state.blocks.dropFirst())
        where earlier.lastTime > later.firstTime {
            throw FeedError(.outOfOrder, path, "the events are not in the order of their time")
        }
        let known = contents.instruments.count
        if let stray = state.series.first(where: { $0.instrument >= known && !$0.isOfMarket }) {
            throw FeedError(
                .badSettings, path, "events of an unknown instrument \(stray.instrument)")
        }
        let series = state.series.sorted { $0.order < $1.order }
        let header = TapeHeader(
            contents: contents, count: state.count, series: series, blocks: state.blocks)
        let (front, tail) = header.encode()
        let tailOffset = TapeFormat.eventsOffset + state.count * TapeFormat.eventSize
        try file.write(tail, at: tailOffset)
        try file.write(front, at: 0)
        try file.finish(size: tailOffset + tail.count, isDurable: isDurable)
        return try TapeFile(written: file, header: header, size: tailOffset + tail.count)
    }
}
