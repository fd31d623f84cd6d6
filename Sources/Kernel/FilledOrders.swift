/// Which of the orders that ended were filled whole: one bit an order, so that a ticket may still
/// name one as its parent.
struct FilledOrders {
    private var words = ContiguousArray<UInt64>(repeating: 0, count: 16)

    @inline(__always)
    mutating func insert(_ order: UInt64) {
        let place = Int(order >> 6)
        if place >= words.count {
            words.append(
                contentsOf: repeatElement(0, count: max(words.count, place + 1 - words.count)))
        }
        words[place] |= 1 << (order & 63)
    }

    func contains(_ order: UInt64) -> Bool {
        let place = Int(order >> 6)
        return place < words.count && words[place] & (1 << (order & 63)) != 0
    }
}

extension FilledOrders {
    mutating func visit(_ archive: inout StateArchive) { archive.visit(&words) }
}
