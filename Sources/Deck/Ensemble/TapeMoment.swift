import CTapedeck
import Market

/// Where on the tape something was: events come in this order in every view of a tape. What the
/// deck adds to a tape bears the number of the event before it, so the time decides among equals.
struct TapeMoment: Hashable, Comparable {
    var sequence: UInt64
    /// Nanoseconds.
    var time: Int64

    static let beginning = TapeMoment(sequence: 0, time: .min)

    init(sequence: UInt64, time: Int64) {
        self.sequence = sequence
        self.time = time
    }

    init(_ event: Event) { self.init(sequence: event.sequence, time: event.time) }

    static func < (a: TapeMoment, b: TapeMoment) -> Bool {
        (a.sequence, a.time) < (b.sequence, b.time)
    }
}
