/// Buys when the close rises above its average, sells when it falls below. Change everything.
///
///     ../../build MyStrategy.swift -o MyStrategy.so
struct MyStrategy: Strategy, ~Copyable {
    static var about: About {
        About(
            id: "org.example.my-strategy", name: "My strategy", version: "0.1.0", vendor: "Me",
            license: "MIT", description: "Long above the average, out below it.",
            warmUp: .parameter("length"), stateVersion: 1)
    }

    var average: SMA
    var quantity: Double

    init(_ setup: Setup) throws(Refusal) {
        let length = setup.integer(
            1, "length", 20, in: 2...1000, unit: "bars", "Bars of the average.")
        quantity = setup.number(
            2, "quantity", 0, in: 0...1_000_000, unit: "units", live: true,
            "Units to buy; 0 leaves the size to the sizing of the configuration.")
        average = SMA(length, setup)
    }

    mutating func onBar(_ bar: Bar, _ context: Context) {
        let before = average.value
        average.update(bar.close)
        if before.isNaN || context.isWarmUp || context.inFlight != 0 { return }
        if bar.close > average.value {
            if context.isFlat { context.enter(1, quantity: quantity) }
        } else if context.isLong {
            context.close()
        }
    }

    /// Prices come raw, so what is kept of earlier ones is restated at a split.
    mutating func onSplit(_ split: Split, _ context: Context) { average.restate(for: split) }

    mutating func parameterChanged(_ change: ParameterChange) throws(Refusal) {
        if change.id == 2 { quantity = change.number }
    }

    func save(_ writer: inout StateWriter) { average.save(&writer) }
    mutating func load(_ reader: inout StateReader) throws(Refusal) { try average.load(&reader) }
}

typealias Plugin = MyStrategy
