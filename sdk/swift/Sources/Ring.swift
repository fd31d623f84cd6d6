/// The last `length` values. Made once; pushing allocates nothing.
struct Ring: ~Copyable {
    let length: Int
    private let values: UnsafeMutablePointer<Double>
    private var head = 0
    private(set) var count = 0

    init(_ length: Int, _ workspace: Workspace) {
        self.length = max(1, length)
        values = workspace.doubles(self.length)
    }

    @inline(__always) var isFull: Bool { count == length }

    /// Puts the newest in and answers the one that leaves, 0 while the ring fills.
    @inline(__always)
    mutating func push(_ value: Double) -> Double {
        let leaving = values[head]
        values[head] = value
        head &+= 1
        if head == length { head = 0 }
        if count < length { count &+= 1 }
        return leaving
    }

    /// By age: 0 is the oldest still held.
    subscript(place: Int) -> Double {
        precondition(place >= 0 && place < count)
        var at = isFull ? head + place : place
        if at >= length { at -= length }
        return values[at]
    }

    mutating func restate(for split: Split, of kind: SeriesKind = .prices) {
        for place in 0..<length { values[place] = split.restated(values[place], kind) }
    }

    mutating func clear() {
        values.update(repeating: 0, count: length)
        head = 0
        count = 0
    }

    func save(_ writer: inout StateWriter) {
        writer.write(length)
        writer.write(count)
        for place in 0..<count { writer.write(self[place]) }
    }

    mutating func load(_ reader: inout StateReader) throws(Refusal) {
        _ = try reader.readInteger(in: length...length)
        let saved = try reader.readInteger(in: 0...length)
        clear()
        for _ in 0..<saved { _ = push(try reader.readDouble()) }
    }
}
