package import Market

/// An instant that stands as ISO 8601 text in JSON.
package struct Moment: Hashable, Sendable, Codable, CustomStringConvertible {
    package var time: Timestamp

    package init(_ time: Timestamp) { self.time = time }

    package var description: String { TimeText.string(time) }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        do {
            time = try TimeText.timestamp(text)
        } catch {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "\"\(text)\" is no time")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
