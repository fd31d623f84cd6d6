/// The first lines of a file, and some of its last: what a dialect is sniffed from.
struct TextSample {
    static let headSize = 256 << 10
    static let tailSize = 64 << 10
    static let lineLimit = 2000

    /// Bytes before the first line: a byte order mark.
    var start = 0
    /// Without their ends; the first ones of the file, in order.
    var head: [[UInt8]] = []
    /// Later ones, in order; empty when `head` holds the whole file.
    var tail: [[UInt8]] = []
    /// Where each line of `head` begins.
    var offsets: [Int] = []

    init(_ file: InputFile) throws(FeedError) {
        let path = file.path
        if file.size == 0 { throw FeedError(.empty, path, "the file is empty") }
        let bytes = try file.prefix(Self.headSize)
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { start = 3 }
        try Self.check(bytes, path)
        var at = start
        while at < bytes.count, head.count < Self.lineLimit {
            guard let end = bytes[at...].firstIndex(of: 10) else {
                // A line cut by the end of the sample is not one.
                if bytes.count == file.size { add(bytes[at...], at) }
                break
            }
            add(bytes[at..<end], at)
            at = end + 1
        }
        if head.isEmpty {
            throw FeedError(
                .unknownLayout, path, "the first line has more than \(bytes.count) bytes", line: 1,
                hint: "this is no table of prices")
        }
        try readTail(file)
    }

    private mutating func add(_ line: ArraySlice<UInt8>, _ offset: Int) {
        head.append(Array(line.last == 13 ? line.dropLast() : line))
        offsets.append(offset)
    }

    private mutating func readTail(_ file: InputFile) throws(FeedError) {
        let from = file.size - Self.tailSize
        guard let last = offsets.last, from > last + Self.tailSize else { return }
        let bytes = try file.bytes(at: from, count: Self.tailSize)
        let lines = bytes.split(separator: 10, omittingEmptySubsequences: true)
        for line in lines.dropFirst() {
            tail.append(Array(line.last == 13 ? line.dropLast() : line))
        }
    }

    /// Refuses what is no text, by name where it is known.
    private static func check(_ bytes: [UInt8], _ path: String) throws(FeedError) {
        for (mark, what, hint) in marks where bytes.starts(with: mark) {
            let isPacked = hint.isEmpty
            throw FeedError(
                isPacked ? .compressed : .binary, path, "this is \(what), not CSV",
                hint: isPacked ? "unpack it first" : hint)
        }
        if bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff]) {
            throw FeedError(
                .wrongEncoding, path, "the text is UTF-16",
                hint: "convert it: iconv -f UTF-16 -t UTF-8")
        }
        if let place = bytes.prefix(4096).firstIndex(of: 0) {
            throw FeedError(
                .binary, path, "this is not text: byte \(place + 1) is zero",
                hint: "CSV is expected")
        }
        let odd = bytes.prefix(4096).filter { $0 < 32 && ![9, 10, 13].contains($0) }.count
        if odd > 16 { throw FeedError(.binary, path, "this is not text", hint: "CSV is expected") }
        if !bytes.contains(10), bytes.contains(13) {
            throw FeedError(
                .wrongEncoding, path, "its lines end with carriage returns alone",
                hint: "convert it: tr '\\r' '\\n'")
        }
    }

    private static let marks: [(mark: [UInt8], what: String, hint: String)] = [
        (Array(TapeFormat.magic.prefix(5)), "a tape", "it needs no import"),
        ([0x1f, 0x8b], "a gzip archive", ""),
        ([0x50, 0x4b, 0x03, 0x04], "a zip archive", ""),
        ([0x28, 0xb5, 0x2f, 0xfd], "a zstd archive", ""),
        ([0x42, 0x5a, 0x68], "a bzip2 archive", ""),
        ([0xfd, 0x37, 0x7a, 0x58, 0x5a], "an xz archive", ""),
        (Array("PAR1".utf8), "a Parquet file", "export it as CSV"),
        (Array("SQLite format".utf8), "a SQLite database", "export it as CSV"),
        ([0x7f, 0x45, 0x4c, 0x46], "a program", "name a CSV file"),
        (Array("<!DOCTYPE".utf8), "a web page", "the download failed; look at it in a browser"),
        (Array("<html".utf8), "a web page", "the download failed; look at it in a browser"),
    ]
}
