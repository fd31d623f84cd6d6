import CTapedeck
import Market

extension TapeFile {
    /// Reads every event: checksums of all blocks, gapless numbers, order of time, known
    /// instruments and kinds. `step` is told how many events are done and may stop it by answering
    /// false.
    package func verify(_ step: (Int) -> Bool = { _ in true }) throws(FeedError) {
        let known = contents.instruments.count
        var last = Int64.min
        guard isPaddingClean else {
            throw TapeHeader.corrupt(path, "bytes between header and events")
        }
        for (number, block) in header.blocks.enumerated() {
            let start = number * TapeFormat.blockSize
            let end = min(start + TapeFormat.blockSize, count)
            try verifyChecksum(block, number, start, end)
            for place in start..<end {
                let event = unsafe events[place]
                guard event.sequence == UInt64(place) else {
                    throw damage(place, "has the number \(event.sequence)")
                }
                guard event.time >= last else { throw damage(place, "goes back in time") }
                last = event.time
                try verify(event, place, known)
            }
            guard unsafe events[start].time == block.firstTime, last == block.lastTime else {
                throw damage(start, "is not where the index says")
            }
            guard step(end) else { throw FeedError(.cancelled, path, "stopped at event \(end)") }
        }
    }

    private func verifyChecksum(
        _ block: TapeBlock, _ number: Int, _ start: Int, _ end: Int
    ) throws(FeedError) {
        var checksum = TapeChecksum()
        if let base = unsafe events.baseAddress {
            unsafe checksum.add(base + start, count: end - start, at: start)
        }
        guard checksum == block.checksum else {
            throw TapeHeader.corrupt(
                path, "block \(number) (events \(start) to \(end - 1)) does not have its checksum")
        }
    }

    private func verify(_ event: Event, _ place: Int, _ known: Int) throws(FeedError) {
        let type = Int(event.type)
        guard event.kind != nil else {
            throw damage(place, "is of no known kind (\(type))")
        }
        let isOfMarket =
            type == TD_EVENT_SESSION_OPEN || type == TD_EVENT_SESSION_CLOSE
            || type == TD_EVENT_COMMAND
        guard isOfMarket || event.instrument < known else {
            throw damage(place, "is of an unknown instrument (\(event.instrument))")
        }
        if event.isSuccession, event.standing.successor >= known {
            throw damage(place, "has an unknown successor (\(event.standing.successor))")
        }
    }

    private func damage(_ place: Int, _ what: String) -> FeedError {
        TapeHeader.corrupt(path, "event \(place) \(what)")
    }
}
