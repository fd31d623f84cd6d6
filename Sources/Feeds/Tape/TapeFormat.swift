/// The sizes and marks of a tape file, version 1; `docs/TAPE.md` shows them byte by byte.
package enum TapeFormat {
    /// Not text, and damaged by every tool that converts line ends.
    package static let magic: [UInt8] = [0x89, 0x54, 0x41, 0x50, 0x45, 0x0d, 0x0a, 0x1a]
    package static let version: UInt32 = 1
    package static let headerSize = 256
    /// Where the first event stands.
    package static let eventsOffset = 4096
    package static let eventSize = 64
    /// Events of one block of the index: 256 KiB.
    package static let blockSize = 4096
    static let instrumentSize = 192
    static let seriesSize = 32
    static let indexEntrySize = 32
    static let checksumOffset = 240

    static let symbolSize = 48
    static let venueSize = 24
    static let currencySize = 16
    static let calendarSize = 24
    /// What a plug-in can be told of them without loss: one byte less than its fields hold.
    package static let longestSymbol = 31
    package static let longestVenue = 15
    package static let longestCurrency = 11
    package static let longestCalendar = 19

    enum Flag {
        static let synthetic: UInt64 = 1
        static let sessions: UInt64 = 2
    }
}

/// Which instant of a bar its source's stamp names.
package enum BarStamp: String, Hashable, Sendable, Codable, CaseIterable {
    case open, close
    /// The session's date.
    case date

    var code: UInt8 {
        switch self {
        case .open: 1
        case .close: 2
        case .date: 3
        }
    }

    init?(code: UInt8) {
        guard let stamp = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = stamp
    }
}

/// All events of one kind, instrument and time frame on a tape.
package struct TapeSeries: Hashable, Sendable, Codable {
    /// `TD_EVENT_*`.
    package var type: UInt8
    package var instrument: UInt16
    /// Seconds; of bars, else 0.
    package var timeframe: UInt32
    package var count: Int
    /// Of the first and last event, UTC nanoseconds.
    package var firstTime: Int64
    package var lastTime: Int64

    package init(
        type: UInt8, instrument: UInt16, timeframe: UInt32, count: Int, firstTime: Int64,
        lastTime: Int64
    ) {
        self.type = type
        self.instrument = instrument
        self.timeframe = timeframe
        self.count = count
        self.firstTime = firstTime
        self.lastTime = lastTime
    }
}

/// One block of the index by time.
package struct TapeBlock: Hashable, Sendable {
    /// Of its first and last event, UTC nanoseconds.
    package var firstTime: Int64
    package var lastTime: Int64
    package var checksum: TapeChecksum
}
