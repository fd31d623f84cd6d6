package import CTapedeck
import Feeds
import Market
import StrategyHost

/// What a strategy that comes while others play has to see of the past: the events that it would
/// have been given, as far back as its warm-up and its `history` reach.
package struct SlotPast {
    private let configuration: DeckConfiguration
    private let plan: SlotPlan
    private let planning: DeckPlanning
    private let demand: SlotDemand

    package init(_ plan: SlotPlan, _ configuration: DeckConfiguration) {
        var alone = configuration
        alone.slots = [plan]
        self.configuration = alone
        self.plan = plan
        planning = DeckPlanning(alone, PlayOptions())
        demand = SlotDemand(plan, configuration.outline)
    }

    /// Bars of each time frame that it needs.
    package var bars: Int {
        max(plan.warmUpBars, plan.plugin.manifest.historyBars(plan.parameters))
    }

    /// Events before the tape's event at `position`, with `bars` bars of each instrument and time
    /// frame among them where there are so many. Any thread may ask.
    package func events(before position: Int, bars: Int) throws(DeckFailure) -> [Event] {
        guard bars > 0, position > planning.range.lowerBound else { return [] }
        let longest = Int64(plan.timeFrames.last ?? 60)
        let last = unsafe planning.tape.events[position - 1].time
        // Nights and weekends take up to five sixths of the time.
        let (span, isTooFar) = (longest * Int64(bars) * 6 + 10 * 86_400)
            .multipliedReportingOverflow(by: 1_000_000_000)
        let begins = planning.range.lowerBound
        let near = isTooFar ? begins : max(begins, planning.tape.place(at: last - span))
        let found = try events(from: near, before: position)
        if let start = start(found, bars) { return Array(found[start...]) }
        guard near > planning.range.lowerBound else { return found }
        let all = try events(from: planning.range.lowerBound, before: position)
        return Array(all[(start(all, bars) ?? 0)...])
    }

    /// The last events before `position` that it would have been given.
    package func latest(before position: Int, count: Int) throws(DeckFailure) -> [Event] {
        let near = max(planning.range.lowerBound, position - 64 * count)
        return Array(try events(from: near, before: position).suffix(count))
    }

    private func events(from first: Int, before position: Int) throws(DeckFailure) -> [Event] {
        let blocks = try BlockBuilder(
            tape: planning.tape, range: first..<position, instruments: planning.instruments,
            sessions: nil,
            builders: planning.builders([demand]), blockSize: 4_096, flushes: false)
        let view = EventView(
            planning.subscription(demand), isWhole: false, capacity: 4_096, numberBefore: 0)
        let routing = EventRouting(
            [view], instrumentCount: planning.instruments.count,
            calendarCount: planning.calendars.names.count)
        var events: [Event] = []
        while true {
            while blocks.takeCommand() != nil {}
            guard let block = try unsafe blocks.next() else {
                if blocks.isAtEnd { return events }
                continue
            }
            // A view that is on no tape has room for everything.
            guard unsafe routing.route(block) else { return events }
            for place in unsafe 0..<view.run.count {
                let event = unsafe view.run.events[place]
                if demand.filter?.shows(event) ?? true { events.append(event) }
            }
        }
    }

    /// Where to begin so that enough bars of each series follow; nil when there are not so many.
    private func start(_ events: [Event], _ bars: Int) -> Int? {
        var missing: [Subscription.Series: Int] = [:]
        for instrument in plan.instruments {
            for frame in plan.timeFrames {
                missing[
                    Subscription.Series(
                        instrument: instrument, type: UInt8(TD_EVENT_BAR), timeframe: frame)] = bars
            }
        }
        guard !missing.isEmpty else { return nil }
        for place in events.indices.reversed() where events[place].type == UInt8(TD_EVENT_BAR) {
            let series = Subscription.Series(
                instrument: events[place].instrument, type: events[place].type,
                timeframe: events[place].timeframe)
            guard let left = missing[series] else { continue }
            missing[series] = left > 1 ? left - 1 : nil
            if missing.isEmpty { return place }
        }
        return nil
    }
}
