import CTapedeck
import Market

extension StrategyRunner {
    /// Hands over those of some quiet events that the strategy is shown; answers the place after
    /// what was handled.
    ///
    /// They are handed over one at a time: filters are for the few slots that match on finer events
    /// than they see.
    func playQuietFiltered(_ index: Int, _ count: Int, _ onEvents: StrategyInstance.OnEvents) -> Int
    {
        guard let filter = settings.filter else { return index }
        var place = index
        while place < index + count, unsafe !filter.shows(state.pointee.run.events[place]) {
            place += 1
        }
        guard place < index + count else {
            unsafe state.pointee.commitMarks(to: place)
            return place
        }
        return unsafe playQuiet(place, 1, onEvents)
    }
}
