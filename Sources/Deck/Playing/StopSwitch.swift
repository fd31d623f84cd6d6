import Synchronization

/// Asks a run to end at the next block. Any thread may set it, and a signal handler too.
package final class StopSwitch: Sendable {
    private let flag = Atomic(false)

    package init() {}

    package var isSet: Bool { flag.load(ordering: .relaxed) }
    package func set() { flag.store(true, ordering: .relaxed) }
}
