/// What a strategy may see and do while it handles an event. Valid only inside the handler.
struct Context {
    let desk: UnsafeMutablePointer<Desk>

    // MARK: The event in hand

    /// UTC nanoseconds since 1970 of the event; a bar's is its close.
    var time: Int64 { desk.pointee.event.pointee.time }
    var sequence: UInt64 { desk.pointee.event.pointee.sequence }
    @inline(__always) var instrument: Instrument { desk.pointee.instrument }
    /// Of a bar, in seconds.
    var timeframe: UInt32 { desk.pointee.event.pointee.timeframe }
    /// History before the first event on which orders are accepted.
    @inline(__always) var isWarmUp: Bool { has(TD_FLAG_WARM_UP) }
    /// Played again to catch up; orders are muted.
    var isReplay: Bool { has(TD_FLAG_REPLAY) }
    var isSynthetic: Bool { has(TD_FLAG_SYNTHETIC) }
    var isSessionOpen: Bool { Int(desk.pointee.event.pointee.type) == TD_EVENT_SESSION_OPEN }

    @inline(__always)
    private func has(_ flag: Int) -> Bool { Int(desk.pointee.event.pointee.flags) & flag != 0 }

    // MARK: Positions

    /// Signed; the host's figure, known without a call until something changes it.
    @inline(__always) var quantity: Double { desk.pointee.position.pointee.quantity }
    @inline(__always) var averagePrice: Double { desk.pointee.position.pointee.averagePrice }
    /// Signed quantity of orders underway, protective ones not counted.
    @inline(__always) var inFlight: Double { desk.pointee.position.pointee.inFlight }
    @inline(__always) var isFlat: Bool { quantity == 0 }
    @inline(__always) var isLong: Bool { quantity > 0 }
    @inline(__always) var isShort: Bool { quantity < 0 }
    /// Flat, and no order underway that would change it.
    @inline(__always) var isIdle: Bool { quantity == 0 && inFlight == 0 }

    func quantity(of instrument: Instrument) -> Double { known(instrument).quantity }
    func averagePrice(of instrument: Instrument) -> Double { known(instrument).averagePrice }
    func inFlight(of instrument: Instrument) -> Double { known(instrument).inFlight }

    private func known(_ instrument: Instrument) -> KnownPosition {
        let place = desk.pointee.place(of: instrument)
        if place < desk.pointee.instrumentCount { return desk.pointee.positions[place] }
        let position = position(of: instrument)
        return KnownPosition(
            quantity: position.quantity, averagePrice: position.averagePrice,
            inFlight: position.inFlight)
    }

    // MARK: Endings

    /// This strategy has done its work: it is called no more.
    func finish() {
        desk.pointee.status = td_status(TD_DONE)
        desk.pointee.mustReturn = true
    }

    /// Stops this instance alone, with a reason for the operator.
    func fail(_ reason: String) {
        desk.pointee.status = td_status(TD_E_INTERNAL)
        desk.pointee.failure = reason
        desk.pointee.mustReturn = true
    }
}
