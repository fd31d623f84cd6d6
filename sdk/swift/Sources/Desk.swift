/// What one instance keeps beside its strategy: the host's table, the event in hand, what is known of
/// its positions. One allocation, made at create; `Context` is the strategy's view of it.
struct Desk: ~Copyable {
    /// The strategy acted, finished or failed: this run ends with the event in hand.
    var mustReturn = false
    var status = td_status(TD_OK)
    var failure = ""

    let host: UnsafePointer<td_host>
    let token: OpaquePointer?
    var event: UnsafePointer<Event>
    /// Stands for "no event" outside `on_events`.
    let noEvent: UnsafeMutablePointer<Event>

    let instruments: UnsafeMutablePointer<Instrument>
    let instrumentCount: Int
    /// By dense number: the place among `instruments`, or `notOurs`.
    let places: UnsafeMutablePointer<UInt16>
    let placeCount: Int
    /// By place. Asked of the host once after each change, so that a quiet event costs no call.
    let positions: UnsafeMutablePointer<KnownPosition>

    static var notOurs: UInt16 { .max }

    init(host: UnsafePointer<td_host>, token: OpaquePointer?, instruments list: [Instrument]) {
        self.host = host
        self.token = token
        noEvent = .allocate(capacity: 1)
        noEvent.initialize(to: Event())
        event = UnsafePointer(noEvent)
        instrumentCount = list.count
        instruments = .allocate(capacity: max(1, list.count))
        positions = .allocate(capacity: max(1, list.count))
        placeCount = Int(list.max() ?? 0) + 1
        places = .allocate(capacity: placeCount)
        places.initialize(repeating: Self.notOurs, count: placeCount)
        positions.initialize(repeating: KnownPosition(), count: max(1, list.count))
        instruments.initialize(repeating: 0, count: max(1, list.count))
        for place in list.indices {
            instruments[place] = list[place]
            places[Int(list[place])] = UInt16(place)
        }
    }

    deinit {
        noEvent.deallocate()
        instruments.deallocate()
        places.deallocate()
        positions.deallocate()
    }

    func place(of instrument: Instrument) -> Int {
        Int(instrument) < placeCount ? Int(places[Int(instrument)]) : Int(Self.notOurs)
    }

    func forgetPosition(of instrument: Instrument) {
        let place = place(of: instrument)
        if place < instrumentCount { positions[place].isKnown = false }
    }

    func forgetPositions() {
        for place in 0..<instrumentCount { positions[place].isKnown = false }
    }
}

/// A position as far as it changes by fills and orders alone.
struct KnownPosition {
    var quantity = 0.0
    var averagePrice = 0.0
    var inFlight = 0.0
    var isKnown = false
}
