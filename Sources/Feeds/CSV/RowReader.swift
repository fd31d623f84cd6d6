import CTapedeck
import Market

/// Reads the rows of one piece of a file into a batch. The short way handles rows as they should
/// be; every other row is read again, slowly and in full, by `diagnose`.
@safe struct RowReader: ~Copyable {
    let plan: RowPlan
    let policy: ImportPolicy
    let header: [UInt8]
    let separator: UInt8
    let collapsesSeparators: Bool
    let isReversed: Bool
    // What every row asks of the plan, where the loop can keep it at hand.
    let layout: CSVDialect.Layout
    let hasActions: Bool
    let hasVolume: Bool
    let allowsNonPositivePrices: Bool
    /// The flags of every event, where they stand in its first word.
    let flagBits: UInt64
    /// Nanoseconds from a stamp to its bar's close where that is all there is to it; nil for bars
    /// of dates and of markets that shut.
    let plainFrame: Int64?
    /// Of its bars, as their events bear it.
    let frameSeconds: UInt32
    var number: NumberReader
    var time: TimestampReader
    var clock: BarClock

    // One row's numbers, by slot.
    var values = InlineArray<256, Double>(repeating: 0)
    // The decimals of the row's prices and quantities, as far as they exceed what was seen before.
    var priceDecimals = 0
    var quantityDecimals = 0
    // What every symbol has needed already; rows within it need no closer look.
    var knownPriceDecimals = 0
    var knownQuantityDecimals = 0
    var symbol = 0
    var side: Int32 = 0
    var id: UInt64 = 0
    /// Of a row of standings, which are few and all go the long way.
    var standing = StandingRow()
    var timeValue: Int64 = 0
    var isAbsolute = false
    var line = 0
    private let steps: UnsafeMutablePointer<RowPlan.Step>
    private let stepCount: Int
    /// By step what its last number looked like.
    private let shapes: UnsafeMutablePointer<NumberShape>
    private let powers: UnsafeMutablePointer<Double>
    private var symbolBytes: [SymbolBytes] = []
    private var symbolNumbers: [SymbolBytes: Int] = [:]
    // The two words for sides that the rows used last.
    private var sideWords: (UInt64, UInt64) = (0, 0)
    private var sides: (Int32, Int32) = (0, 0)

    init(_ plan: RowPlan, clock: BarClock, policy: ImportPolicy, header: [UInt8]) {
        self.plan = plan
        self.policy = policy
        self.header = header
        self.clock = clock
        layout = plan.dialect.layout
        hasActions = plan.hasActions
        hasVolume = plan.hasVolume
        allowsNonPositivePrices = plan.allowsNonPositivePrices
        flagBits = UInt64(plan.flags.rawValue) << 8
        plainFrame = clock.plainFrame
        frameSeconds = clock.frame.seconds
        separator = plan.dialect.separator.byte
        collapsesSeparators = plan.dialect.separator == .space
        isReversed = plan.dialect.order == .newestFirst
        unsafe powers = .allocate(capacity: 23)
        for exponent in 0..<23 { unsafe powers[exponent] = PowerOfTen.double(exponent) }
        unsafe number = NumberReader(point: plan.dialect.decimalPoint.byte, powers: powers)
        time = TimestampReader(plan.dialect.timestamp)
        stepCount = plan.steps.count
        unsafe steps = .allocate(capacity: stepCount)
        for (index, step) in plan.steps.enumerated() { unsafe (steps + index).initialize(to: step) }
        unsafe shapes = .allocate(capacity: stepCount)
        unsafe shapes.initialize(repeating: NumberShape(), count: stepCount)
    }

    deinit {
        unsafe steps.deallocate()
        unsafe shapes.deallocate()
        unsafe powers.deallocate()
    }

    /// Reads the rows of `text`, which ends at a line's end or at the file's and has 64 zeros
    /// behind it.
    mutating func read(_ text: UnsafeBufferPointer<UInt8>, into batch: RowBatch) {
        batch.removeAll()
        symbolBytes.removeAll(keepingCapacity: true)
        symbolNumbers.removeAll(keepingCapacity: true)
        symbol = 0
        knownPriceDecimals = 0
        knownQuantityDecimals = 0
        line = 0
        guard let start = text.baseAddress else { return }
        let end = unsafe start + text.count
        var p = unsafe start
        while unsafe p < end {
            line &+= 1
            let row = unsafe p
            if unsafe readRow(&p), emit(batch) {
                batch.rowCount &+= 1
            } else {
                unsafe p = unsafe lineEnd(row, end)
                unsafe diagnose(UnsafeBufferPointer(start: row, count: p - row), into: batch)
            }
        }
        batch.lineCount = line
        if isReversed { batch.reverse() }
    }

    /// Behind the line's end.
    private func lineEnd(
        _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>
    ) -> UnsafePointer<UInt8> {
        var p = unsafe start
        while unsafe p < end, unsafe p.pointee != 10 { unsafe p += 1 }
        return unsafe p < end ? p + 1 : end
    }

    /// One row on the short way; false leaves it to the long one.
    @inline(__always)
    private mutating func readRow(_ p: inout UnsafePointer<UInt8>) -> Bool {
        priceDecimals = 0
        quantityDecimals = 0
        var index = 0
        while true {
            let isQuoted = unsafe p.pointee == UInt8(ascii: "\"")
            if isQuoted { unsafe p += 1 }
            guard unsafe readField(&p, steps[index], shapes + index, isQuoted) else { return false }
            if isQuoted {
                guard unsafe p.pointee == UInt8(ascii: "\"") else { return false }
                unsafe p += 1
            }
            index &+= 1
            let byte = unsafe p.pointee
            if index == stepCount {
                if byte == 10 {
                    unsafe p += 1
                    return true
                }
                guard byte == 13, unsafe p[1] == 10 else { return false }
                unsafe p += 2
                return true
            }
            guard byte == separator else { return false }
            unsafe p += 1
            if collapsesSeparators { while unsafe p.pointee == separator { unsafe p += 1 } }
        }
    }

    @inline(__always)
    private mutating func readField(
        _ p: inout UnsafePointer<UInt8>, _ step: RowPlan.Step,
        _ shape: UnsafeMutablePointer<NumberShape>,
        _ isQuoted: Bool
    ) -> Bool {
        switch step.action {
        case .price:
            guard unsafe number.read(&p, like: shape) else { return false }
            if number.decimals > knownPriceDecimals {
                priceDecimals = max(priceDecimals, unsafe number.significantDecimals(before: p))
            }
            values[Int(step.slot)] = number.value
        case .quantity:
            guard unsafe number.read(&p) else { return false }
            if number.decimals > knownQuantityDecimals {
                quantityDecimals = max(
                    quantityDecimals, unsafe number.significantDecimals(before: p))
            }
            values[Int(step.slot)] = number.value
        case .number, .rate:
            guard unsafe number.read(&p) else { return false }
            values[Int(step.slot)] = number.value
        case .time:
            guard unsafe time.read(&p) else { return false }
            timeValue = time.value
            isAbsolute = time.isAbsolute
        case .skip:
            unsafe skip(&p, isQuoted)
        default:
            return unsafe readRareField(&p, step, isQuoted)
        }
        return true
    }

    @inline(__always)
    private func skip(_ p: inout UnsafePointer<UInt8>, _ isQuoted: Bool) {
        let end = isQuoted ? UInt8(ascii: "\"") : separator
        while true {
            let byte = unsafe p.pointee
            // Zeros stand behind the text; a row with one inside goes the long way.
            if byte == end || byte < 14 && (byte == 10 || byte == 13 || byte == 0) { return }
            unsafe p += 1
        }
    }

    private mutating func readRareField(
        _ p: inout UnsafePointer<UInt8>, _ step: RowPlan.Step, _ isQuoted: Bool
    ) -> Bool {
        let start = unsafe p
        switch step.action {
        case .timeOfDay:
            let date = timeValue
            var clock = TimestampReader(.compact)
            guard unsafe clock.readTimeOfDay(&p) else { return false }
            timeValue = date &+ clock.value
            return true
        case .id:
            var value: UInt64 = 0
            while unsafe p.pointee &- 48 <= 9 {
                unsafe value = value &* 10 &+ UInt64(p.pointee &- 48)
                unsafe p += 1
            }
            id = value
            return unsafe p > start && p - start <= 19
        case .standing, .cash, .successor, .ratio: return false
        default: break
        }
        unsafe skip(&p, isQuoted)
        let field = unsafe UnsafeBufferPointer(start: start, count: p - start)
        if step.action == .symbol { return unsafe readSymbol(field) }
        return unsafe readSide(field, step.action)
    }

    private mutating func readSide(
        _ field: UnsafeBufferPointer<UInt8>, _ action: RowPlan.Action
    ) -> Bool {
        guard field.count <= 7 else { return false }
        // The length keeps an empty word apart from the first state of the two remembered ones.
        var word = UInt64(field.count + 1) << 56
        for index in 0..<field.count { unsafe word |= UInt64(field[index]) << UInt64(index * 8) }
        if word == sideWords.0 {
            side = sides.0
            return true
        }
        if word != sideWords.1 {
            let read =
                unsafe action == .side
                ? SideText.side(field) : SideText.takerWhenBuyerIsMaker(field)
            guard let read else { return false }
            sideWords = (sideWords.1, word)
            sides = (sides.1, read)
        }
        side = sides.1
        return true
    }

    /// Finds a symbol that this piece has shown already; a new one goes the long way, which adds
    /// it.
    private mutating func readSymbol(_ field: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let bytes = unsafe SymbolBytes(field) else { return false }
        // Rows of one symbol follow each other, or symbols take turns.
        if symbol < symbolBytes.count, symbolBytes[symbol] == bytes { return true }
        let next = symbol + 1 < symbolBytes.count ? symbol + 1 : 0
        if next < symbolBytes.count, symbolBytes[next] == bytes {
            symbol = next
            return true
        }
        guard let number = symbolNumbers[bytes] else { return false }
        symbol = number
        return true
    }

    /// Sets the row's symbol, and gives one that this piece has not shown yet its number.
    mutating func setSymbol(_ text: [UInt8], _ batch: RowBatch) -> Bool {
        guard let bytes = SymbolBytes(text), let name = String(validating: text, as: UTF8.self)
        else {
            return false
        }
        if symbolNumbers.isEmpty {
            for (number, known) in batch.symbols.enumerated() {
                remember(SymbolBytes(known.utf8), number)
            }
        }
        if let known = symbolNumbers[bytes] {
            symbol = known
        } else {
            batch.addSymbol(name)
            symbol = batch.symbols.count - 1
            remember(bytes, symbol)
            knownPriceDecimals = 0
            knownQuantityDecimals = 0
        }
        return true
    }

    private mutating func remember(_ bytes: SymbolBytes?, _ number: Int) {
        guard let bytes else { return }
        symbolBytes.append(bytes)
        symbolNumbers[bytes] = number
    }
}

/// A symbol's UTF-8 in four words.
struct SymbolBytes: Hashable {
    private var words: InlineArray<4, UInt64> = InlineArray(repeating: 0)

    /// Nil for an empty one and for one that does not fit.
    @inline(__always)
    init?(_ text: some Collection<UInt8>) {
        guard 1...TapeFormat.longestSymbol ~= text.count else { return nil }
        var index = 0
        for byte in text {
            words[index >> 3] |= UInt64(byte) << UInt64((index & 7) * 8)
            index += 1
        }
    }

    static func == (a: SymbolBytes, b: SymbolBytes) -> Bool {
        a.words[0] == b.words[0] && a.words[1] == b.words[1] && a.words[2] == b.words[2]
            && a.words[3] == b.words[3]
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(words[0])
        hasher.combine(words[1])
        hasher.combine(words[2])
        hasher.combine(words[3])
    }
}
