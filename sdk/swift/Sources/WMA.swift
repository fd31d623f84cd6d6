/// Linearly weighted moving average: weight `length` for the newest value, 1 for the oldest.
struct WMA: ~Copyable {
    private(set) var value = Double.nan
    var isReady: Bool { ring.isFull }

    private var ring: Ring
    private var plain = ExactSum()
    private var weighted = ExactSum()
    private let divisor: Double

    init(_ length: Int, _ workspace: Workspace) {
        ring = Ring(length, workspace)
        let n = Double(ring.length)
        divisor = n * (n + 1) / 2
    }

    mutating func update(_ x: Double) {
        if ring.isFull {
            // Every value held loses one weight, the oldest its last; the newest comes in at the
            // top.
            weighted.add(-plain.high)
            weighted.add(-plain.low)
            weighted.add(ExactProduct(Double(ring.length), x))
        } else {
            weighted.add(ExactProduct(Double(ring.count + 1), x))
        }
        plain.add(x, taking: ring.push(x))
        if ring.isFull { value = weighted.value / divisor }
    }

    mutating func restate(for split: Split, of kind: SeriesKind = .prices) {
        ring.restate(for: split, of: kind)
        plain.restate(for: split, of: kind, from: ring)
        if split.isExact {
            weighted.restate(for: split, of: kind)
        } else {
            weighted = ExactSum()
            for place in 0..<ring.count {
                weighted.add(ExactProduct(Double(place + 1), ring[place]))
            }
        }
        value = split.restated(value, kind)
    }

    func save(_ writer: inout StateWriter) {
        ring.save(&writer)
        plain.save(&writer)
        weighted.save(&writer)
        writer.write(value)
    }

    mutating func load(_ reader: inout StateReader) throws(Refusal) {
        try ring.load(&reader)
        try plain.load(&reader)
        try weighted.load(&reader)
        value = try reader.readDouble()
    }
}
