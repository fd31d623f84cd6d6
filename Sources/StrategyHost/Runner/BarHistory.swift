import CTapedeck
import Market

/// The newest closed bars of each instrument and time frame of one instance.
@safe struct BarHistory: ~Copyable {
    /// Bars kept of each; zero: none is kept at all.
    let depth: Int
    private let timeFrames: [UInt32]
    /// By instrument: its place among those wired, or -1.
    private let places: [Int]
    private let bars: UnsafeMutablePointer<Bar>
    /// Of each ring: how many bars it has ever been given.
    private var counts: [Int]

    init(depth: Int, instruments: [InstrumentID], timeFrames: [UInt32]) {
        self.depth = depth
        self.timeFrames = timeFrames
        var places = [Int](repeating: -1, count: (instruments.max().map { Int($0) } ?? -1) + 1)
        for (place, instrument) in instruments.enumerated() { places[Int(instrument)] = place }
        self.places = places
        counts = [Int](repeating: 0, count: instruments.count * timeFrames.count)
        unsafe bars = .allocate(capacity: max(1, counts.count * depth))
    }

    deinit { unsafe bars.deallocate() }

    /// The same bars once more.
    func copy() -> BarHistory {
        BarHistory(copying: self)
    }

    private init(copying other: borrowing BarHistory) {
        depth = other.depth
        timeFrames = other.timeFrames
        places = other.places
        counts = other.counts
        let room = max(1, other.counts.count * other.depth)
        unsafe bars = .allocate(capacity: room)
        unsafe bars.update(from: other.bars, count: room)
    }

    /// Whether it keeps what one made with these would keep.
    func keeps(depth: Int, timeFrames: [UInt32], instruments: [InstrumentID]) -> Bool {
        self.depth == depth && self.timeFrames == timeFrames
            && counts.count == instruments.count * timeFrames.count
            && instruments.enumerated().allSatisfy {
                Int($1) < places.count && places[Int($1)] == $0
            }
    }

    /// The ring of an instrument and a time frame; nil when it is not wired.
    func ring(_ instrument: InstrumentID, _ timeFrame: UInt32) -> Int? {
        guard Int(instrument) < places.count, places[Int(instrument)] >= 0 else { return nil }
        for frame in timeFrames.indices where timeFrames[frame] == timeFrame {
            return places[Int(instrument)] * timeFrames.count + frame
        }
        return nil
    }

    /// Takes the bars among `count` events.
    mutating func append(_ events: UnsafePointer<Event>, count: Int) {
        guard depth > 0 else { return }
        for index in 0..<count {
            let event = unsafe events + index
            guard unsafe event.pointee.type == TD_EVENT_BAR,
                let ring = unsafe ring(event.pointee.instrument, event.pointee.timeframe)
            else { continue }
            unsafe bars[ring * depth + counts[ring] % depth] = event.pointee.bar
            counts[ring] += 1
        }
    }

    /// Of each ring the number of its bars, and these, oldest first, as they lie in memory.
    var bytes: [UInt8] {
        var out: [UInt8] = []
        for ring in counts.indices {
            let count = min(counts[ring], depth)
            unsafe withUnsafeBytes(of: UInt64(count)) { unsafe out.append(contentsOf: $0) }
            for place in counts[ring] - count..<counts[ring] {
                unsafe withUnsafeBytes(of: bars[ring * depth + place % depth]) {
                    unsafe out.append(contentsOf: $0)
                }
            }
        }
        return out
    }

    /// Takes the bars of one that keeps the same; from bytes that are cut short, what is there.
    mutating func take(_ bytes: [UInt8]) {
        var rest = bytes[...]
        for ring in counts.indices {
            guard rest.count >= 8 else { return }
            let count = rest.prefix(8).reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
            rest = rest.dropFirst(8)
            let size = MemoryLayout<Bar>.size
            guard depth > 0, count <= UInt64(depth), Int(count) * size <= rest.count else { return }
            for _ in 0..<count {
                let bar = unsafe rest.withUnsafeBytes { unsafe $0.loadUnaligned(as: Bar.self) }
                unsafe bars[ring * depth + counts[ring] % depth] = bar
                counts[ring] += 1
                rest = rest.dropFirst(size)
            }
        }
    }

    /// Copies the newest `capacity` bars, oldest first, and answers how many.
    func copy(ring: Int, into target: UnsafeMutablePointer<Bar>, capacity: Int) -> Int {
        let total = counts[ring]
        let count = min(capacity, total, depth)
        for index in 0..<count {
            unsafe target[index] = bars[ring * depth + (total - count + index) % depth]
        }
        return count
    }
}
