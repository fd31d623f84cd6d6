package import Market

extension Portfolio {
    /// Plays events `from ..< to`, at which nobody asks anything of it; answers how far it came: to
    /// the end, or to its fault.
    package mutating func follow(_ run: EventRun, from: Int, to: Int) -> Int {
        var index = from
        while index < to, fault == nil {
            let quiet = unsafe quietPrefix(run, from: index, limit: to)
            if quiet > 0 {
                unsafe mark(run, from: index, to: index + quiet)
                index += quiet
            } else {
                unsafe advance(run, index)
                index += 1
            }
        }
        clearUpdates()
        return index
    }
}
