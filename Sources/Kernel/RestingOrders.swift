import Market

/// The orders of one portfolio that have not ended: a slab with a free list, an index by number, and one chain
/// per instrument, all in the order sent. Nothing is allocated while no more orders work at once than before.
struct RestingOrders {
    /// Where an order's number is found; ascending.
    private struct Entry {
        var id: UInt64
        var slot: Int32
    }

    /// The ends of an instrument's chain; -1 for none.
    private struct Chain {
        var first: Int32 = -1
        var last: Int32 = -1
        var count: Int32 = 0
    }

    private var slots: ContiguousArray<WorkingOrder>
    private var free: ContiguousArray<Int32>
    private var index: ContiguousArray<Entry>
    private var chains: ContiguousArray<Chain>

    init(instruments: Int, capacity: Int = 16) {
        slots = []
        free = []
        index = []
        slots.reserveCapacity(capacity)
        free.reserveCapacity(capacity)
        index.reserveCapacity(capacity)
        chains = ContiguousArray(repeating: Chain(), count: instruments)
    }

    /// Working and held.
    var count: Int { index.count }
    var isEmpty: Bool { index.isEmpty }

    subscript(slot: Int32) -> WorkingOrder {
        _read { yield slots[Int(slot)] }
        _modify { yield &slots[Int(slot)] }
    }

    /// The oldest working order of an instrument; -1 for none.
    func first(of instrument: InstrumentID) -> Int32 { chains[Int(instrument)].first }
    func count(of instrument: InstrumentID) -> Int { Int(chains[Int(instrument)].count) }

    /// The next working order of its instrument after the one that stood in `slot` under `id`, even where that
    /// one has ended since.
    func next(after id: UInt64, in slot: Int32, of instrument: InstrumentID) -> Int32 {
        if slots[Int(slot)].id == id && slots[Int(slot)].isLinked { return slots[Int(slot)].next }
        var candidate = chains[Int(instrument)].first
        while candidate >= 0 && slots[Int(candidate)].id <= id { candidate = slots[Int(candidate)].next }
        return candidate
    }

    /// The slot of the order at a place in the order sent, held ones included.
    func slot(at place: Int) -> Int32 { index[place].slot }

    /// The slot of an order that has not ended; -1 for none.
    func slot(of id: UInt64) -> Int32 {
        let place = place(of: id)
        return place < index.count && index[place].id == id ? index[place].slot : -1
    }

    /// The place of the first order that was sent after `id`.
    func placeAfter(_ id: UInt64) -> Int { id == .max ? index.count : place(of: id + 1) }

    /// Takes in an order with a larger number than all before it. A held one stays out of its chain.
    mutating func insert(_ order: WorkingOrder) -> Int32 {
        let slot: Int32
        if let reused = free.popLast() {
            slot = reused
            slots[Int(slot)] = order
        } else {
            slot = Int32(slots.count)
            slots.append(order)
        }
        index.append(Entry(id: order.id, slot: slot))
        if !order.isHeld { link(slot) }
        return slot
    }

    /// Puts a formerly held order into its instrument's chain, at its place in the order sent.
    mutating func activate(_ slot: Int32) { link(slot) }

    /// Forgets an order that has ended.
    mutating func remove(_ slot: Int32) {
        let order = slots[Int(slot)]
        if order.isLinked { unlink(slot) }
        index.remove(at: place(of: order.id))
        free.append(slot)
    }

    private func place(of id: UInt64) -> Int {
        var low = 0
        var high = index.count
        while low < high {
            let middle = (low &+ high) &>> 1
            if index[middle].id < id { low = middle &+ 1 } else { high = middle }
        }
        return low
    }

    private mutating func link(_ slot: Int32) {
        let instrument = Int(slots[Int(slot)].instrument)
        let id = slots[Int(slot)].id
        var before = chains[instrument].last
        while before >= 0 && slots[Int(before)].id > id { before = slots[Int(before)].previous }
        let after = before >= 0 ? slots[Int(before)].next : chains[instrument].first
        slots[Int(slot)].previous = before
        slots[Int(slot)].next = after
        if before >= 0 { slots[Int(before)].next = slot } else { chains[instrument].first = slot }
        if after >= 0 { slots[Int(after)].previous = slot } else { chains[instrument].last = slot }
        chains[instrument].count += 1
        slots[Int(slot)].isLinked = true
    }

    private mutating func unlink(_ slot: Int32) {
        let order = slots[Int(slot)]
        let instrument = Int(order.instrument)
        if order.previous >= 0 {
            slots[Int(order.previous)].next = order.next
        } else {
            chains[instrument].first = order.next
        }
        if order.next >= 0 {
            slots[Int(order.next)].previous = order.previous
        } else {
            chains[instrument].last = order.previous
        }
        chains[instrument].count -= 1
        slots[Int(slot)].isLinked = false
    }
}
