import CTapedeck
package import Market

extension TapeFile {
    /// Who takes whose place, in the order of their times; both are instruments of the tape. Reads
    /// the events between the first change of a standing and the last.
    package var successions: [(old: InstrumentID, new: InstrumentID)] {
        let changes = header.series.filter { $0.type == EventCode.standing }
        guard let first = changes.map(\.firstTime).min(), let last = changes.map(\.lastTime).max()
        else { return [] }
        let known = contents.instruments.count
        var found: [(old: InstrumentID, new: InstrumentID)] = []
        for place in place(at: first)..<count {
            let event = self[place]
            if event.time > last { break }
            guard event.isSuccession, Int(event.instrument) < known,
                Int(event.standing.successor) < known
            else { continue }
            found.append((event.instrument, InstrumentID(event.standing.successor)))
        }
        return found
    }
}
