import Market

extension TapeHeader {
    /// Reads and checks everything but the events. `read` gives `count` bytes at an offset of the
    /// file.
    static func read(
        _ path: String, size: Int, read: (Int, Int) throws(FeedError) -> [UInt8]
    ) throws(FeedError) -> TapeHeader {
        if size == 0 { throw FeedError(.empty, path, "the file is empty") }
        let header = try read(0, min(size, TapeFormat.headerSize))
        try checkMark(header, path, size)
        var parser = ByteParser(header, at: 16)
        let layout = Layout(&parser)
        try layout.check(path, size)
        let tail = try read(layout.tailOffset, layout.end - layout.tailOffset)
        var mark = ByteParser(header, at: TapeFormat.checksumOffset)
        var stored = TapeChecksum()
        stored.first = mark.integer()
        stored.second = mark.integer()
        guard stored == checksum(header, tail) else {
            throw corrupt(path, "the header does not have its checksum")
        }
        return try layout.header(path, tail, Array(header[128..<160]))
    }

    static func corrupt(_ path: String, _ message: String) -> FeedError {
        FeedError(.corrupt, path, "damaged tape: " + message, hint: "import its source again")
    }

    private static func checkMark(_ header: [UInt8], _ path: String, _ size: Int) throws(FeedError)
    {
        let mark = Array(header.prefix(TapeFormat.magic.count))
        if mark.allSatisfy({ $0 == 0 }) {
            throw FeedError(
                .unfinished, path, "this tape was never finished", hint: "import it again")
        }
        guard mark == Array(TapeFormat.magic.prefix(mark.count)) else {
            throw FeedError(
                .foreign, path, "this is not a tape",
                hint: "tapes are made by `tapedeck data import` from CSV files")
        }
        guard header.count == TapeFormat.headerSize else {
            throw FeedError(.truncated, path, "this tape is cut short: it has \(size) bytes")
        }
        var parser = ByteParser(header, at: 8)
        let version = parser.integer(UInt32.self)
        guard version <= TapeFormat.version else {
            throw FeedError(
                .newerVersion, path,
                "this tape has format \(version), and this program reads up to \(TapeFormat.version)",
                hint: "use a newer tapedeck")
        }
        guard version > 0, parser.integer(UInt32.self) == UInt32(TapeFormat.headerSize) else {
            throw corrupt(path, "its header says format \(version)")
        }
    }
}

/// The places that a header names, not yet believed.
private struct Layout {
    var flags: UInt64
    var count: Int
    var eventsOffset: Int
    var tailOffset: Int
    var instrumentCount: Int
    var seriesCount: Int
    var seriesOffset: Int
    var indexOffset: Int
    var blockCount: Int
    var textOffset: Int
    var textLengths: [Int]
    var blockSize: Int
    var firstTime: Int64
    var lastTime: Int64
    var end: Int

    init(_ parser: inout ByteParser) {
        func long() -> Int { Int(clamping: parser.integer(UInt64.self)) }
        func short() -> Int { Int(parser.integer(UInt32.self)) }
        flags = parser.integer()
        count = long()
        eventsOffset = long()
        tailOffset = long()
        instrumentCount = short()
        seriesCount = short()
        seriesOffset = long()
        indexOffset = long()
        blockCount = long()
        textOffset = long()
        textLengths = (0..<3).map { _ in short() }
        blockSize = short()
        firstTime = parser.integer()
        lastTime = parser.integer()
        end = long()
    }

    /// Every place follows from the counts, so nothing has to be believed.
    func check(_ path: String, _ size: Int) throws(FeedError) {
        let largest = 1 << 56
        let counts = [count, instrumentCount, seriesCount, blockCount]
        guard counts.allSatisfy({ $0 < largest }), blockSize == TapeFormat.blockSize,
            eventsOffset == TapeFormat.eventsOffset
        else { throw TapeHeader.corrupt(path, "impossible sizes") }
        var at = eventsOffset + count * TapeFormat.eventSize
        var agree = tailOffset == at
        at += instrumentCount * TapeFormat.instrumentSize
        agree = agree && seriesOffset == at
        at += seriesCount * TapeFormat.seriesSize
        agree = agree && indexOffset == at
        agree = agree && blockCount == (count + blockSize - 1) / blockSize
        at += blockCount * TapeFormat.indexEntrySize
        agree = agree && textOffset == at
        at += textLengths.reduce(0, +)
        at = (at + TapeFormat.eventSize - 1) / TapeFormat.eventSize * TapeFormat.eventSize
        guard agree, end == at else {
            throw TapeHeader.corrupt(path, "its header contradicts itself")
        }
        guard size >= end else {
            throw FeedError(
                .truncated, path, "this tape is cut short: \(size) bytes of \(end)",
                hint: "copy it again, or import its source again")
        }
        guard size == end else { throw TapeHeader.corrupt(path, "\(size - end) bytes too many") }
    }

    func header(_ path: String, _ tail: [UInt8], _ digest: [UInt8]) throws(FeedError) -> TapeHeader
    {
        var parser = ByteParser(tail)
        var contents = TapeContents(instruments: [], stamps: [], source: "")
        for index in 0..<instrumentCount {
            guard let (instrument, stamp) = Instrument.decode(&parser), Int(instrument.id) == index
            else {
                throw TapeHeader.corrupt(path, "instrument \(index) cannot be read")
            }
            contents.instruments.append(instrument)
            contents.stamps.append(stamp)
        }
        let series = (0..<seriesCount).map { _ in TapeSeries.decode(&parser) }
        let blocks = (0..<blockCount).map { _ in TapeBlock.decode(&parser) }
        let texts = textLengths.map { String(decoding: parser.bytes($0), as: UTF8.self) }
        contents.source = texts[0]
        contents.label = texts[1]
        contents.creator = texts[2]
        contents.hasSessions = flags & TapeFormat.Flag.sessions != 0
        let header = TapeHeader(contents: contents, count: count, series: series, blocks: blocks)
        guard header.digest.bytes == digest, header.firstTime == firstTime,
            header.lastTime == lastTime
        else {
            throw TapeHeader.corrupt(path, "its header contradicts its index")
        }
        return header
    }
}
