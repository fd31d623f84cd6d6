import CTapedeck
import Market

/// Puts the pieces of a file one behind the other: numbers for symbols, the order of time, what
/// only neighbours show. Whoever has the turn uses it, nobody else.
struct Sequencer {
    let policy: ImportPolicy
    let splits: CSVImportSettings.Splits
    /// Levels of one update are joined here: all but its last say that more follow.
    let joinsUpdates: Bool
    /// The last level of the piece before, which may not have been the last of its update.
    private var held: Event?
    /// The events are put in order later; they carry their line in place of a sequence number.
    let isSorting: Bool
    private let sessions: SessionTable?
    private(set) var tally: ProblemTally
    private(set) var symbols: [String] = []
    private var numbers: [String: Int] = [:]
    private(set) var needs: [NumberNeeds] = []
    private(set) var series: [SeriesCheck] = []
    private(set) var rowCount = 0
    private(set) var eventCount = 0
    /// The order of the file cannot be the tape's: everything has to be read again and sorted.
    private(set) var needsSorting = false
    /// Where each sorted run begins among the events.
    private(set) var runs: [Int] = [0]
    private var last = Event(.bar, 0, at: .distantPast)

    init(
        policy: ImportPolicy, splits: CSVImportSettings.Splits, joinsUpdates: Bool, isSorting: Bool,
        sessions: SessionTable?, keep: Int
    ) {
        self.policy = policy
        self.splits = splits
        self.joinsUpdates = joinsUpdates
        self.isSorting = isSorting
        self.sessions = sessions
        tally = ProblemTally(keep: keep)
    }

    /// Takes the next piece's batch, whose lines start behind `line`; what is left in the batch is
    /// kept.
    mutating func take(_ batch: RowBatch, behind line: Int, isLast: Bool) {
        renumber(batch)
        if let held { batch.prepend(held) }
        held = nil
        let count = batch.count
        var kept = 0
        var index = 0
        while index < count {
            if kept == index {
                index = passPlain(batch, from: index, behind: line)
                kept = index
                if index == count { break }
            }
            let end = groupEnd(batch, index)
            if keeps(batch, index, end, line) {
                for place in index..<end where keepsAction(batch, place, end, line) {
                    if kept != place {
                        unsafe batch.events[kept] = unsafe batch.events[place]
                        unsafe batch.lines[kept] = unsafe batch.lines[place]
                    }
                    follow(batch, kept, line)
                    kept &+= 1
                }
            }
            index = end
        }
        if joinsUpdates { join(batch, &kept, isLast: isLast) }
        if kept > 0 { last = unsafe batch.events[kept - 1] }
        batch.count = kept
        rowCount += batch.rowCount
        eventCount += kept
        tally.add(batch.problems, behind: line)
    }

    /// Bars of a file with one symbol, each one time frame after the one before and with nothing to
    /// say about its price: they stay as they are. Answers the place of the first event that is not
    /// like that.
    private mutating func passPlain(_ batch: RowBatch, from start: Int, behind line: Int) -> Int {
        guard series.count == 1, !isSorting, start < batch.count,
            unsafe batch.events[start].instrument == 0
        else { return start }
        let events = unsafe UnsafePointer(batch.events)
        let step = unsafe Int64(events[start].timeframe) &* 1_000_000_000
        let place = unsafe series[0].passPlain(events, from: start, to: batch.count, step: step)
        if place > start { series[0].remember(line: unsafe line &+ Int(batch.lines[place - 1])) }
        return place
    }

    private mutating func join(_ batch: RowBatch, _ kept: inout Int, isLast: Bool) {
        for place in 1..<max(1, kept) {
            if unsafe Event.isOneUpdate(batch.events[place - 1], batch.events[place]) {
                unsafe batch.events[place - 1].flags |= UInt8(TD_FLAG_MORE)
            }
        }
        guard !isLast, kept > 0 else { return }
        kept -= 1
        held = unsafe batch.events[kept]
    }

    /// Corporate actions stand before the bar of their row and share its fate.
    @inline(__always)
    private func groupEnd(_ batch: RowBatch, _ start: Int) -> Int {
        var index = start
        while index &+ 1 < batch.count, unsafe batch.events[index].isAction { index &+= 1 }
        return index &+ 1
    }

    /// From the batch's numbers of symbols to the file's.
    private mutating func renumber(_ batch: RowBatch) {
        var map: [UInt16] = []
        var isSame = true
        for (local, name) in batch.symbols.enumerated() {
            let number = numbers[name] ?? add(name)
            unsafe needs[number].add(batch.needs[local])
            map.append(UInt16(truncatingIfNeeded: number))
            isSame = isSame && number == local
        }
        if isSame { return }
        for index in 0..<batch.count {
            let local = unsafe Int(batch.events[index].instrument)
            unsafe batch.events[index].instrument = map[local]
            unsafe (batch.events + index).pointee.renameSuccessor(map)
        }
    }

    private mutating func add(_ name: String) -> Int {
        numbers[name] = symbols.count
        symbols.append(name)
        needs.append(NumberNeeds())
        series.append(SeriesCheck())
        return symbols.count - 1
    }

    /// Whether the row whose events are [start, end) stays.
    @inline(__always)
    private mutating func keeps(_ batch: RowBatch, _ start: Int, _ end: Int, _ line: Int) -> Bool {
        let event = unsafe batch.events + (end - 1)
        switch unsafe series[Int(event.pointee.instrument)].order(event.pointee) {
        case .later: return true
        case .again: return settle(batch, end - 1, .duplicate, line)
        case .earlier: return settle(batch, end - 1, .outOfOrder, line)
        }
    }

    private mutating func settle(
        _ batch: RowBatch, _ place: Int, _ kind: ProblemKind, _ line: Int
    ) -> Bool {
        let event = unsafe batch.events[place]
        let before = series[Int(event.instrument)]
        let time = TimeText.string(event.timestamp)
        let message =
            kind == .duplicate
            ? "\(time) is the time of line \(before.lastLine) already"
            : "\(time) is before \(TimeText.string(Timestamp(nanoseconds: before.lastTime))) of line \(before.lastLine)"
        let own = Int(unsafe batch.lines[place])
        // A trade that is there twice has nothing to be sorted or chosen.
        guard policy == .repair, event.type == EventCode.bar || kind == .outOfOrder else {
            let action: ProblemAction = policy == .reject ? .rejected : .dropped
            batch.problems.record(kind, action, line: own, column: 0, message)
            return false
        }
        needsSorting = true
        if isSorting, kind == .outOfOrder {
            batch.problems.record(
                kind, .repaired, line: own, column: 0, message + "; sorted into its place")
        }
        return true
    }

    /// Whether one event of a row that stays is kept: a split that the prices contain already is
    /// not.
    @inline(__always)
    private mutating func keepsAction(
        _ batch: RowBatch, _ place: Int, _ end: Int, _ line: Int
    ) -> Bool {
        guard unsafe batch.events[place].type == EventCode.split else { return true }
        return keepsSplit(unsafe batch.events[place], unsafe batch.events[end - 1], batch, place)
    }

    private mutating func keepsSplit(
        _ event: Event, _ bar: Event, _ batch: RowBatch, _ place: Int
    ) -> Bool {
        let number = Int(event.instrument)
        let last = series[number].lastPrice
        let ratio = event.split.ratio
        if splits == .ignore { return false }
        if splits == .sniff, last > 0, bar.bar.open > 0 {
            let step = last / bar.bar.open
            // Nearer to no step than to the ratio, both as factors.
            let isAdjusted = ratio > 1 ? step * step < ratio : step * step > ratio
            if isAdjusted {
                let own = Int(unsafe batch.lines[place])
                batch.problems.record(
                    .splitInPrices, .noted, line: own, column: 0,
                    "the prices are adjusted for the split \(event.split.numerator):"
                        + "\(event.split.denominator) already; it is left out")
                return false
            }
        }
        series[number].split(by: ratio)
        return true
    }

    /// Looks at a kept event beside its neighbours.
    @inline(__always)
    private mutating func follow(_ batch: RowBatch, _ place: Int, _ line: Int) {
        let event = unsafe batch.events + place
        let before = unsafe place > 0 ? batch.events[place - 1].time : last.time
        if unsafe event.pointee.time <= before {
            let isMisplaced = unsafe EventOrder.precedes(
                event.pointee, place > 0 ? batch.events[place - 1] : last)
            if isMisplaced {
                needsSorting = true
                if isSorting { runs.append(eventCount + place) }
            }
        }
        let own = unsafe line &+ Int(batch.lines[place])
        if isSorting { unsafe event.pointee.sequence = UInt64(own) }
        if unsafe event.pointee.isAction { return }
        let number = unsafe Int(event.pointee.instrument)
        // What stands earlier in time than its predecessor is no neighbour of it.
        if unsafe series[number].lastTime > event.pointee.time { return }
        if !isSorting, unsafe series[number].isRemarkable(event.pointee) {
            series[number].notice(
                unsafe event.pointee, line: Int(unsafe batch.lines[place]), sessions,
                into: &batch.problems)
        }
        unsafe series[number].take(event.pointee, line: own)
    }
}
