package import Market

/// A forecast that a strategy gave.
package struct SignalRecord: Hashable, Sendable {
    package var sequence: UInt64
    package var time: Timestamp
    package var instrument: InstrumentID
    /// -1...1.
    package var forecast: Double
    /// 0...1.
    package var confidence: Double

    package init(
        sequence: UInt64, time: Timestamp, instrument: InstrumentID, forecast: Double,
        confidence: Double
    ) {
        self.sequence = sequence
        self.time = time
        self.instrument = instrument
        self.forecast = forecast
        self.confidence = confidence
    }
}

/// A value for the chart.
package struct PlotPoint: Hashable, Sendable {
    package var sequence: UInt64
    package var time: Timestamp
    /// Place in `StrategyOutput.plotNames`.
    package var name: UInt32
    package var value: Double
}

/// What a strategy said, beside its orders, since it was last taken. Bounded; the storage is kept.
package struct StrategyOutput: Sendable {
    package static let mostSignals = 1 << 20
    package static let mostPoints = 1 << 20
    package static let mostNames = 64
    package static let longestName = 64

    package var signals = ContiguousArray<SignalRecord>()
    package var points = ContiguousArray<PlotPoint>()
    package var log = LogLines()

    package init() {}

    package mutating func removeAll() {
        signals.removeAll(keepingCapacity: true)
        points.removeAll(keepingCapacity: true)
        log = LogLines()
    }
}
