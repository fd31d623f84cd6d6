/// Where the volume of the last `length` bars was traded: typical prices (high + low + close) / 3
/// in equal bins over the range of those bars. The value area grows from the busiest bin, one bin
/// at a time to the busier neighbour (up wins ties), until it holds its share of the volume.
///
/// `update` is cheap; `measure` walks the window once, so call it as often as the figure is needed.
struct VolumeProfile: ~Copyable {
    /// The middle of the busiest bin (the first of equals): the point of control.
    private(set) var control = Double.nan
    private(set) var valueLow = Double.nan
    private(set) var valueHigh = Double.nan
    var isReady: Bool { typical.isFull }

    let binCount: Int
    let share: Double
    private var range: Donchian
    private var typical: Ring
    private var volumes: Ring
    private let bins: UnsafeMutablePointer<Double>

    init(_ length: Int, bins binCount: Int, valueArea share: Double = 0.7, _ workspace: Workspace) {
        self.binCount = max(1, binCount)
        self.share = share
        range = Donchian(length, workspace)
        typical = Ring(length, workspace)
        volumes = Ring(length, workspace)
        bins = workspace.doubles(self.binCount)
    }

    mutating func update(_ bar: Bar) {
        range.update(bar)
        _ = typical.push((bar.high + bar.low + bar.close) / 3)
        _ = volumes.push(bar.volume)
    }

    /// Volume of one bin as last measured.
    func volume(ofBin place: Int) -> Double {
        precondition(place >= 0 && place < binCount)
        return bins[place]
    }

    mutating func measure() {
        guard isReady else { return }
        let low = range.lower
        let width = (range.upper - low) / Double(binCount)
        bins.update(repeating: 0, count: binCount)
        for place in 0..<typical.count {
            bins[bin(of: typical[place], low, width)] += volumes[place]
        }
        var busiest = 0
        var total = 0.0
        for place in 0..<binCount {
            total += bins[place]
            if bins[place] > bins[busiest] { busiest = place }
        }
        control = (edge(busiest, low, width) + edge(busiest + 1, low, width)) / 2
        let area = valueArea(around: busiest, of: total)
        valueLow = edge(area.lowerBound, low, width)
        valueHigh = edge(area.upperBound + 1, low, width)
    }

    private func valueArea(around busiest: Int, of total: Double) -> ClosedRange<Int> {
        var (low, high, held) = (busiest, busiest, bins[busiest])
        while held < share * total, low > 0 || high + 1 < binCount {
            let up = high + 1 < binCount ? bins[high + 1] : -1
            let down = low > 0 ? bins[low - 1] : -1
            if up >= down {
                high += 1
                held += up
            } else {
                low -= 1
                held += down
            }
        }
        return low...high
    }

    private func edge(_ place: Int, _ low: Double, _ width: Double) -> Double {
        place == binCount ? range.upper : low + Double(place) * width
    }

    /// Bins hold their lower edge; the last holds its upper one too.
    private func bin(of price: Double, _ low: Double, _ width: Double) -> Int {
        guard width > 0 else { return 0 }
        var place = max(0, min(binCount - 1, Int((price - low) / width)))
        // The division may round across an edge.
        if place > 0, price < edge(place, low, width) { place -= 1 }
        if place + 1 < binCount, price >= edge(place + 1, low, width) { place += 1 }
        return place
    }

    mutating func restate(for split: Split) {
        range.restate(for: split)
        typical.restate(for: split)
        volumes.restate(for: split, of: .volumes)
        for place in 0..<binCount { bins[place] = split.volume(bins[place]) }
        (control, valueLow, valueHigh) = (
            split.price(control), split.price(valueLow), split.price(valueHigh)
        )
    }

    func save(_ writer: inout StateWriter) {
        range.save(&writer)
        typical.save(&writer)
        volumes.save(&writer)
        for value in [control, valueLow, valueHigh] { writer.write(value) }
    }

    mutating func load(_ reader: inout StateReader) throws(Refusal) {
        try range.load(&reader)
        try typical.load(&reader)
        try volumes.load(&reader)
        control = try reader.readDouble()
        valueLow = try reader.readDouble()
        valueHigh = try reader.readDouble()
    }
}
