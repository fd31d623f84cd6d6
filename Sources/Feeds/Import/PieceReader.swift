/// Cuts a file into pieces of whole rows. A row belongs to the piece in which it begins.
@safe struct PieceReader: ~Copyable {
    private let file: InputFile
    private let dataOffset: Int
    private let pieceSize: Int
    private let buffer: UnsafeMutablePointer<UInt8>
    private let capacity: Int

    /// Zeros behind the text, for readers that look at words.
    private static let padding = 64

    init(_ file: InputFile, dataOffset: Int, pieceSize: Int) {
        self.file = file
        self.dataOffset = dataOffset
        self.pieceSize = pieceSize
        capacity = 1 + pieceSize + RowReader.longestLine + 2
        unsafe buffer = .allocate(capacity: capacity + 1 + Self.padding)
    }

    deinit { unsafe buffer.deallocate() }

    static func count(_ size: Int, dataOffset: Int, pieceSize: Int) -> Int {
        max(0, (size - dataOffset + pieceSize - 1) / pieceSize)
    }

    /// The rows of one piece, ending with a line's end; valid until the next call.
    func read(_ piece: Int) throws(FeedError) -> UnsafeBufferPointer<UInt8> {
        let begin = dataOffset + piece * pieceSize
        // The byte before tells whether a row begins here.
        let from = piece == 0 ? begin : begin - 1
        let wanted = begin + pieceSize + RowReader.longestLine + 2 - from
        let target = unsafe UnsafeMutableRawBufferPointer(
            start: buffer, count: min(wanted, capacity))
        let filled = try unsafe file.read(into: target, at: from)
        var start = 0
        if piece > 0 { start = min(newline(from: 0, to: filled) + 1, filled) }
        let last = min(begin + pieceSize - from - 1, filled)
        var end = newline(from: max(last, 0), to: filled)
        if end < filled {
            end += 1
        } else if start < filled, unsafe buffer[filled - 1] != 10 {
            // A row without an end is the file's last, or too long, which its reader will say.
            unsafe buffer[end] = 10
            end += 1
        }
        unsafe (buffer + end).initialize(repeating: 0, count: Self.padding)
        return unsafe UnsafeBufferPointer(start: buffer + start, count: max(0, end - start))
    }

    /// The place of the first line end from `start` on; `end` when there is none.
    private func newline(from start: Int, to end: Int) -> Int {
        var index = start
        while index < end, unsafe buffer[index] != 10 { index += 1 }
        return index
    }

    /// Lines that begin in a piece.
    func lineCount(_ piece: Int) throws(FeedError) -> Int {
        let text = try unsafe read(piece)
        return unsafe text.reduce(0) { $0 + ($1 == 10 ? 1 : 0) }
    }
}
