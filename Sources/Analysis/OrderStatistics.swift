/// Finds single ranks of a series without sorting it.
enum OrderStatistics {
    /// Rearranges `values[range]` so that the value of rank `rank` is in its sorted place, smaller
    /// or equal ones before it and larger or equal ones behind it (Hoare's quickselect; the median
    /// of three as pivot, and a sort when that keeps choosing badly). Values must not be NaN.
    static func select(_ rank: Int, in values: inout [Double], _ range: Range<Int>) {
        var low = range.lowerBound
        var high = range.upperBound - 1
        var budget = 4 * (Int.bitWidth - range.count.leadingZeroBitCount)
        while high - low > 16 {
            guard budget > 0 else { break }
            budget -= 1
            let pivot = medianOfThree(values[low], values[(low + high) / 2], values[high])
            let (left, right) = partition(&values, from: low, through: high, around: pivot)
            if rank <= left { high = left } else if rank >= right { low = right } else { return }
        }
        values[low...high].sort()
    }

    private static func medianOfThree(_ a: Double, _ b: Double, _ c: Double) -> Double {
        max(min(a, b), min(max(a, b), c))
    }

    /// After it: up to the first index all <= pivot, from the second all >= pivot, between ==
    /// pivot.
    private static func partition(
        _ values: inout [Double], from low: Int, through high: Int, around pivot: Double
    ) -> (Int, Int) {
        var i = low
        var j = high
        while i <= j {
            while values[i] < pivot { i += 1 }
            while values[j] > pivot { j -= 1 }
            if i <= j {
                values.swapAt(i, j)
                i += 1
                j -= 1
            }
        }
        return (j, i)
    }
}
