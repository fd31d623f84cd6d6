/// Trades a close that leaves the value area: the prices at which most of the volume of the last
/// bars was traded.
///
/// Long when the close moves from inside to above the area; closed when it falls back below the
/// point of control (the busiest price). `short` mirrors it. The profile is of the bars before the
/// one in hand.
struct VolumeProfileBreakout: Strategy, ~Copyable {
    static var about: About {
        About(
            id: "org.tapedeck.volume-profile", name: "Volume profile breakout", version: "1.0.0",
            vendor: "Tapedeck", license: "MIT",
            description:
                "Buys a close above the value area of recent volume, leaves below its busiest price.",
            instruments: 1...4096, warmUp: .parameter("length"), stateVersion: 1)
    }

    struct Lane: ~Copyable {
        var profile: VolumeProfile
        var close = Double.nan
        /// Bars until the profile is measured again.
        var untilMeasured = 0
        var regime: RegimeFilter
    }

    let refresh: Int
    let short: Bool
    var terms: EntryTerms
    var lanes: PerInstrument<Lane>

    init(_ setup: Setup) throws(Refusal) {
        let length = setup.integer(
            1, "length", 240, in: 2...100_000, unit: "bars", "Bars of the profile.")
        let bins = setup.integer(2, "bins", 24, in: 2...1000, "Price bins of the profile.")
        let area = setup.number(
            3, "value_area", 0.7, in: 0.1...0.99, unit: "fraction",
            "Share of the volume in the value area.")
        refresh = setup.integer(
            4, "refresh", 10, in: 1...100_000, unit: "bars",
            "Bars between two measurements of the profile.")
        short = setup.flag(5, "short", false, "Also sell short below the value area.")
        terms = EntryTerms(setup, firstID: 10)
        let rule = RegimeRule(setup, firstID: 20)
        lanes = PerInstrument(setup) {
            Lane(
                profile: VolumeProfile(length, bins: bins, valueArea: area, setup),
                regime: RegimeFilter(rule))
        }
    }

    mutating func onBar(_ bar: Bar, _ context: Context) {
        let (control, low, high) = lanes[context].area
        let before = lanes[context].close
        lanes[context].update(bar, refresh)
        if control.isNaN || before.isNaN || context.isWarmUp || context.inFlight != 0 { return }
        let quantity = context.quantity
        if quantity > 0 {
            if bar.close < control { context.close() }
        } else if quantity < 0 {
            if bar.close > control { context.close() }
        } else if lanes[context].regime.allowsEntry {
            if before <= high && bar.close > high {
                terms.enter(1, at: bar.close, context)
            } else if short && before >= low && bar.close < low {
                terms.enter(-1, at: bar.close, context)
            }
        }
    }

    mutating func onSplit(_ split: Split, _ context: Context) {
        lanes[context].profile.restate(for: split)
        lanes[context].close = split.price(lanes[context].close)
        lanes[context].regime.restate(for: split)
    }

    mutating func parameterChanged(_ change: ParameterChange) throws(Refusal) {
        _ = terms.take(change)
    }

    func save(_ writer: inout StateWriter) {
        for place in 0..<lanes.count { lanes[place: place].save(&writer) }
    }

    mutating func load(_ reader: inout StateReader) throws(Refusal) {
        for place in 0..<lanes.count { try lanes[place: place].load(&reader, refresh) }
    }
}

extension VolumeProfileBreakout.Lane {
    /// The profile as last measured, of bars before the one in hand.
    var area: (control: Double, low: Double, high: Double) {
        (profile.control, profile.valueLow, profile.valueHigh)
    }

    mutating func update(_ bar: Bar, _ refresh: Int) {
        profile.update(bar)
        regime.update(bar)
        close = bar.close
        guard profile.isReady else { return }
        if untilMeasured == 0 {
            profile.measure()
            untilMeasured = refresh
        }
        untilMeasured -= 1
    }

    func save(_ writer: inout StateWriter) {
        profile.save(&writer)
        writer.write(close)
        writer.write(untilMeasured)
        regime.save(&writer)
    }

    mutating func load(_ reader: inout StateReader, _ refresh: Int) throws(Refusal) {
        try profile.load(&reader)
        close = try reader.readDouble()
        untilMeasured = try reader.readInteger(in: 0...max(0, refresh - 1))
        try regime.load(&reader)
    }
}

typealias Plugin = VolumeProfileBreakout
