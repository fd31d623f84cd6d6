/// The best and the worst periods of a series.
package struct ExtremePeriods: Hashable, Sendable, Codable {
    package struct Period: Hashable, Sendable, Codable {
        /// Its place in the series, from zero.
        package var index: Int
        package var value: Double
    }

    /// The highest returns, highest first; of equals the earlier first.
    package private(set) var best: [Period] = []
    /// The lowest, lowest first; of equals the earlier first.
    package private(set) var worst: [Period] = []

    /// At most `count` of each.
    package init(returns: [Double], count: Int) {
        guard count > 0 else { return }
        for index in returns.indices {
            let period = Period(index: index, value: returns[index])
            ExtremePeriods.keep(period, in: &best, count) { $0 > $1 }
            ExtremePeriods.keep(period, in: &worst, count) { $0 < $1 }
        }
    }

    private static func keep(
        _ period: Period, in list: inout [Period], _ count: Int,
        isBetter: (Double, Double) -> Bool
    ) {
        if list.count == count, !isBetter(period.value, list[count - 1].value) { return }
        if list.count == count { list.removeLast() }
        let place = list.firstIndex { isBetter(period.value, $0.value) } ?? list.count
        list.insert(period, at: place)
    }
}
