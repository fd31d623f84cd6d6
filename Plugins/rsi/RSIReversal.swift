/// Buys what has fallen too far by the relative strength index and sells when it has risen too far.
///
/// Flat and RSI below `low`: long. Long and RSI above `high`: close. With `short` the mirror as
/// well. Decides from the second bar on which the index has a value.
struct RSIReversal: Strategy, ~Copyable {
    static var about: About {
        About(
            id: "org.tapedeck.rsi", name: "RSI reversal", version: "1.0.0", vendor: "Tapedeck",
            license: "MIT",
            description:
                "Buys below one level of the relative strength index, closes above another.",
            instruments: 1...4096, warmUp: .sum([.parameter("length"), .bars(1)]), stateVersion: 1)
    }

    struct Lane: ~Copyable {
        var index: RSI
        var regime: RegimeFilter
    }

    var low: Double
    var high: Double
    let short: Bool
    var terms: EntryTerms
    var lanes: PerInstrument<Lane>

    init(_ setup: Setup) throws(Refusal) {
        let length = setup.integer(
            1, "length", 14, in: 2...10_000, unit: "bars", "Length of the index.")
        low = setup.number(2, "low", 30, in: 0...100, live: true, "Enter long below this level.")
        high = setup.number(
            3, "high", 70, in: 0...100, live: true, "Close a long above this level.")
        short = setup.flag(
            4, "short", false, "Also enter short above `high`, and close that below `low`.")
        terms = EntryTerms(setup, firstID: 10)
        let rule = RegimeRule(setup, firstID: 20)
        if low >= high { throw Refusal("low (\(low)) must be below high (\(high))") }
        lanes = PerInstrument(setup) { Lane(index: RSI(length), regime: RegimeFilter(rule)) }
    }

    mutating func onBar(_ bar: Bar, _ context: Context) {
        let decides = lanes[context].index.isReady
        lanes[context].index.update(bar.close)
        lanes[context].regime.update(bar)
        let index = lanes[context].index.value
        if !decides || context.isWarmUp || (index >= low && index <= high) || context.inFlight != 0
        {
            return
        }
        let direction: Double = index < low ? 1 : -1
        if context.isFlat {
            if (direction > 0 || short) && lanes[context].regime.allowsEntry {
                terms.enter(direction, at: bar.close, context)
            }
        } else if context.quantity * direction < 0 {
            context.close()
        }
    }

    mutating func onSplit(_ split: Split, _ context: Context) {
        lanes[context].index.restate(for: split)
        lanes[context].regime.restate(for: split)
    }

    mutating func parameterChanged(_ change: ParameterChange) throws(Refusal) {
        if terms.take(change) { return }
        let (low, high) = (
            change.id == 2 ? change.number : low, change.id == 3 ? change.number : high
        )
        if low >= high { throw Refusal("low (\(low)) must be below high (\(high))") }
        (self.low, self.high) = (low, high)
    }

    func save(_ writer: inout StateWriter) {
        for place in 0..<lanes.count {
            lanes[place: place].index.save(&writer)
            lanes[place: place].regime.save(&writer)
        }
    }

    mutating func load(_ reader: inout StateReader) throws(Refusal) {
        for place in 0..<lanes.count {
            try lanes[place: place].index.load(&reader)
            try lanes[place: place].regime.load(&reader)
        }
    }
}

typealias Plugin = RSIReversal
