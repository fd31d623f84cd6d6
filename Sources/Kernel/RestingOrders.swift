import Market

/// The orders of one portfolio that have not ended: a slab with a free list, an index by number,
/// and one chain per instrument, all in the order sent. Nothing is allocated while no more orders
/// work at once than before.
@safe struct RestingOrders: ~Copyable {
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

    /// `used` of `capacity` slots hold orders, those on the free list dead ones. Owned; nobody else
    /// has it.
    private var slots: UnsafeMutablePointer<WorkingOrder>
    private var capacity: Int
    private var used = 0
    private var free: ContiguousArray<Int32>
    private var index: ContiguousArray<Entry>
    private var chains: ContiguousArray<Chain>

    init(instruments: Int, capacity: Int = 16) {
        unsafe slots = .allocate(capacity: capacity)
        self.capacity = capacity
        free = []
        index = []
        free.reserveCapacity(capacity)
        index.reserveCapacity(capacity)
        chains = ContiguousArray(repeating: Chain(), count: instruments)
    }

    deinit {
        unsafe slots.deinitialize(count: used)
        unsafe slots.deallocate()
    }

    /// Working and held.
    var count: Int { index.count }
    var isEmpty: Bool { index.isEmpty }

    /// The order in a slot that an index or a chain has named.
    subscript(slot: Int32) -> WorkingOrder {
        @inline(__always) unsafeAddress { unsafe UnsafePointer(slots + Int(slot)) }
        @inline(__always) unsafeMutableAddress { unsafe slots + Int(slot) }
    }

    /// The oldest working order of an instrument; -1 for none.
    @inline(__always)
    func first(of instrument: InstrumentID) -> Int32 { chains[Int(instrument)].first }
    @inline(__always)
    func count(of instrument: InstrumentID) -> Int { Int(chains[Int(instrument)].count) }

    /// The next working order of its instrument after the one that stood in `slot` under `id`, even
    /// where that one has ended since.
    func next(after id: UInt64, in slot: Int32, of instrument: InstrumentID) -> Int32 {
        if self[slot].id == id && self[slot].isLinked { return self[slot].next }
        var candidate = chains[Int(instrument)].first
        while candidate >= 0 && self[candidate].id <= id { candidate = self[candidate].next }
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

    /// A slot with a new order in it that nobody finds yet: it is to be taken in, or dropped.
    @inline(__always)
    mutating func draft() -> Int32 {
        if let reused = free.popLast() {
            self[reused] = WorkingOrder()
            return reused
        }
        if used == capacity { grow() }
        unsafe (slots + used).initialize(to: WorkingOrder())
        used += 1
        return Int32(used - 1)
    }

    /// Gives up a draft.
    mutating func drop(_ slot: Int32) { free.append(slot) }

    /// Takes in a draft, whose number is larger than all before it. A held one stays out of its
    /// chain.
    @inline(__always)
    mutating func insert(_ slot: Int32) {
        index.append(Entry(id: self[slot].id, slot: slot))
        if !self[slot].isHeld { link(slot) }
    }

    private mutating func grow() {
        let wider = UnsafeMutablePointer<WorkingOrder>.allocate(capacity: capacity * 2)
        unsafe wider.moveInitialize(from: slots, count: used)
        unsafe slots.deallocate()
        unsafe slots = wider
        capacity *= 2
    }

    /// Puts a formerly held order into its instrument's chain, at its place in the order sent.
    mutating func activate(_ slot: Int32) { link(slot) }

    /// Forgets an order that has ended.
    @inline(__always)
    mutating func remove(_ slot: Int32) {
        if self[slot].isLinked { unlink(slot) }
        // Most that end are the newest.
        if index[index.count - 1].slot == slot {
            index.removeLast()
        } else {
            index.remove(at: place(of: self[slot].id))
        }
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

    @inline(__always)
    private mutating func link(_ slot: Int32) {
        let instrument = Int(self[slot].instrument)
        let id = self[slot].id
        var before = chains[instrument].last
        while before >= 0 && self[before].id > id { before = self[before].previous }
        let after = before >= 0 ? self[before].next : chains[instrument].first
        self[slot].previous = before
        self[slot].next = after
        if before >= 0 { self[before].next = slot } else { chains[instrument].first = slot }
        if after >= 0 { self[after].previous = slot } else { chains[instrument].last = slot }
        chains[instrument].count += 1
        self[slot].isLinked = true
    }

    /// Takes an order that still can be asked out of its instrument's chain.
    @inline(__always)
    mutating func unlink(_ slot: Int32) {
        let instrument = Int(self[slot].instrument)
        let before = self[slot].previous
        let after = self[slot].next
        if before >= 0 { self[before].next = after } else { chains[instrument].first = after }
        if after >= 0 { self[after].previous = before } else { chains[instrument].last = before }
        chains[instrument].count -= 1
        self[slot].isLinked = false
    }
}

extension RestingOrders {
    mutating func visit(_ archive: inout StateArchive) {
        let count = archive.visitCount(used)
        while capacity < count { grow() }
        while used < count {
            unsafe (slots + used).initialize(to: WorkingOrder())
            used += 1
        }
        for place in 0..<used { unsafe (slots + place).pointee.visit(&archive) }
        archive.visit(&free)
        archive.visit(&index)
        archive.visit(&chains)
    }
}

extension WorkingOrder {
    mutating func visit(_ archive: inout StateArchive) {
        // Plain fields alone: the whole of it as bytes.
        unsafe withUnsafeMutablePointer(to: &self) { order in
            let size = MemoryLayout<WorkingOrder>.size
            unsafe archive.visit(UnsafeMutableRawBufferPointer(start: order, count: size))
        }
    }
}
