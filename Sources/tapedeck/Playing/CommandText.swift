import Journal
import Market

/// Something that was done to a run while it played, as a line for people or for a script.
struct CommandText {
    private let record: CommandRecord
    private let name: String?

    init(_ record: CommandRecord, name: String?) {
        self.record = record
        self.name = name
    }

    /// `2024-01-31 14:30:00  momentum  paused (pause, by trader)`
    func line(_ terminal: Terminal, nameWidth: Int, longest: Int) -> String {
        let time = TimeText.string(record.time, precision: .seconds)
        let start =
            "\(time.prefix(10)) \(time.dropFirst(11).prefix(8))  "
            + (name ?? "all").shortened(to: longest).padded(to: nameWidth) + "  "
        let text = terminal.styled(record.answer, record.isDone ? .bold : .red)
        return start + text + " (\(record.command), by \(record.who))"
    }

    private struct Line: Encodable {
        var type = "command"
        var time: String
        var event: UInt64
        var strategy: String?
        var who: String
        var command: String
        var answer: String
        var done: Bool
    }

    var json: String {
        let line = Line(
            time: TimeText.string(record.time), event: record.sequence, strategy: name,
            who: record.who,
            command: record.command, answer: record.answer, done: record.isDone)
        do { return try JSONText.compact(line) } catch { return "{\"type\":\"command\"}" }
    }
}
