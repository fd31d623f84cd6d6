/// What an operator wants of a running deck: one line of JSON on its socket.
package struct ControlRequest: Hashable, Sendable, Codable {
    package enum Verb: String, Hashable, Sendable, Codable, CaseIterable {
        case status, load, unload, reload, rollback, pause, resume, flatten, kill, set, stop
    }

    package var command: Verb
    /// The strategy's name; nil for all, where that makes sense.
    package var strategy: String?
    /// Of `set`.
    package var parameter: String?
    package var value: String?
    /// Of `reload`: another file with the same plug-in.
    package var plugin: String?
    /// Of `unload`: also where positions are open.
    package var withPositions: Bool?

    package init(_ command: Verb, strategy: String? = nil) {
        self.command = command
        self.strategy = strategy
    }

    private enum CodingKeys: String, CodingKey {
        case command, strategy, parameter, value, plugin
        case withPositions = "with_positions"
    }

    /// As an operator would write it.
    package var line: String {
        ([command.rawValue] + [strategy, parameter, value, plugin].compactMap { $0 }).joined(
            separator: " ")
    }
}

/// What came of it: one line of JSON.
package struct ControlAnswer: Hashable, Sendable, Codable {
    package var ok: Bool
    /// What was done, or why it was not.
    package var text: String
    /// The last event before it was done, and that event's time on the tape.
    package var event: UInt64?
    package var time: Moment?
    /// Of a hand-over: microseconds in which neither of the two was called.
    package var pauseMicroseconds: Double?
    package var status: DeckStatus?

    package init(ok: Bool, text: String) {
        self.ok = ok
        self.text = text
    }

    init(_ answer: DeckAnswer) {
        ok = true
        text = answer.text
        event = answer.moment.sequence
        time = Moment(answer.moment.time)
    }

    private enum CodingKeys: String, CodingKey {
        case ok, text, event, time, status
        case pauseMicroseconds = "pause_us"
    }
}
