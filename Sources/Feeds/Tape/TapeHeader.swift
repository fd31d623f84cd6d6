package import Market

/// Everything on a tape that is not an event.
package struct TapeHeader: Hashable, Sendable {
    package var contents: TapeContents
    package var count: Int
    package var firstTime: Int64
    package var lastTime: Int64
    package var series: [TapeSeries]
    package var blocks: [TapeBlock]
    /// SHA-256 over the instruments, the number of events and all blocks' checksums: what
    /// identifies the content, whatever the file is called and wherever it came from.
    package var digest: SHA256.Digest

    init(
        contents: TapeContents, count: Int, series: [TapeSeries], blocks: [TapeBlock]
    ) {
        self.contents = contents
        self.count = count
        self.series = series
        self.blocks = blocks
        firstTime = blocks.first?.firstTime ?? 0
        lastTime = blocks.last?.lastTime ?? 0
        digest = Self.digest(contents, count, blocks)
    }

    private static func digest(
        _ contents: TapeContents, _ count: Int, _ blocks: [TapeBlock]
    ) -> SHA256.Digest {
        var table = ByteBuilder()
        table.append(bytes: instrumentTable(contents))
        table.append(UInt64(count))
        for block in blocks {
            table.append(block.checksum.first)
            table.append(block.checksum.second)
        }
        return SHA256.hash(table.bytes)
    }

    private static func instrumentTable(_ contents: TapeContents) -> [UInt8] {
        var table = ByteBuilder()
        for (instrument, stamp) in zip(contents.instruments, contents.stamps) {
            instrument.encode(stamp, to: &table)
        }
        return table.bytes
    }

    /// The first 256 bytes, and what stands behind the events.
    func encode() -> (header: [UInt8], tail: [UInt8]) {
        let tailOffset = TapeFormat.eventsOffset + count * TapeFormat.eventSize
        let texts = [contents.source, contents.label, contents.creator].map { Array($0.utf8) }
        var tail = ByteBuilder()
        tail.append(bytes: Self.instrumentTable(contents))
        let seriesOffset = tailOffset + tail.count
        for one in series { one.encode(to: &tail) }
        let indexOffset = tailOffset + tail.count
        for block in blocks { block.encode(to: &tail) }
        let textOffset = tailOffset + tail.count
        for text in texts { tail.append(bytes: text) }
        tail.align(to: TapeFormat.eventSize)

        var header = ByteBuilder()
        header.append(bytes: TapeFormat.magic)
        header.append(TapeFormat.version)
        header.append(UInt32(TapeFormat.headerSize))
        header.append(
            (contents.isSynthetic ? TapeFormat.Flag.synthetic : 0)
                | (contents.hasSessions ? TapeFormat.Flag.sessions : 0))
        for value in [count, TapeFormat.eventsOffset, tailOffset] { header.append(UInt64(value)) }
        header.append(UInt32(contents.instruments.count))
        header.append(UInt32(series.count))
        for value in [seriesOffset, indexOffset, blocks.count, textOffset] {
            header.append(UInt64(value))
        }
        for text in texts { header.append(UInt32(text.count)) }
        header.append(UInt32(TapeFormat.blockSize))
        header.append(firstTime)
        header.append(lastTime)
        header.append(UInt64(tailOffset + tail.count))
        header.append(bytes: digest.bytes)
        header.append(bytes: Array(repeating: 0, count: TapeFormat.checksumOffset - header.count))
        let sum = Self.checksum(header.bytes, tail.bytes)
        header.append(sum.first)
        header.append(sum.second)
        return (header.bytes, tail.bytes)
    }

    static func checksum(_ header: [UInt8], _ tail: [UInt8]) -> TapeChecksum {
        var sum = TapeChecksum()
        sum.add(Array(header.prefix(TapeFormat.checksumOffset)) + tail)
        return sum
    }
}

extension TapeSeries {
    func encode(to builder: inout ByteBuilder) {
        builder.append(type)
        builder.append(0 as UInt8)
        builder.append(instrument)
        builder.append(timeframe)
        builder.append(UInt64(count))
        builder.append(firstTime)
        builder.append(lastTime)
    }

    static func decode(_ parser: inout ByteParser) -> TapeSeries {
        let type = parser.integer(UInt8.self)
        parser.skip(1)
        return TapeSeries(
            type: type, instrument: parser.integer(), timeframe: parser.integer(),
            count: Int(truncatingIfNeeded: parser.integer(UInt64.self)),
            firstTime: parser.integer(),
            lastTime: parser.integer())
    }
}

extension TapeBlock {
    func encode(to builder: inout ByteBuilder) {
        builder.append(firstTime)
        builder.append(lastTime)
        builder.append(checksum.first)
        builder.append(checksum.second)
    }

    static func decode(_ parser: inout ByteParser) -> TapeBlock {
        let first = parser.integer(Int64.self)
        let last = parser.integer(Int64.self)
        var checksum = TapeChecksum()
        checksum.first = parser.integer()
        checksum.second = parser.integer()
        return TapeBlock(firstTime: first, lastTime: last, checksum: checksum)
    }
}
