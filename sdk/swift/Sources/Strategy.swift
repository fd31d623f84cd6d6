@_exported import CTapedeck

/// A trading strategy: one struct. Whatever it does not implement does nothing.
///
///     struct BuyAboveAverage: Strategy, ~Copyable {
///         static var about: About {
///             About(id: "org.example.above", name: "Above average", version: "1.0.0")
///         }
///         var average: SMA
///         init(_ setup: Setup) throws(Refusal) {
///             let length = setup.integer(1, "length", 20, in: 2...500, unit: "bars", "Bars of the average.")
///             average = SMA(length, setup)
///         }
///         mutating func onBar(_ bar: Bar, _ context: Context) {
///             average.update(bar.close)
///             if bar.close > average.value && context.isIdle { context.buy(100) }
///         }
///         mutating func onSplit(_ split: Split, _ context: Context) {
///             average.restate(for: split)
///         }
///     }
///     typealias Plugin = BuyAboveAverage      // exports it
///
/// Everything is allocated in `init`; the handlers allocate nothing. After a handler that sent an
/// order the host applies it before the next event is handed over: results never depend on how long
/// runs are.
protocol Strategy: ~Copyable {
    /// What the manifest says besides the parameters.
    static var about: About { get }

    /// Makes an instance. Declares every parameter, always, in one order. `Refusal` says why not.
    init(_ setup: Setup) throws(Refusal)

    /// A bar closed. `context.instrument` and `context.timeframe` say which.
    mutating func onBar(_ bar: Bar, _ context: Context)
    mutating func onTrade(_ trade: Trade, _ context: Context)
    mutating func onQuote(_ quote: Quote, _ context: Context)
    mutating func onDepth(_ level: DepthLevel, _ context: Context)
    /// A timer set with `context.setTimer` is due.
    mutating func onTimer(_ timer: TimerEvent, _ context: Context)
    /// One of this instance's orders was filled, in part or whole.
    mutating func onFill(_ fill: Fill, _ context: Context)
    /// One of this instance's orders changed its state.
    mutating func onOrder(_ update: OrderUpdate, _ context: Context)
    /// A session opened (`context.isSessionOpen`) or closed.
    mutating func onSession(_ session: SessionChange, _ context: Context)
    /// `context.instrument` was split; its position and orders are restated already. What the
    /// strategy keeps in prices or volumes must be too: `average.restate(for: split)`,
    /// `split.price(level)`. `tapedeck plugin check` remarks on what was forgotten.
    mutating func onSplit(_ split: Split, _ context: Context)
    mutating func onDividend(_ dividend: Dividend, _ context: Context)
    /// Data are missing before this event.
    mutating func onGap(_ gap: Gap, _ context: Context)

    /// Before the first event, and after `load` when there was something to load.
    mutating func onStart(_ start: Start, _ context: Context) throws(Refusal)
    mutating func onStop(_ reason: StopReason, _ context: Context)
    /// A parameter declared `live` has a new value, already checked against its range.
    mutating func parameterChanged(_ change: ParameterChange) throws(Refusal)

    /// The state, always in one order. Needs `About.stateVersion` above 0.
    func save(_ writer: inout StateWriter)
    /// The same order as `save`. What it cannot use it refuses.
    mutating func load(_ reader: inout StateReader) throws(Refusal)
}

extension Strategy where Self: ~Copyable {
    mutating func onBar(_ bar: Bar, _ context: Context) {}
    mutating func onTrade(_ trade: Trade, _ context: Context) {}
    mutating func onQuote(_ quote: Quote, _ context: Context) {}
    mutating func onDepth(_ level: DepthLevel, _ context: Context) {}
    mutating func onTimer(_ timer: TimerEvent, _ context: Context) {}
    mutating func onFill(_ fill: Fill, _ context: Context) {}
    mutating func onOrder(_ update: OrderUpdate, _ context: Context) {}
    mutating func onSession(_ session: SessionChange, _ context: Context) {}
    mutating func onSplit(_ split: Split, _ context: Context) {}
    mutating func onDividend(_ dividend: Dividend, _ context: Context) {}
    mutating func onGap(_ gap: Gap, _ context: Context) {}
    mutating func onStart(_ start: Start, _ context: Context) throws(Refusal) {}
    mutating func onStop(_ reason: StopReason, _ context: Context) {}
    mutating func parameterChanged(_ change: ParameterChange) throws(Refusal) {}
    func save(_ writer: inout StateWriter) {}
    mutating func load(_ reader: inout StateReader) throws(Refusal) {}
}

typealias TimerEvent = td_timer
typealias Fill = td_fill
typealias OrderUpdate = td_order_update
typealias Gap = td_gap

/// The dense number of an instrument within this run; `Setup.instruments` lists this instance's.
typealias Instrument = UInt16

/// Why something cannot be, in words for a person.
struct Refusal: Error {
    let text: String
    init(_ text: String) { self.text = text }
}

/// Why and from where an instance starts.
struct Start {
    enum Reason: UInt32 { case fresh = 1, restored, upgraded, rolledBack }
    let reason: Reason
    /// Number of the first event it will see.
    let nextSequence: UInt64
    let time: Int64
}

enum StopReason: UInt32 { case end = 1, unload, reload, fault, byOperator }

/// The new value of a live parameter, under the number it was declared with.
struct ParameterChange {
    let id: Int
    /// Of an integer, flag (0 or 1), choice (its place), duration (nanoseconds) or instrument.
    let integer: Int
    /// Of a number.
    let number: Double
    var flag: Bool { integer != 0 }
}

extension td_order_update {
    /// Nothing more will happen to this order.
    var isOver: Bool {
        switch Int(state) {
        case TD_STATE_REJECTED, TD_STATE_FILLED, TD_STATE_CANCELLED, TD_STATE_EXPIRED: true
        default: false
        }
    }
    var isRejected: Bool { Int(state) == TD_STATE_REJECTED }
}
