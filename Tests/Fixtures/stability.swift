// Runs every windowed indicator over ten million values, some of them wild, and compares it every
// 99,991 values with a plain computation over the window. Prints the worst difference of each.
// Compiled with the helper's sources; see IndicatorTests.

struct Generator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

struct Worst {
    let name: String
    var difference = 0.0
    init(_ name: String) { self.name = name }
    mutating func note(_ value: Double, _ truth: Double) {
        let difference = abs(value - truth) / max(1, abs(truth))
        if !(difference <= self.difference) { self.difference = difference }
    }
}

@main struct Stability {
    static func main() {
        let length = 50
        var window = [Double](repeating: 0, count: length)
        var volumes = [Double](repeating: 0, count: length)
        let workspace = Workspace()
        var sma = SMA(length, workspace)
        var pair = SMAPair(fast: 20, slow: length, workspace)
        var wma = WMA(length, workspace)
        var deviation = RollingDeviation(length, workspace)
        var sum = RollingSum(length, workspace)
        var vwap = RollingVWAP(length, workspace)
        var highest = RollingExtreme.highest(length, workspace)
        var lowest = RollingExtreme.lowest(length, workspace)
        var worst = [
            Worst("sma"), Worst("pair_fast"), Worst("pair_slow"), Worst("wma"), Worst("variance"),
            Worst("sum"), Worst("vwap"), Worst("max"), Worst("min"),
        ]
        var generator = Generator(state: 20_250_917)
        var price = 100.0
        for update in 0..<10_000_000 {
            price += (Double(generator.next() >> 11) * 0x1p-53 - 0.5) * 0.2
            price = min(max(price, 0.5), 1e5)
            // Now and then something absurd, that leaves the window again.
            let x = generator.next() % 5003 == 0 ? price * 1e6 : price
            let volume = Double(generator.next() % 10_000) + 0.1
            window[update % length] = x
            volumes[update % length] = volume
            sma.update(x)
            pair.update(x)
            wma.update(x)
            deviation.update(x)
            sum.update(x)
            highest.update(x)
            lowest.update(x)
            vwap.update(Bar(open: x, high: x, low: x, close: x, volume: volume))
            // Only where nothing absurd is in the window: there its traces would show.
            if update % 99_991 != 99_990 || window.contains(where: { $0 > 2e5 }) { continue }
            let newest = update % length
            let inOrder = (1...length).map { window[(newest + $0) % length] }
            let mean = inOrder.reduce(0, +) / Double(length)
            var (weighted, spread, money) = (0.0, 0.0, 0.0)
            for place in 0..<length {
                weighted += Double(place + 1) * inOrder[place]
                spread += (inOrder[place] - mean) * (inOrder[place] - mean)
                money += window[place] * volumes[place]
            }
            worst[0].note(sma.value, mean)
            worst[1].note(pair.fast, inOrder.suffix(20).reduce(0, +) / 20)
            worst[2].note(pair.slow, mean)
            worst[3].note(wma.value, weighted / Double(length * (length + 1) / 2))
            worst[4].note(deviation.variance, spread / Double(length))
            worst[5].note(sum.value, mean * Double(length))
            worst[6].note(vwap.value, money / volumes.reduce(0, +))
            worst[7].note(highest.value, inOrder.reduce(inOrder[0]) { $0 > $1 ? $0 : $1 })
            worst[8].note(lowest.value, inOrder.reduce(inOrder[0]) { $0 < $1 ? $0 : $1 })
        }
        for one in worst { print("\(one.name) \(one.difference)") }
    }
}
