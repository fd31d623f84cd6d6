import CTapedeck
import Market

extension TrialInstance {
    /// How a play ended.
    enum Ending: Hashable {
        case played
        /// It said that it has finished.
        case done
        /// It answered with an error, after so many events.
        case failed(String)
    }

    /// Plays events as a host would: private ones before the event that caused them, an event at
    /// which it acted last in its run. What it does never depends on `runLength`, unless the
    /// plug-in makes it so.
    func play(_ events: ArraySlice<Event>) throws(CheckOutcome) -> Ending {
        var index = events.startIndex
        while index < events.endIndex {
            if host.market.touches(events[index]) || !host.market.updates.isEmpty {
                host.market.advance(events[index])
                if let ending = try deliver(events[index]) { return ending }
                host.keep(events[index])
                index += 1
                continue
            }
            let end = quietEnd(events, from: index)
            host.resetMemory()
            let (handled, answer) = try hand(events[index..<end], isQuiet: true)
            if let ending = ending(answer) { return ending }
            guard handled > 0 else { return .done }
            index += handled
            if let ending = try deliver(nil) { return ending }
        }
        return .played
    }

    private func quietEnd(_ events: ArraySlice<Event>, from start: Int) -> Int {
        let most = min(manner.runLength, LentMemory.mostEvents)
        var end = start + 1
        while end < events.endIndex, end - start < most, !host.market.touches(events[end]) {
            end += 1
        }
        return end
    }

    private func ending(_ answer: Answer) -> Ending? {
        if answer.status < 0 { return .failed("on_events failed with \(answer.description)") }
        return answer.status == TD_DONE ? .done : nil
    }

    /// Hands over what there is to tell, then `event`, and then what it did by that; nil when it
    /// plays on.
    private func deliver(_ event: Event?) throws(CheckOutcome) -> Ending? {
        var waiting: [Event] = []
        var isPublicWaiting = false
        func take() {
            let place = isPublicWaiting ? waiting.count - 1 : waiting.count
            waiting.insert(contentsOf: host.market.updates, at: place)
            host.market.updates.removeAll()
        }
        take()
        if let event {
            waiting.append(event)
            isPublicWaiting = true
        }
        while !waiting.isEmpty {
            let length = min(waiting.count, manner.runLength, LentMemory.mostEvents)
            let (handled, answer) = try hand(waiting[..<length], isQuiet: false)
            if let ending = ending(answer) { return ending }
            guard handled > 0 else { return .done }
            waiting.removeFirst(handled)
            if waiting.isEmpty { isPublicWaiting = false }
            take()
        }
        return nil
    }

    /// Hands over events one by one as they are, whatever orders there are.
    func show(_ events: [Event]) throws(CheckOutcome) -> Ending {
        for event in events {
            let (_, answer) = try hand([event], isQuiet: false)
            host.market.updates.removeAll()
            if let ending = ending(answer) { return ending }
        }
        return .played
    }
}
