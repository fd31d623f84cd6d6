struct SMACross: Strategy, ~Copyable {
    static var about: About {
        About(id: "org.tapedeck.sma-cross", name: "SMA cross", version: "1.0.0", instruments: 1...4096)
    }
    enum Signal: String, CaseIterable { case cross, state }
    struct Averages: ~Copyable { var fast: SMA; var slow: SMA }
    var fast: SMA
    var slow: SMA
    let quantity: Double
    init(_ setup: Setup) throws(Refusal) {
        let fast = setup.integer(1, "fast", 10, in: 1...10_000, unit: "bars", "Length of the fast average.")
        let slow = setup.integer(2, "slow", 30, in: 2...100_000, unit: "bars", "Length of the slow average.")
        quantity = setup.number(3, "quantity", 0, in: 0...1e12, unit: "units", "Units.")
        _ = setup.choice(4, "signal", Signal.cross, "Rule")
        if fast >= slow { throw Refusal("fast (\(fast)) must be shorter than slow (\(slow))") }
        self.fast = SMA(fast)
        self.slow = SMA(slow)
    }
    mutating func onBar(_ bar: Bar, _ context: Context) {
        fast.update(bar.close)
        slow.update(bar.close)
        if fast.value > slow.value {
            if context.isFlat { context.enter(1, quantity: quantity) }
        } else if fast.value < slow.value {
            if context.isLong { context.close() }
        }
    }
}
typealias Plugin = SMACross
