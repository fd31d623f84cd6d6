import CTapedeck
import Market

extension WorkerRunner {
    /// What an entry means for the block that is played, beside what the strategy said.
    enum Meaning {
        /// It goes on; the strategy, or its words, were noted.
        case noted
        /// Something to do to the portfolio.
        case command(WorkerChannel.Entry.Kind)
        /// The strategy is called no more after so many events: its fault, or nil when it has
        /// finished.
        case ended(StrategyFault?, at: Int)
        case played(UInt64, UInt64)
        /// What no honest worker sends.
        case senseless(String)
    }

    /// Checks an entry; every field of it may hold anything.
    /// - Parameters: what the block has: events, and the time and number of the last one.
    func note(
        _ entry: WorkerChannel.Entry, of instance: WorkerInstance, upTo count: Int, lastTime: Int64,
        lastSequence: UInt64
    ) -> Meaning? {
        guard let kind = WorkerChannel.Entry.Kind(rawValue: entry.kind) else {
            return .senseless("an entry of an unknown kind (\(entry.kind))")
        }
        // One that leaves speaks of the block at which another took its place.
        guard entry.block == block || instance.isLeaving else {
            return .senseless("an entry for block \(entry.block) while block \(block) is played")
        }
        switch kind {
        case .submit, .replace, .cancel, .timer:
            guard Int(entry.place) <= count else {
                return .senseless("a command at event \(entry.place) of a block of \(count)")
            }
            return .command(kind)
        case .signal: return noteSignal(entry, lastTime, lastSequence)
        case .point: return notePoint(entry, instance, lastTime, lastSequence)
        case .plotName: return notePlotName(entry, instance)
        case .words:
            guard instance.words.count < 4096 else { return .senseless("words without an end") }
            instance.words += entry.bytes
            return .noted
        case .log:
            let level = LogLine.Level(rawValue: Int32(truncatingIfNeeded: entry.payload.0)) ?? .info
            let bytes = instance.takeWords()
            unsafe bytes.withUnsafeBufferPointer {
                unsafe output.log.append(level, sequence: min(entry.number, lastSequence), $0)
            }
            return .noted
        case .dropped:
            output.log.drop(Int(truncatingIfNeeded: min(entry.number, 1 << 32)))
            return .noted
        case .ended:
            let text = instance.takeWords()
            let cleaned = unsafe text.withUnsafeBufferPointer {
                unsafe LogLines.clean($0, longest: 256)
            }
            guard
                let fault = WorkerFault.fault(
                    entry, words: cleaned, last: max(lastSequence, self.lastSequence)),
                entry.payload.3 <= UInt64(count)
            else { return .senseless("an end without a reason") }
            return .ended(fault, at: Int(entry.payload.3))
        case .left:
            guard
                let legacy = StrategyLegacy(
                    instance.channel.takeText(Int(min(entry.number, 1 << 40))))
            else {
                return .senseless("a legacy that is none")
            }
            // Only of the one that plays; it waits until it has been taken.
            if instance === self.instance {
                memory.keep(legacy, before: base + Int(min(entry.place, UInt32(count))))
            }
            instance.left += 1
            return .noted
        case .played: return .played(entry.payload.0, entry.payload.1)
        }
    }

    private func noteSignal(
        _ entry: WorkerChannel.Entry, _ lastTime: Int64, _ lastSequence: UInt64
    ) -> Meaning {
        let forecast = Double(bitPattern: entry.payload.2)
        let confidence = Double(bitPattern: entry.payload.3)
        let instrument = InstrumentID(truncatingIfNeeded: entry.payload.1)
        guard forecast >= -1, forecast <= 1, confidence >= 0, confidence <= 1,
            unsafe state.pointee.wires(instrument), entry.number <= lastSequence,
            Int64(bitPattern: entry.payload.0) <= lastTime
        else { return .senseless("a signal that cannot be") }
        if output.signals.count < StrategyOutput.mostSignals {
            output.signals.append(
                SignalRecord(
                    sequence: entry.number,
                    time: Timestamp(nanoseconds: Int64(bitPattern: entry.payload.0)),
                    instrument: instrument, forecast: forecast, confidence: confidence))
        }
        return .noted
    }

    private func notePoint(
        _ entry: WorkerChannel.Entry, _ instance: WorkerInstance, _ lastTime: Int64,
        _ lastSequence: UInt64
    ) -> Meaning {
        let value = Double(bitPattern: entry.payload.2)
        guard entry.payload.1 < UInt64(instance.plots.count), !value.isInfinite,
            entry.number <= lastSequence,
            Int64(bitPattern: entry.payload.0) <= lastTime
        else { return .senseless("a plotted value that cannot be") }
        if output.points.count < StrategyOutput.mostPoints {
            output.points.append(
                PlotPoint(
                    sequence: entry.number,
                    time: Timestamp(nanoseconds: Int64(bitPattern: entry.payload.0)),
                    name: UInt32(instance.plots[Int(entry.payload.1)]), value: value))
        }
        return .noted
    }

    private func notePlotName(_ entry: WorkerChannel.Entry, _ instance: WorkerInstance) -> Meaning {
        let bytes = entry.bytes
        guard instance.plots.count < StrategyOutput.mostNames, !bytes.isEmpty,
            bytes.count <= StrategyOutput.longestName,
            let name = String(validating: bytes, as: UTF8.self)
        else { return .senseless("a name of a plot that cannot be") }
        // The one before had names too, and may have had this.
        if let known = plotNames.firstIndex(of: name) {
            instance.plots.append(known)
        } else {
            instance.plots.append(plotNames.count)
            plotNames.append(name)
        }
        return .noted
    }
}
