package import CTapedeck
package import Market

/// One strategy's cash, positions and orders: the state machine that decides every fill.
///
/// It returns what happened and never calls anybody. Orders sent at event i are live from event i+1 on.
package struct Portfolio: ~Copyable {
    package let settings: PortfolioSettings
    package let instruments: [Instrument]
    /// Private events for the strategy, oldest first, since they were last taken.
    package var updates = ContiguousArray<Event>()
    package private(set) var records = Records()
    package private(set) var digest = Digest()
    /// Why this portfolio has stopped; nil while it works.
    package private(set) var fault: Fault?
    /// Time of the last event that was marked or advanced.
    package private(set) var now = Timestamp(nanoseconds: 0)
    var numbers: RandomNumbers

    /// - Parameters:
    ///   - calendars: per instrument the number that `td_session.calendar` carries on the tape.
    ///   - matching: per instrument the time frame in seconds of the bars that orders are matched against;
    ///     zero for every bar, trade and quote.
    package init(
        settings: PortfolioSettings, instruments: [Instrument], calendars: [UInt32] = [], matching: [UInt32] = []
    ) {
        self.settings = settings
        self.instruments = instruments
        numbers = RandomNumbers(seed: settings.seed)
    }

    /// How many events from `from` on, before `limit`, can only mark this portfolio.
    package borrowing func quietPrefix(_ run: EventRun, from: Int, limit: Int) -> Int { 0 }

    /// Marks quiet events `from ..< to`.
    package mutating func mark(_ run: EventRun, from: Int, to: Int) {
        guard to > from else { return }
        now = unsafe Timestamp(nanoseconds: run.events[to - 1].time)
    }

    /// Steps 1 to 4 for one event: corporate actions and session, matching, marks, risk.
    package mutating func advance(_ run: EventRun, _ index: Int) {
        now = unsafe Timestamp(nanoseconds: run.events[index].time)
    }

    package mutating func submit(_ ticket: td_order) -> Submission {
        Submission(status: td_status(TD_E_REJECTED), order: 0, reason: Reason(rawValue: UInt16(TD_REASON_DISABLED)))
    }

    package mutating func replace(_ order: UInt64, with ticket: td_order) -> Submission {
        Submission(status: td_status(TD_E_REJECTED), order: 0, reason: Reason(rawValue: UInt16(TD_REASON_DISABLED)))
    }

    package mutating func cancel(_ order: UInt64) -> td_status { td_status(TD_E_STALE) }

    /// A timer event is put into `updates` at the first event at or after `time`; zero ends it.
    package mutating func setTimer(_ id: UInt64, at time: Timestamp) -> td_status { td_status(TD_E_LIMIT) }

    package borrowing func position(of instrument: InstrumentID) -> td_position { td_position() }

    package borrowing func account() -> td_account { td_account() }

    package mutating func random() -> UInt64 { numbers.next() }

    /// An operator's command that did not come by the tape.
    package mutating func command(_ command: td_command) {}

    /// The end of data: closes positions if the settings say so, and samples equity.
    package mutating func finish() {}

    /// Hands over what happened since the last call, and keeps the given arrays' storage for what comes.
    package mutating func takeRecords(into drained: inout Records) {
        drained.removeAll()
        swap(&drained, &records)
    }

    package mutating func clearUpdates() { updates.removeAll(keepingCapacity: true) }
}
