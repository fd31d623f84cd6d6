package import Market

/// How long what a strategy asks for is under way: a fixed time, or one drawn between points of a
/// distribution.
package struct LatencySettings: Hashable, Sendable, Codable {
    /// This share of all requests takes at most so long.
    package struct Point: Hashable, Sendable, Codable {
        package var share: Rate
        package var nanoseconds: Int64

        package init(share: Rate, nanoseconds: Int64) {
            self.share = share
            self.nanoseconds = nanoseconds
        }
    }

    /// By rising share and time; one point is a fixed time, none is no time at all.
    package var points: [Point]

    package init(points: [Point] = []) { self.points = points }

    package static func fixed(_ nanoseconds: Int64) -> LatencySettings {
        LatencySettings(points: [Point(share: .one, nanoseconds: nanoseconds)])
    }

    package var isNone: Bool { points.allSatisfy { $0.nanoseconds == 0 } }

    /// On the straight line between the two points around a random share.
    func draw(_ numbers: inout Xoshiro256StarStar) -> Int64 {
        guard let first = points.first, points.count > 1 else {
            return points.first?.nanoseconds ?? 0
        }
        let share = Int64(numbers.next().multipliedFullWidth(by: 1_000_000_000).high)
        guard share > first.share.rawValue else { return first.nanoseconds }
        var low = first
        for high in points.dropFirst() {
            if share <= high.share.rawValue {
                let width = Int128(high.share.rawValue - low.share.rawValue)
                let rise = Int128(high.nanoseconds - low.nanoseconds)
                return low.nanoseconds
                    + Int64(rise * Int128(share - low.share.rawValue) / max(1, width))
            }
            low = high
        }
        return low.nanoseconds
    }
}
