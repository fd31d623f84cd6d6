/// Notices when one line crosses another: strictly below before and strictly above now, or the
/// reverse.
struct Crossing {
    enum Change { case none, over, under }
    private var before = Double.nan

    init() {}

    /// NaN for either line means that there is nothing to compare yet.
    @inline(__always)
    mutating func update(_ line: Double, _ other: Double) -> Change { update(lead: line - other) }

    /// The same, given the sign of the difference.
    @inline(__always)
    mutating func update(lead now: Double) -> Change {
        let earlier = before
        before = now
        if earlier < 0 && now > 0 { return .over }
        if earlier > 0 && now < 0 { return .under }
        return .none
    }

    /// Nothing that it says depends on it: which line is above does not change at a split.
    mutating func restate(for split: Split, of kind: SeriesKind = .prices) {
        before = split.restated(before, kind)
    }

    func save(_ writer: inout StateWriter) { writer.write(before) }
    mutating func load(_ reader: inout StateReader) throws(Refusal) {
        before = try reader.readDouble()
    }
}
