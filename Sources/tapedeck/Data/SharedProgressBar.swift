import Feeds
import Synchronization

/// A progress bar that several reading threads may draw.
final class SharedProgressBar: Sendable {
    private let bar: Mutex<ProgressBar>

    init(_ bar: ProgressBar) { self.bar = Mutex(bar) }

    /// False once Ctrl-C was pressed.
    func update(done: Int, of total: Int?) -> Bool {
        bar.withLock { $0.update(done: done, of: total) }
        return !Interruption.hasCome
    }

    func finish() { bar.withLock { $0.finish() } }
}
