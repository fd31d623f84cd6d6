/// A position as the host knows it at the event in hand.
struct Position {
    /// Signed.
    let quantity: Double
    let averagePrice: Double
    let mark: Double
    let realised: Double
    let unrealised: Double
    let inFlight: Double
}

/// The portfolio's money at the event in hand, in its base currency.
struct Account {
    let cash: Double
    let equity: Double
    let buyingPower: Double
    let peakEquity: Double
    let realised: Double
    let unrealised: Double
    let fees: Double
}

/// Room for closed bars, made once in `init` and filled by `context.history`.
struct BarHistory: ~Copyable {
    let capacity: Int
    private(set) var count = 0
    private let bars: UnsafeMutablePointer<Bar>

    init(capacity: Int, _ workspace: Workspace) {
        self.capacity = max(1, capacity)
        bars = workspace.room(for: Bar.self, self.capacity)
        bars.initialize(repeating: Bar(), count: self.capacity)
    }

    /// Oldest first.
    subscript(place: Int) -> Bar {
        precondition(place >= 0 && place < count)
        return bars[place]
    }

    fileprivate mutating func fill(_ read: (UnsafeMutablePointer<Bar>, UInt64) -> UInt64) {
        count = min(capacity, Int(read(bars, UInt64(capacity))))
    }
}

extension Context {
    /// The host's time, UTC nanoseconds: that of the event in hand, never the wall clock.
    var now: Int64 { desk.pointee.host.pointee.now(desk.pointee.token) }

    /// 64 random bits from this portfolio's own seeded generator.
    func random() -> UInt64 { desk.pointee.host.pointee.random(desk.pointee.token) }

    /// Uniform in 0..<1.
    func randomUnit() -> Double { Double(random() >> 11) * 0x1p-53 }

    /// All zeros for an instrument that does not exist.
    func position(of instrument: Instrument) -> Position {
        var answer = td_position()
        answer.struct_size = UInt32(MemoryLayout<td_position>.size)
        let status = desk.pointee.host.pointee.position(desk.pointee.token, instrument, &answer)
        if status != td_status(TD_OK) { answer = td_position() }
        return Position(
            quantity: answer.quantity, averagePrice: answer.average_price, mark: answer.mark,
            realised: answer.realised, unrealised: answer.unrealised, inFlight: answer.in_flight)
    }

    var account: Account {
        var answer = td_account()
        answer.struct_size = UInt32(MemoryLayout<td_account>.size)
        let status = desk.pointee.host.pointee.account(desk.pointee.token, &answer)
        if status != td_status(TD_OK) { answer = td_account() }
        return Account(
            cash: answer.cash, equity: answer.equity, buyingPower: answer.buying_power,
            peakEquity: answer.peak_equity, realised: answer.realised,
            unrealised: answer.unrealised, fees: answer.fees)
    }

    /// Steps, multiplier and names of an instrument; nil when there is none of this number.
    func details(of instrument: Instrument) -> td_instrument? {
        var answer = td_instrument()
        answer.struct_size = UInt32(MemoryLayout<td_instrument>.size)
        let status = desk.pointee.host.pointee.instrument(desk.pointee.token, instrument, &answer)
        return status == td_status(TD_OK) ? answer : nil
    }

    /// The newest closed bars before the event in hand, oldest first; `timeframe` in seconds.
    func history(_ bars: inout BarHistory, of instrument: Instrument, timeframe: UInt32) {
        bars.fill { room, capacity in
            var count: UInt64 = 0
            let status = desk.pointee.host.pointee.history(
                desk.pointee.token, instrument, timeframe, room, capacity, &count)
            return status == td_status(TD_OK) ? count : 0
        }
    }

    /// A forecast in -1...1 with a confidence in 0...1, for ensembles and charts. Does not trade.
    func signal(_ forecast: Double, confidence: Double = 1, on instrument: Instrument? = nil) {
        _ = desk.pointee.host.pointee.signal(
            desk.pointee.token, instrument ?? self.instrument, forecast, confidence)
    }

    /// A named value for the chart.
    func plot(_ name: StaticString, _ value: Double) {
        let start = UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
        let name = td_string(data: start, length: UInt64(name.utf8CodeUnitCount))
        _ = desk.pointee.host.pointee.plot(desk.pointee.token, name, value)
    }

    enum LogLevel: Int32 { case debug = 1, info, warning, error }

    /// For the operator. Building the text allocates: not for every event.
    func log(_ text: String, level: LogLevel = .info) {
        var text = text
        text.withUTF8 { bytes in
            let start = UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self)
            let text = td_string(data: start, length: UInt64(bytes.count))
            desk.pointee.host.pointee.log(desk.pointee.token, level.rawValue, text)
        }
    }

    /// A table of an optional power of the host, "tapedeck.NAME/REV", or nil.
    func hostExtension(_ id: StaticString) -> UnsafeRawPointer? {
        let start = UnsafeRawPointer(id.utf8Start).assumingMemoryBound(to: CChar.self)
        let id = td_string(data: start, length: UInt64(id.utf8CodeUnitCount))
        return desk.pointee.host.pointee.extension(desk.pointee.token, id)
    }
}
