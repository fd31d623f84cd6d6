import CTapedeck
import Kernel
import Market

/// A worker's end of the ring: what the instance does goes to the host from here.
@safe struct WorkerOutbox {
    let channel: WorkerChannel
    private let hostBell: WorkerBell
    private var head: UInt64 = 0
    /// The last known place of the host; read again only when the ring seems full.
    private var tail: UInt64 = 0
    /// The block that is played, or that comes next.
    var block: UInt64 = 0
    /// Between two blocks: what is done now comes before the first event of `block`.
    var isBetween = true

    init(_ channel: WorkerChannel) {
        self.channel = channel
        hostBell = channel.hostBell
    }

    mutating func put(
        _ kind: WorkerChannel.Entry.Kind, place: Int, number: UInt64 = 0,
        _ entry: WorkerChannel.Entry
    ) {
        if head &- tail >= UInt64(WorkerChannel.Layout.entries) { waitForRoom() }
        var entry = entry
        entry.kind = kind.rawValue
        entry.place = isBetween ? 0 : UInt32(truncatingIfNeeded: place)
        entry.block = block
        entry.number = number
        unsafe channel.slot(head).pointee = entry
        head &+= 1
        unsafe channel.word64(WorkerChannel.Layout.head).announce(head)
        hostBell.ringIfAsleep()
    }

    private mutating func waitForRoom() {
        var turns = 0
        while true {
            tail = unsafe channel.word64(WorkerChannel.Layout.tail).value
            if head &- tail < UInt64(WorkerChannel.Layout.entries) { return }
            turns += 1
            // The host empties it when it comes to this slot, and rings then.
            if turns > 1000 {
                channel.bell.sleep(nanoseconds: 1_000_000) { [self] in
                    unsafe head &- channel.word64(WorkerChannel.Layout.tail).latest
                        < UInt64(WorkerChannel.Layout.entries)
                }
            }
        }
    }
}
