/// One line that a strategy logged.
package struct LogLine: Hashable, Sendable {
    package enum Level: Int32, Hashable, Sendable, Comparable {
        case debug = 1, info, warning, error
        package static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }
    }
    package var level: Level
    /// Of the event at which it was logged; zero for lines from outside a call.
    package var sequence: UInt64
    /// UTF-8 without control characters, at most `LogLines.longest` bytes.
    package var text: String
}

/// A strategy's log between two drains, bounded in length and number.
package struct LogLines: Sendable {
    /// Bytes of one line; what is longer is cut.
    package static let longest = 1024
    /// Lines between two drains; what is more is counted.
    package static let most = 256

    package private(set) var lines: [LogLine] = []
    /// Lines that had no room.
    package private(set) var dropped = 0

    package init() {}

    var isEmpty: Bool { lines.isEmpty && dropped == 0 }

    mutating func append(
        _ level: LogLine.Level, sequence: UInt64, _ bytes: UnsafeBufferPointer<UInt8>
    ) {
        guard lines.count < Self.most else {
            dropped += 1
            return
        }
        unsafe lines.append(
            LogLine(
                level: level, sequence: sequence, text: Self.clean(bytes, longest: Self.longest)))
    }

    /// A line of the host's own.
    mutating func note(_ level: LogLine.Level, _ text: String) {
        guard lines.count < Self.most else { return }
        lines.append(LogLine(level: level, sequence: 0, text: text))
    }

    /// Adds what another has, as far as there is room.
    mutating func append(_ other: LogLines) {
        let room = min(other.lines.count, max(0, Self.most - lines.count))
        lines += other.lines.prefix(room)
        dropped += other.dropped + other.lines.count - room
    }

    /// Counts lines that had no room elsewhere.
    mutating func drop(_ count: Int) { dropped += count }

    /// Readable text from whatever a plug-in gave: valid UTF-8, no control characters, bounded.
    static func clean(_ bytes: UnsafeBufferPointer<UInt8>, longest: Int) -> String {
        let isCut = bytes.count > longest
        let text = unsafe String(decoding: bytes.prefix(longest), as: UTF8.self)
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator:
                scalars.append(scalar == "\n" || scalar == "\t" ? " " : "\u{FFFD}")
            // Direction marks could make a line read as something else.
            case .format
            where (0x202A...0x202E).contains(scalar.value)
                || (0x2066...0x2069).contains(scalar.value):
                scalars.append("\u{FFFD}")
            default: scalars.append(scalar)
            }
        }
        return String(scalars) + (isCut ? " ..." : "")
    }
}
