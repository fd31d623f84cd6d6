import Feeds
import Market

/// A made-up market of the assets' symbols: `seed` of the file decides what happens on it.
extension FeedReading {
    func openMarket() -> (FeedPlan.Source, OpenFeed)? {
        var settings = SyntheticSettings()
        settings.seed = seed
        if !assets.isEmpty { settings.symbols = assets.map { SyntheticSettings.Symbol($0.symbol) } }
        section.read(.calendar, into: &settings.calendar) { $0.calendarName() }
        section.read(.timeframe, into: &settings.timeframe) {
            $0.timeframe().map { TimeFrame(rawValue: $0) }
        }
        section.read(.sessions, into: &settings.sessions) { $0.integer(in: 1...20_000) }
        section.read(.start, into: &settings.from) { $0.timestamp()?.civil(in: .utc).date }
        section.read(.correlation, into: &settings.correlation) { $0.number(in: 0...1) }
        let problems = settings.problems()
        guard problems.isEmpty else {
            section.reader.report("a synthetic market needs " + problems.joined(separator: "; "))
            return nil
        }
        do {
            let tape = try SyntheticMarket.write(
                settings, to: .memory("synthetic market"), isDurable: false
            ) { done in
                progress(FeedProgress(done: done, total: settings.sessions, unit: .sessions))
            }
            return (.synthetic(settings), OpenFeed(tape: tape, reports: []))
        } catch {
            section.reader.report(error.description)
            return nil
        }
    }
}
