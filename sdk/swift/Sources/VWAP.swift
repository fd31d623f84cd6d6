/// Volume-weighted average price, at each bar's typical price (high + low + close) / 3.
/// Without any volume the last value stays.
struct SessionVWAP {
    /// NaN until there was volume.
    private(set) var value = Double.nan
    private var money = ExactSum()
    private var volume = ExactSum()

    init() {}

    /// A session opened: from now on only its own bars count.
    mutating func reset() { self = SessionVWAP() }

    mutating func update(_ bar: Bar) {
        money.add(ExactProduct((bar.high + bar.low + bar.close) / 3, bar.volume))
        volume.add(bar.volume)
        if volume.value > 0 { value = money.value / volume.value }
    }

    mutating func restate(for split: Split) {
        // The money is what it was.
        volume.restate(for: split, of: .volumes)
        value = split.price(value)
    }

    func save(_ writer: inout StateWriter) {
        money.save(&writer)
        volume.save(&writer)
        writer.write(value)
    }

    mutating func load(_ reader: inout StateReader) throws(Refusal) {
        try money.load(&reader)
        try volume.load(&reader)
        value = try reader.readDouble()
    }
}

/// The same over the last `length` bars.
struct RollingVWAP: ~Copyable {
    private(set) var value = Double.nan
    var isReady: Bool { prices.isFull }

    private var prices: Ring
    private var volumes: Ring
    private var money = ExactSum()
    private var volume = ExactSum()

    init(_ length: Int, _ workspace: Workspace) {
        prices = Ring(length, workspace)
        volumes = Ring(length, workspace)
    }

    mutating func update(_ bar: Bar) {
        let price = (bar.high + bar.low + bar.close) / 3
        let leavingVolume = volumes.push(bar.volume)
        money.add(ExactProduct(price, bar.volume))
        money.subtract(ExactProduct(prices.push(price), leavingVolume))
        volume.add(bar.volume, taking: leavingVolume)
        if prices.isFull, volume.value > 0 { value = money.value / volume.value }
    }

    mutating func restate(for split: Split) {
        prices.restate(for: split)
        volumes.restate(for: split, of: .volumes)
        volume.restate(for: split, of: .volumes, from: volumes)
        value = split.price(value)
        // The money is what it was, unless prices and volumes were rounded.
        if split.isExact { return }
        money = ExactSum()
        for place in 0..<prices.count { money.add(ExactProduct(prices[place], volumes[place])) }
    }

    func save(_ writer: inout StateWriter) {
        prices.save(&writer)
        volumes.save(&writer)
        money.save(&writer)
        volume.save(&writer)
        writer.write(value)
    }

    mutating func load(_ reader: inout StateReader) throws(Refusal) {
        try prices.load(&reader)
        try volumes.load(&reader)
        try money.load(&reader)
        try volume.load(&reader)
        value = try reader.readDouble()
    }
}
