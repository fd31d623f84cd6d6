/// One element for each of an instance's instruments: `averages[context]` is that of the event in
/// hand.
struct PerInstrument<Element: ~Copyable>: ~Copyable {
    private let elements: UnsafeMutablePointer<Element>
    let count: Int

    init(_ setup: Setup, _ make: () -> Element) {
        count = setup.instruments.count
        // One more, so that an event of a foreign instrument does no harm.
        elements = setup.room(for: Element.self, count + 1)
        for place in 0...count { (elements + place).initialize(to: make()) }
        let (first, total) = (elements, count + 1)
        setup.atEnd { first.deinitialize(count: total) }
    }

    subscript(context: Context) -> Element {
        @inline(__always) unsafeAddress { UnsafePointer(elements + context.desk.pointee.place) }
        @inline(__always) unsafeMutableAddress { elements + context.desk.pointee.place }
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
}
