/// How often returns of each size occurred.
package struct ReturnDistribution: Hashable, Sendable, Codable {
    package struct Bin: Hashable, Sendable, Codable {
        /// From `low`, included, to `high`, not included (but in the last bin).
        package var low: Double
        package var high: Double
        package var count: Int
    }

    /// Of equal width, from the smallest return to the largest.
    package let bins: [Bin]

    /// One bin when all returns are equal, none without a finite return.
    package init(returns: [Double], bins wanted: Int) {
        precondition(wanted > 0, "a distribution needs a bin")
        let finite = returns.filter(\.isFinite)
        guard let low = finite.min(), let high = finite.max() else {
            bins = []
            return
        }
        let count = low < high ? wanted : 1
        let width = (high - low) / Double(count)
        var counts = Array(repeating: 0, count: count)
        for r in finite {
            let place = width > 0 ? Int((r - low) / width) : 0
            counts[min(place, count - 1)] += 1
        }
        bins = counts.indices.map { i in
            Bin(
                low: low + width * Double(i),
                high: i + 1 == count ? high : low + width * Double(i + 1), count: counts[i])
        }
    }
}
