package import Market

/// The highest equity so far, the lowest since, and the deepest fall from any peak.
package struct Drawdown: Hashable, Sendable {
    package private(set) var peak: Money
    package private(set) var peakTime = Timestamp.distantPast
    /// The lowest equity since the peak.
    package private(set) var trough: Money
    /// The fall that was deepest in proportion to its peak; equal amounts where there was none.
    package private(set) var deepestPeak: Money
    package private(set) var deepestTrough: Money
    package private(set) var deepestPeakTime = Timestamp.distantPast
    package private(set) var deepestTroughTime = Timestamp.distantPast
    /// The fall that was deepest in money.
    package private(set) var largestFall = Money.zero

    package init(equity: Money) {
        peak = equity
        trough = equity
        deepestPeak = equity
        deepestTrough = equity
    }

    /// The deepest fall as a share of its peak, nearest double; zero when there was none.
    package var deepest: Double {
        guard deepestPeak > deepestTrough else { return 0 }
        let fall = Int128(deepestPeak.rawValue) - Int128(deepestTrough.rawValue)
        return Double.nearest(fall, over: Int128(deepestPeak.rawValue))
    }

    /// The present fall as a share of the peak; zero at the peak or where the peak is not positive.
    package func fall(to equity: Money) -> Double {
        guard peak > .zero, equity < peak else { return 0 }
        return Double.nearest(
            Int128(peak.rawValue) - Int128(equity.rawValue), over: Int128(peak.rawValue))
    }

    @inline(__always) mutating func observe(_ equity: Int64, at time: @autoclosure () -> Int64) {
        if equity > peak.rawValue || equity < trough.rawValue {
            record(Money(equity), at: Timestamp(nanoseconds: time()))
        }
    }

    /// How far equity may fall and rise for `observe` to have nothing to write down.
    @inline(__always) func room(at equity: Int64) -> (Int64, Int64) {
        (equity &- trough.rawValue, peak.rawValue &- equity)
    }

    /// Money that came or went is neither gain nor loss.
    mutating func shift(by amount: Int64) throws(Fault) {
        peak = Money(try Books.sum(peak.rawValue, amount))
        trough = Money(try Books.sum(trough.rawValue, amount))
    }

    @inline(never) private mutating func record(_ equity: Money, at time: Timestamp) {
        if equity > peak {
            peak = equity
            peakTime = time
            trough = equity
            return
        }
        trough = equity
        let fall = peak.rawValue &- equity.rawValue
        if fall > largestFall.rawValue { largestFall = Money(fall) }
        guard peak > .zero else { return }
        let deepestFall = Int128(deepestPeak.rawValue) - Int128(deepestTrough.rawValue)
        if deepestPeak <= .zero
            || Int128(fall) * Int128(deepestPeak.rawValue) > deepestFall * Int128(peak.rawValue)
        {
            deepestPeak = peak
            deepestPeakTime = peakTime
            deepestTrough = equity
            deepestTroughTime = time
        }
    }
}
