/// The largest or smallest of the last `length` values: a queue of candidates in order, so that an
/// update costs the same on average however long the window is.
struct RollingExtreme: ~Copyable {
    /// NaN until `isReady`.
    var value: Double { isReady ? candidates[first].value * sign : .nan }
    /// Updates since that value; the newest of equals. 0: the last one.
    var age: Int { isReady ? Int(updates - candidates[first].update) : 0 }
    var isReady: Bool { updates >= UInt64(length) }

    let length: Int
    private let sign: Double
    private let candidates: UnsafeMutablePointer<Candidate>
    private var first = 0
    private var count = 0
    private var updates: UInt64 = 0

    private struct Candidate {
        var value: Double
        var update: UInt64
    }

    static func highest(_ length: Int, _ workspace: Workspace) -> RollingExtreme {
        RollingExtreme(length, sign: 1, workspace)
    }

    static func lowest(_ length: Int, _ workspace: Workspace) -> RollingExtreme {
        RollingExtreme(length, sign: -1, workspace)
    }

    private init(_ length: Int, sign: Double, _ workspace: Workspace) {
        self.length = max(1, length)
        self.sign = sign
        candidates = workspace.room(for: Candidate.self, self.length)
        candidates.initialize(repeating: Candidate(value: 0, update: 0), count: self.length)
    }

    mutating func update(_ x: Double) {
        let x = x * sign
        updates += 1
        if count > 0, candidates[first].update + UInt64(length) <= updates {
            first = wrapped(first + 1)
            count -= 1
        }
        while count > 0, candidates[wrapped(first + count - 1)].value <= x { count -= 1 }
        candidates[wrapped(first + count)] = Candidate(value: x, update: updates)
        count += 1
    }

    @inline(__always)
    private func wrapped(_ place: Int) -> Int { place >= length ? place - length : place }

    mutating func restate(for split: Split, of kind: SeriesKind = .prices) {
        for place in 0..<length {
            candidates[place].value = split.restated(candidates[place].value, kind)
        }
    }

    func save(_ writer: inout StateWriter) {
        writer.write(length)
        writer.write(updates)
        writer.write(count)
        for place in 0..<count {
            let candidate = candidates[wrapped(first + place)]
            writer.write(candidate.value)
            writer.write(candidate.update)
        }
    }

    mutating func load(_ reader: inout StateReader) throws(Refusal) {
        _ = try reader.readInteger(in: length...length)
        updates = try reader.readBits()
        let saved = try reader.readInteger(in: (updates == 0 ? 0 : 1)...length)
        first = 0
        count = 0
        var last: UInt64 = 0
        for place in 0..<saved {
            let value = try reader.readDouble()
            let update = try reader.readBits()
            guard update > last, update <= updates, updates - update < UInt64(length) else {
                throw Refusal("this state is damaged: a window's values are out of order")
            }
            last = update
            candidates[place] = Candidate(value: value, update: update)
            count += 1
        }
        guard updates == 0 || last == updates else {
            throw Refusal("this state is damaged: a window's newest value is missing")
        }
    }
}

/// The channel between the highest high and the lowest low of the last `length` bars.
struct Donchian: ~Copyable {
    var upper: Double { high.value }
    var lower: Double { low.value }
    var middle: Double { (high.value + low.value) / 2 }
    var isReady: Bool { high.isReady }

    private var high: RollingExtreme
    private var low: RollingExtreme

    init(_ length: Int, _ workspace: Workspace) {
        high = .highest(length, workspace)
        low = .lowest(length, workspace)
    }

    mutating func update(_ bar: Bar) {
        high.update(bar.high)
        low.update(bar.low)
    }

    mutating func restate(for split: Split) {
        high.restate(for: split)
        low.restate(for: split)
    }

    func save(_ writer: inout StateWriter) {
        high.save(&writer)
        low.save(&writer)
    }

    mutating func load(_ reader: inout StateReader) throws(Refusal) {
        try high.load(&reader)
        try low.load(&reader)
    }
}
