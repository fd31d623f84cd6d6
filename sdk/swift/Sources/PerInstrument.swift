/// One element for each of an instance's instruments, found by the instrument's number.
struct PerInstrument<Element: ~Copyable>: ~Copyable {
    private let elements: UnsafeMutablePointer<Element>
    private let places: UnsafeMutablePointer<UInt16>
    private let placeCount: Int
    let count: Int

    /// Only this instance's instruments are ever delivered; another one's number answers the first element.
    init(_ setup: Setup, _ make: () -> Element) {
        let list = setup.instruments
        count = max(1, list.count)
        elements = .allocate(capacity: count)
        for place in 0..<count { (elements + place).initialize(to: make()) }
        placeCount = Int(list.max() ?? 0) + 1
        places = .allocate(capacity: placeCount)
        places.initialize(repeating: 0, count: placeCount)
        for place in list.indices { places[Int(list[place])] = UInt16(place) }
    }

    deinit {
        elements.deinitialize(count: count)
        elements.deallocate()
        places.deallocate()
    }

    subscript(instrument: Instrument) -> Element {
        unsafeAddress { UnsafePointer(elements + place(of: instrument)) }
        unsafeMutableAddress { elements + place(of: instrument) }
    }

    /// By place in the order of the configuration, for `save` and `load`.
    subscript(place place: Int) -> Element {
        unsafeAddress {
            precondition(place >= 0 && place < count)
            return UnsafePointer(elements + place)
        }
        unsafeMutableAddress {
            precondition(place >= 0 && place < count)
            return elements + place
        }
    }

    private func place(of instrument: Instrument) -> Int {
        Int(instrument) < placeCount ? Int(places[Int(instrument)]) : 0
    }
}
