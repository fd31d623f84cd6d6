/// What one instance keeps beside its strategy: the host's table, the event in hand, what is known
/// of its positions. One allocation, made at create; `Context` is the strategy's view of it.
struct Desk: ~Copyable {
    /// The strategy acted, finished or failed: this run ends with the event in hand.
    var mustReturn = false
    var status = td_status(TD_OK)
    var failure = ""

    var event: UnsafePointer<Event>
    /// The event's instrument, its place among this instance's, and what is known of its position.
    var instrument: Instrument = 0
    var place = 0
    var position: UnsafeMutablePointer<KnownPosition>

    let host: UnsafePointer<td_host>
    let token: OpaquePointer?
    /// Stands for "no event" outside `on_events`.
    let noEvent: UnsafeMutablePointer<Event>

    /// The place whose position was asked for last in this call of the host; -1 for none.
    var learned = -1
    /// The order sent last, after which its position was asked for; 0 for none.
    var lastOrder: UInt64 = 0

    let instruments: UnsafeMutablePointer<Instrument>
    let instrumentCount: Int
    /// By dense number: the place among `instruments`; of another's the one behind the last.
    let places: UnsafeMutablePointer<UInt16>
    let placeCount: Int
    /// By place, and one more for instruments that are not this instance's. Asked of the host after
    /// each change, never at a quiet event.
    let positions: UnsafeMutablePointer<KnownPosition>

    init(host: UnsafePointer<td_host>, token: OpaquePointer?, instruments list: [Instrument]) {
        self.host = host
        self.token = token
        noEvent = .allocate(capacity: 1)
        noEvent.initialize(to: Event())
        event = UnsafePointer(noEvent)
        instrumentCount = list.count
        instruments = .allocate(capacity: list.count + 1)
        instruments.initialize(repeating: 0, count: list.count + 1)
        positions = .allocate(capacity: list.count + 1)
        positions.initialize(repeating: KnownPosition(), count: list.count + 1)
        position = positions
        placeCount = Int(list.max() ?? 0) + 1
        places = .allocate(capacity: placeCount)
        places.initialize(repeating: UInt16(truncatingIfNeeded: list.count), count: placeCount)
        for place in list.indices {
            instruments[place] = list[place]
            places[Int(list[place])] = UInt16(place)
        }
        if let first = list.first { instrument = first }
    }

    deinit {
        noEvent.deallocate()
        instruments.deallocate()
        places.deallocate()
        positions.deallocate()
    }

    func place(of instrument: Instrument) -> Int {
        Int(instrument) < placeCount ? Int(places[Int(instrument)]) : instrumentCount
    }

    @inline(never)
    mutating func turn(to instrument: Instrument) {
        self.instrument = instrument
        place = place(of: instrument)
        position = positions + place
    }

    /// Asks the host anew after something that may have changed a position.
    @inline(never)
    mutating func learnPosition(of instrument: Instrument) {
        let place = place(of: instrument)
        guard place < instrumentCount else { return }
        learned = place
        var answer = td_position()
        answer.struct_size = UInt32(MemoryLayout<td_position>.size)
        guard host.pointee.position(token, instrument, &answer) == td_status(TD_OK) else { return }
        positions[place] = KnownPosition(
            quantity: answer.quantity, averagePrice: answer.average_price,
            inFlight: answer.in_flight)
    }

    /// The same for one of several updates in one call: the host stands still while it hands them
    /// over.
    @inline(__always)
    mutating func learnPositionOnce(of instrument: Instrument) {
        if learned != place(of: instrument) { learnPosition(of: instrument) }
    }

    /// That the order sent last was accepted is known since it was sent: its position was asked for
    /// after that, and whatever came later has an update of its own.
    @inline(__always)
    func isKnown(_ update: OrderUpdate) -> Bool {
        update.order == lastOrder && Int(update.state) == TD_STATE_ACCEPTED
    }

    mutating func learnPositions() {
        for place in 0..<instrumentCount { learnPosition(of: instruments[place]) }
    }
}

/// A position as far as it changes by fills and orders alone.
struct KnownPosition {
    var quantity = 0.0
    var averagePrice = 0.0
    var inFlight = 0.0
}
