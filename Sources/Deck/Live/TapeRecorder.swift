import CTapedeck
import Feeds
import Market

/// Writes down every event as it is acted on, operators' commands between them: played again, the
/// recording gives every slot what it had.
final class TapeRecorder {
    private let writer: TapeWriter
    private let tape: TapeFile
    /// Events of the tape before it are written.
    private var position = 0
    private var copies: [Event] = []

    /// The events before `first` are part of the recording, so that its numbers are the run's.
    init(_ path: String, of tape: TapeFile) throws(DeckFailure) {
        self.tape = tape
        do {
            writer = try TapeWriter(.file(path))
        } catch {
            throw DeckFailure(error.description)
        }
    }

    /// Everything of the tape before `end`.
    func record(to end: Int) throws(DeckFailure) {
        while position < end {
            let count = min(end - position, 16_384)
            copies.removeAll(keepingCapacity: true)
            unsafe copies.append(
                contentsOf: UnsafeBufferPointer(rebasing: tape.events[position..<position + count]))
            try append()
            position += count
        }
    }

    /// A command that is done before the event at `place`.
    func record(_ command: Event, before place: Int) throws(DeckFailure) {
        try record(to: place)
        copies = [command]
        try append()
    }

    /// A command of the tape itself is in the recording already.
    private func append() throws(DeckFailure) {
        do {
            try unsafe copies.withUnsafeMutableBufferPointer { (buffer) throws(FeedError) in
                try unsafe writer.append(buffer)
            }
        } catch {
            throw DeckFailure("the recording: \(error.description)")
        }
    }

    /// Gives the recording its name; until then there is no file. Its digest.
    func finish() throws(DeckFailure) -> String {
        do {
            return try writer.finish(tape.contents).header.digest.description
        } catch {
            throw DeckFailure("the recording: \(error.description)")
        }
    }
}
