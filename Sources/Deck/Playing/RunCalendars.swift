package import Market

/// The calendars of a run by the number that session events carry: those of the tape's instruments,
/// in their order, then every other that is known. So a calendar has the same number whatever slots
/// ask for.
package struct RunCalendars: Hashable, Sendable {
    package let names: [String]
    /// The first numbers are those of the tape's own calendars.
    package let ownCount: Int

    /// - Parameter instruments: as the tape has them, whatever a configuration says of them.
    package init(tape instruments: [Instrument]) {
        var names: [String] = []
        for instrument in instruments where !names.contains(instrument.calendar) {
            names.append(instrument.calendar)
        }
        ownCount = names.count
        self.names = names + TradingCalendar.knownNames.filter { !names.contains($0) }
    }

    package func number(of name: String) -> UInt32 {
        UInt32(names.firstIndex(of: name) ?? 0)
    }

    /// Whether a calendar never shuts: it has no session events.
    package static func isAlwaysOpen(_ name: String) -> Bool { name == "24/7" }
}
