/// Entries of a worker's ring that were copied before anybody acts on them: so a feed that keeps
/// time sees that a block has been told whole, and the worker always finds room in its ring.
struct EntryStash {
    private var entries: ContiguousArray<WorkerChannel.Entry> = []
    private var next = 0
    /// Entries that say that a block was played.
    private var blocks = 0

    /// More than the blocks of a feed that keeps time can need.
    private static let most = 1 << 18

    var isEmpty: Bool { next == entries.count }
    var isFull: Bool { entries.count - next >= Self.most }
    var tellsBlock: Bool { blocks > 0 }
    var first: WorkerChannel.Entry? { isEmpty ? nil : entries[next] }

    mutating func keep(_ entry: WorkerChannel.Entry) {
        if entry.kind == WorkerChannel.Entry.Kind.played.rawValue { blocks += 1 }
        entries.append(entry)
    }

    mutating func take() -> WorkerChannel.Entry? {
        guard !isEmpty else { return nil }
        let entry = entries[next]
        next += 1
        if entry.kind == WorkerChannel.Entry.Kind.played.rawValue { blocks -= 1 }
        if isEmpty {
            entries.removeAll(keepingCapacity: true)
            next = 0
        }
        return entry
    }
}
