/// What is unusual about a session; the codes stand in session events.
package enum SessionKind: UInt32, Hashable, Sendable, Codable, CaseIterable {
    case normal = 0, earlyClose, lateOpen
    /// Other hours altogether.
    case special
}

/// One day's trading: open at `opens`, shut at `closes`.
package struct Session: Hashable, Sendable {
    /// The date by which the exchange calls it.
    package var date: CivilDate
    package var opens: Timestamp
    package var closes: Timestamp
    package var kind: SessionKind

    @inlinable package init(date: CivilDate, opens: Timestamp, closes: Timestamp, kind: SessionKind)
    {
        self.date = date
        self.opens = opens
        self.closes = closes
        self.kind = kind
    }

    /// `opens <= t < closes`.
    @inlinable package func contains(_ time: Timestamp) -> Bool { opens <= time && time < closes }
    /// Its length in nanoseconds.
    @inlinable package var length: Int64 { closes.rawValue - opens.rawValue }
}
