/// Where the close lies in the range of the last bars, 0...100, and its averages. 0 without a
/// range.
struct Stochastic: ~Copyable {
    /// Not smoothed, from bar `length` on.
    private(set) var fastK = Double.nan
    /// `fastK` averaged over `smoothing`; starts together with `slowD`.
    var slowK: Double { isReady ? kAverage.value : .nan }
    /// `slowK` averaged over `signal`.
    var slowD: Double { dAverage.value }
    var isReady: Bool { dAverage.isReady }
    /// Williams' %R, -100...0, from bar `length` on.
    private(set) var williamsR = Double.nan

    private var range: Donchian
    private var kAverage: SMA
    private var dAverage: SMA

    init(_ length: Int, smoothing: Int = 3, signal: Int = 3, _ workspace: Workspace) {
        range = Donchian(length, workspace)
        kAverage = SMA(smoothing, workspace)
        dAverage = SMA(signal, workspace)
    }

    mutating func update(_ bar: Bar) {
        range.update(bar)
        guard range.isReady else { return }
        let height = range.upper - range.lower
        fastK = height == 0 ? 0 : 100 * (bar.close - range.lower) / height
        williamsR = height == 0 ? 0 : -100 * (range.upper - bar.close) / height
        kAverage.update(fastK)
        if kAverage.isReady { dAverage.update(kAverage.value) }
    }

    /// What it says are shares of a range, which no split changes.
    mutating func restate(for split: Split) {
        range.restate(for: split)
    }

    func save(_ writer: inout StateWriter) {
        range.save(&writer)
        kAverage.save(&writer)
        dAverage.save(&writer)
        writer.write(fastK)
        writer.write(williamsR)
    }

    mutating func load(_ reader: inout StateReader) throws(Refusal) {
        try range.load(&reader)
        try kAverage.load(&reader)
        try dAverage.load(&reader)
        fastK = try reader.readDouble()
        williamsR = try reader.readDouble()
    }
}
