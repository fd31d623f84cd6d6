import CTapedeck

/// What the rows of one piece of a file became. One worker owns it and uses it again and again.
@safe final class RowBatch {
    private(set) var events: UnsafeMutablePointer<Event>
    /// The line of the piece, from 1, that each event comes from.
    private(set) var lines: UnsafeMutablePointer<UInt32>
    private(set) var capacity: Int
    var count = 0
    /// Lines of the piece, and rows among them.
    var lineCount = 0
    var rowCount = 0
    var problems: ProblemTally
    private(set) var symbols: [String] = []
    /// What each symbol's numbers need, by its number.
    private(set) var needs: UnsafeMutablePointer<NumberNeeds>
    private var needsCapacity: Int
    private let knownSymbols: [String]

    /// `knownSymbols` have their numbers before the first row is read.
    init(capacity: Int, keep: Int, knownSymbols: [String]) {
        unsafe events = .allocate(capacity: capacity)
        unsafe lines = .allocate(capacity: capacity)
        self.capacity = capacity
        problems = ProblemTally(keep: keep)
        self.knownSymbols = knownSymbols
        needsCapacity = knownSymbols.count + 4
        unsafe needs = .allocate(capacity: needsCapacity)
        addKnownSymbols()
    }

    deinit {
        unsafe events.deallocate()
        unsafe lines.deallocate()
        unsafe needs.deallocate()
    }

    func removeAll() {
        count = 0
        lineCount = 0
        rowCount = 0
        problems.removeAll()
        addKnownSymbols()
    }

    private func addKnownSymbols() {
        symbols.removeAll(keepingCapacity: true)
        for name in knownSymbols { addSymbol(name) }
    }

    /// Gives the next number to a symbol.
    func addSymbol(_ name: String) {
        symbols.append(name)
        if symbols.count > needsCapacity {
            let larger = UnsafeMutablePointer<NumberNeeds>.allocate(capacity: needsCapacity * 2)
            unsafe larger.update(from: needs, count: symbols.count - 1)
            unsafe needs.deallocate()
            unsafe needs = larger
            needsCapacity *= 2
        }
        unsafe (needs + (symbols.count - 1)).initialize(to: NumberNeeds())
    }

    /// Makes room for `more` events.
    @inline(__always)
    func reserve(_ more: Int) {
        if count &+ more > capacity { grow(more) }
    }

    /// Puts an event before all others; it comes from the line before the piece.
    func prepend(_ event: Event) {
        reserve(1)
        unsafe (events + 1).update(from: events, count: count)
        unsafe (lines + 1).update(from: lines, count: count)
        unsafe events[0] = event
        unsafe lines[0] = 0
        count += 1
    }

    @inline(never)
    private func grow(_ more: Int) {
        let larger = max(capacity * 2, count + more)
        let newEvents = UnsafeMutablePointer<Event>.allocate(capacity: larger)
        let newLines = UnsafeMutablePointer<UInt32>.allocate(capacity: larger)
        unsafe newEvents.update(from: events, count: count)
        unsafe newLines.update(from: lines, count: count)
        unsafe events.deallocate()
        unsafe lines.deallocate()
        unsafe events = newEvents
        unsafe lines = newLines
        capacity = larger
    }

    /// Turns the events round, for files whose newest row is the first.
    func reverse() {
        var turned = unsafe UnsafeMutableBufferPointer(start: events, count: count)
        unsafe turned.reverse()
        var turnedLines = unsafe UnsafeMutableBufferPointer(start: lines, count: count)
        unsafe turnedLines.reverse()
    }
}

/// What a symbol's numbers ask of its units.
struct NumberNeeds: Hashable, Sendable {
    /// The most decimals of its prices and quantities, zeros at the end left out.
    var priceDecimals = 0
    var quantityDecimals = 0
    var largestPrice = 0.0
    var largestQuantity = 0.0

    mutating func add(_ other: NumberNeeds) {
        priceDecimals = max(priceDecimals, other.priceDecimals)
        quantityDecimals = max(quantityDecimals, other.quantityDecimals)
        largestPrice = max(largestPrice, other.largestPrice)
        largestQuantity = max(largestQuantity, other.largestQuantity)
    }
}
