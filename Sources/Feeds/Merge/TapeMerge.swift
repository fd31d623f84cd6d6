import CTapedeck
import Market

/// Makes one tape of several. Instruments of one symbol become one; what two tapes say of it must agree.
package enum TapeMerge {
    /// `step` is told how many events are done and may stop the work by answering false.
    package static func run(
        _ tapes: [TapeFile], to destination: TapeWriter.Destination, isDurable: Bool = true,
        step: (Int) -> Bool = { _ in true }
    ) throws(FeedError) -> TapeFile {
        var plan = try Plan(tapes)
        let tapes = try plan.inOrder(tapes)
        let writer = try TapeWriter(destination, isDurable: isDurable)
        var failure: FeedError?
        unsafe plan.sessions.withUnsafeBufferPointer { sessions in
            do throws(FeedError) { try unsafe merge(tapes, plan, sessions, writer, step) } catch { failure = error }
        }
        if let failure { throw failure }
        return try writer.finish(plan.contents)
    }

    private static let blockSize = 8192
    /// What the calendars of the tapes' own session events become: those events are made anew for all.
    private static let dropped = UInt32.max

    private static func merge(
        _ tapes: [TapeFile], _ plan: Plan, _ sessions: UnsafeBufferPointer<Event>, _ writer: TapeWriter,
        _ step: (Int) -> Bool
    ) throws(FeedError) {
        var runs: [RunMerge.Run] = unsafe []
        for (tape, numbers) in zip(tapes, plan.numbers) {
            let calendars = Array(repeating: dropped, count: tape.contents.instruments.count)
            unsafe runs.append(RunMerge.Run(tape.events, instruments: numbers, calendars: calendars))
        }
        unsafe runs.append(RunMerge.Run(sessions))
        var merge = unsafe RunMerge(runs)
        let buffer = UnsafeMutableBufferPointer<Event>.allocate(capacity: blockSize)
        defer { unsafe buffer.deallocate() }
        var last = Event()
        var done = 0
        while true {
            let count = unsafe merge.next(into: buffer)
            if count == 0 { return }
            var kept = 0
            for index in 0..<count {
                let event = unsafe buffer[index]
                if event.isSession, event.session.calendar == dropped { continue }
                guard !isSameBar(last, event) else { throw plan.duplicate(event, writer.path) }
                last = event
                unsafe buffer[kept] = event
                kept += 1
            }
            try unsafe writer.append(UnsafeMutableBufferPointer(rebasing: buffer[..<kept]))
            done += count
            guard step(done) else {
                throw FeedError(.cancelled, writer.path, "the merge was stopped; nothing was written")
            }
        }
    }

    private static func isSameBar(_ a: Event, _ b: Event) -> Bool {
        a.type == EventCode.bar && b.type == EventCode.bar && a.time == b.time && a.instrument == b.instrument
            && a.timeframe == b.timeframe
    }
}

extension TapeMerge {
    /// What the merged tape says of itself, and what each tape's instruments are called on it.
    fileprivate struct Plan {
        var contents = TapeContents(instruments: [], stamps: [], source: "")
        var numbers: [[UInt16]] = []
        var sessions: [Event] = []

        init(_ tapes: [TapeFile]) throws(FeedError) {
            for tape in tapes { numbers.append(try add(tape)) }
            let all = tapes.map(\.contents)
            contents.source = Self.joined(all.map(\.source))
            contents.label = Self.joined(all.map(\.label))
            contents.hasSessions = all.contains { $0.hasSessions }
            let played = tapes.filter { $0.count > 0 }
            guard contents.hasSessions, let first = played.map(\.header.firstTime).min(),
                let last = played.map(\.header.lastTime).max()
            else { return }
            do {
                sessions = try SessionEvents.events(for: contents.instruments, from: first, through: last)
            } catch {
                throw FeedError(.badSettings, tapes[0].path, error.description)
            }
        }

        private mutating func add(_ tape: TapeFile) throws(FeedError) -> [UInt16] {
            var numbers: [UInt16] = []
            for (instrument, stamp) in zip(tape.contents.instruments, tape.contents.stamps) {
                if let index = contents.instruments.firstIndex(where: { $0.symbol == instrument.symbol }) {
                    contents.instruments[index] = try Self.united(
                        contents.instruments[index], instrument, tape.path)
                    numbers.append(UInt16(index))
                } else {
                    numbers.append(UInt16(truncatingIfNeeded: contents.instruments.count))
                    var added = instrument
                    added.id = InstrumentID(truncatingIfNeeded: contents.instruments.count)
                    contents.instruments.append(added)
                    contents.stamps.append(stamp)
                }
            }
            return numbers
        }

        /// A tape whose instruments get numbers in another order has its events of one time in another order: it
        /// is written anew, in memory, with those numbers.
        mutating func inOrder(_ tapes: [TapeFile]) throws(FeedError) -> [TapeFile] {
            var ordered: [TapeFile] = []
            for (place, tape) in tapes.enumerated() {
                let numbers = numbers[place]
                guard zip(numbers, numbers.dropFirst()).contains(where: { $0 > $1 }) else {
                    ordered.append(tape)
                    continue
                }
                var events = unsafe Array(tape.events)
                for index in events.indices where Int(events[index].instrument) < numbers.count {
                    events[index].instrument = numbers[Int(events[index].instrument)]
                }
                EventOrder.sort(&events)
                let writer = try TapeWriter(.memory(tape.path))
                try writer.append(events)
                ordered.append(try writer.finish(contents))
                self.numbers[place] = Array(0..<UInt16(contents.instruments.count))
            }
            return ordered
        }

        /// In the finer units of both.
        private static func united(
            _ a: Instrument, _ b: Instrument, _ path: String
        ) throws(FeedError) -> Instrument {
            for (what, first, second) in [
                ("currency", a.currency.code, b.currency.code), ("calendar", a.calendar, b.calendar),
                ("venue", a.venue, b.venue), ("kind", a.kind.rawValue, b.kind.rawValue),
                ("multiplier", "\(a.multiplier)", "\(b.multiplier)"),
            ] where first != second {
                throw FeedError(
                    .badSettings, path, "the \(what) of \(a.symbol) is \(second) here and \(first) before",
                    hint: "import both with the same \(what), or under different symbols")
            }
            var united = a
            united.priceExponent = min(a.priceExponent, b.priceExponent)
            united.quantityExponent = min(a.quantityExponent, b.quantityExponent)
            let prices = [(a.priceStep.rawValue, a.priceExponent), (b.priceStep.rawValue, b.priceExponent)]
            united.priceStep = Price(try finest(prices, united.priceExponent, a.symbol, path))
            let lots = [
                (a.quantityStep.rawValue, a.quantityExponent), (b.quantityStep.rawValue, b.quantityExponent),
            ]
            united.quantityStep = Quantity(try finest(lots, united.quantityExponent, a.symbol, path))
            united.isSynthetic = a.isSynthetic || b.isSynthetic
            united.allowsNonPositivePrices = a.allowsNonPositivePrices || b.allowsNonPositivePrices
            return united
        }

        /// The smallest of some steps, counted in `10^exponent`.
        private static func finest(
            _ steps: [(count: Int64, exponent: Int)], _ exponent: Int, _ symbol: String, _ path: String
        ) throws(FeedError) -> Int64 {
            var least = Int64.max
            for step in steps {
                let shift = step.exponent - exponent
                guard shift <= PowerOfTen.largestInteger else { continue }
                let (count, overflow) = step.count.multipliedReportingOverflow(by: PowerOfTen.integer(shift))
                if !overflow { least = min(least, count) }
            }
            guard least < .max else {
                throw FeedError(.badSettings, path, "the units of \(symbol) are too different from those before")
            }
            return least
        }

        /// Each once, in their order.
        private static func joined(_ texts: [String]) -> String {
            var distinct: [String] = []
            for text in texts where !text.isEmpty && !distinct.contains(text) { distinct.append(text) }
            let rest = distinct.count > 8 ? " and \(distinct.count - 8) more" : ""
            return distinct.prefix(8).joined(separator: ", ") + rest
        }

        func duplicate(_ event: Event, _ path: String) -> FeedError {
            let symbol = contents.instruments[Int(event.instrument)].symbol
            let frame = TimeFrame(rawValue: event.timeframe)
            return FeedError(
                .badSettings, path,
                "two files have the bar of \(frame) of \(symbol) that closes at \(TimeText.string(event.timestamp))",
                hint: "import files whose times do not overlap")
        }
    }
}
