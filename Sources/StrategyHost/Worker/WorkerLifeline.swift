/// The process that plays for a slot.
package struct WorkerLifeline: Hashable, Sendable {
    package var process: Int32
    /// Readable once the process is gone.
    package var descriptor: Int32
}

extension SlotRunner {
    package var lifeline: WorkerLifeline? { nil }
    package func noticeEnd() {}
}

extension WorkerRunner {
    package var lifeline: WorkerLifeline? {
        instance.isLost
            ? nil
            : WorkerLifeline(process: instance.child.process, descriptor: instance.child.descriptor)
    }

    package func noticeEnd() {
        guard !instance.isLost, instance.child.isOver else { return }
        lose(.byOperator, at: lastSequence > 0 ? lastSequence : nil)
    }
}
