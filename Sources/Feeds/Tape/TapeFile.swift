package import CTapedeck
import Glibc

/// A tape, mapped: opening reads the header and the index, never the events.
package final class TapeFile: Sendable {
    package let path: String
    package let header: TapeHeader
    private let mapping: MappedFile

    package var contents: TapeContents { header.contents }
    package var count: Int { header.count }
    /// Of the whole file, in bytes.
    package var size: Int { mapping.size }

    /// Checks the file's shape, header, tables and index; the events are checked by `verify`.
    package init(_ path: String) throws(FeedError) {
        let (descriptor, size) = try InputFile.open(path)
        defer { close(descriptor) }
        let mapping = try MappedFile(descriptor: descriptor, size: size, path: path)
        header = try TapeHeader.read(path, size: size) { (offset, count) in
            unsafe Array(mapping.bytes[offset..<offset + count])
        }
        self.path = path
        self.mapping = mapping
    }

    /// What a writer has just finished.
    init(written file: OutputFile, header: TapeHeader, size: Int) throws(FeedError) {
        path = file.path
        self.header = header
        mapping = try MappedFile(descriptor: file.descriptor, size: size, path: file.path)
    }

    /// All events, where they lie. Valid as long as this object lives.
    package var events: UnsafeBufferPointer<Event> {
        guard count > 0, let base = unsafe mapping.bytes.baseAddress else {
            return unsafe UnsafeBufferPointer(start: nil, count: 0)
        }
        // The events begin at a multiple of their size from a page's start, and the header's sizes
        // were checked.
        let start = unsafe (base + TapeFormat.eventsOffset).assumingMemoryBound(to: Event.self)
        return unsafe UnsafeBufferPointer(start: start, count: count)
    }

    /// One event; `place` must be one of the tape's.
    package subscript(place: Int) -> Event {
        precondition(place >= 0 && place < count, "an event of the tape")
        return unsafe events[place]
    }

    /// Nothing stands between the header and the events.
    var isPaddingClean: Bool {
        unsafe mapping.bytes[TapeFormat.headerSize..<TapeFormat.eventsOffset].allSatisfy { $0 == 0 }
    }

    /// Reads ahead the events from `place` on, as far as `count`.
    package func willNeed(from place: Int, count: Int) {
        mapping.willNeed(
            offset: TapeFormat.eventsOffset + place * TapeFormat.eventSize,
            count: count * TapeFormat.eventSize)
    }

    /// The place of the first event at or after `time`; `count` when there is none. Reads one
    /// block.
    package func place(at time: Int64) -> Int {
        let blocks = header.blocks
        var low = 0
        var high = blocks.count
        while low < high {
            let middle = (low + high) / 2
            if blocks[middle].lastTime < time { low = middle + 1 } else { high = middle }
        }
        let events = unsafe self.events
        var start = low * TapeFormat.blockSize
        var end = min(start + TapeFormat.blockSize, count)
        if low == blocks.count { return count }
        while start < end {
            let middle = (start + end) / 2
            if unsafe events[middle].time < time { start = middle + 1 } else { end = middle }
        }
        return start
    }
}
