/// The change over `length` updates; the first value comes with update length + 1.
struct RateOfChange: ~Copyable {
    /// In percent; 0 when the earlier value was 0.
    private(set) var value = Double.nan
    /// The plain difference.
    private(set) var momentum = Double.nan
    var isReady: Bool { !momentum.isNaN }

    private var ring: Ring

    init(_ length: Int, _ workspace: Workspace) { ring = Ring(length, workspace) }

    mutating func update(_ x: Double) {
        let wasFull = ring.isFull
        let earlier = ring.push(x)
        guard wasFull else { return }
        momentum = x - earlier
        value = earlier == 0 ? 0 : (x / earlier - 1) * 100
    }

    mutating func restate(for split: Split, of kind: SeriesKind = .prices) {
        ring.restate(for: split, of: kind)
        momentum = split.restated(momentum, kind)
    }

    func save(_ writer: inout StateWriter) {
        ring.save(&writer)
        writer.write(momentum)
        writer.write(value)
    }

    mutating func load(_ reader: inout StateReader) throws(Refusal) {
        try ring.load(&reader)
        momentum = try reader.readDouble()
        value = try reader.readDouble()
    }
}
