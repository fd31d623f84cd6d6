import CTapedeck
import Kernel
import Market

/// A worker's end of the ring: what the instance does goes to the host from here.
///
/// Where the ring is full, a worker of one instance waits; one that holds several may not, because
/// the host may be waiting for another of them: there what has no room is kept back for a while.
@safe struct WorkerOutbox {
    let channel: WorkerChannel
    private let hostBell: WorkerBell
    private let mayWait: Bool
    private var head: UInt64 = 0
    /// The last known place of the host; read again only when the ring seems full.
    private var tail: UInt64 = 0
    /// How often it has left something.
    private var left: UInt64 = 0
    /// The block that is played, or that comes next.
    var block: UInt64 = 0
    /// Between two blocks: what is done now comes before the first event of `block`.
    var isBetween = true

    /// What had no room, oldest first; those before `sent` have gone.
    private var held: ContiguousArray<Held> = []
    private var sent = 0

    private struct Held {
        var entry: WorkerChannel.Entry
        /// Goes to the place for texts.
        var text: [UInt8]?
    }

    init(_ channel: WorkerChannel, mayWait: Bool) {
        self.channel = channel
        self.mayWait = mayWait
        hostBell = channel.hostBell
    }

    mutating func put(
        _ kind: WorkerChannel.Entry.Kind, place: Int, number: UInt64 = 0,
        _ entry: WorkerChannel.Entry
    ) {
        let entry = complete(kind, place, number, entry)
        if head &- tail >= UInt64(WorkerChannel.Layout.entries) {
            if mayWait {
                waitForRoom()
            } else {
                tail = unsafe channel.word64(WorkerChannel.Layout.tail).value
            }
        }
        if mayWait || (!isHolding && hasRoom) { push(entry) } else { hold(entry, nil) }
    }

    /// Hands over what the strategy leaves at a place of the block, once the host has taken what it
    /// left before.
    mutating func put(_ legacy: StrategyLegacy, place: Int) {
        let bytes = legacy.bytes
        let entry = complete(.left, place, UInt64(min(bytes.count, channel.textSize)), .init())
        if mayWait {
            while !isLastTaken {
                channel.bell.sleep(nanoseconds: 1_000_000) { [self] in isLastTaken }
            }
        }
        if mayWait || (!isHolding && hasRoom && isLastTaken) {
            push(entry, text: bytes)
        } else {
            hold(entry, bytes)
        }
    }

    /// Whether something waits for room.
    var isHolding: Bool { sent < held.count }

    /// Whether what waits longest could go.
    var canSend: Bool {
        guard isHolding else { return false }
        let tail = unsafe channel.word64(WorkerChannel.Layout.tail).latest
        return head &- tail < UInt64(WorkerChannel.Layout.entries)
            && (held[sent].text == nil || isLastTaken)
    }

    /// Sends what waits, as far as it can go.
    mutating func sendHeld() {
        while canSend {
            tail = unsafe channel.word64(WorkerChannel.Layout.tail).value
            push(held[sent].entry, text: held[sent].text)
            sent += 1
        }
        if !isHolding {
            held.removeAll(keepingCapacity: true)
            sent = 0
        }
    }

    private func complete(
        _ kind: WorkerChannel.Entry.Kind, _ place: Int, _ number: UInt64,
        _ entry: WorkerChannel.Entry
    ) -> WorkerChannel.Entry {
        var entry = entry
        entry.kind = kind.rawValue
        entry.place = isBetween ? 0 : UInt32(truncatingIfNeeded: place)
        entry.block = block
        entry.number = number
        return entry
    }

    private var hasRoom: Bool { head &- tail < UInt64(WorkerChannel.Layout.entries) }

    private var isLastTaken: Bool {
        unsafe channel.word64(WorkerChannel.Layout.leftTaken).latest == left
    }

    private mutating func hold(_ entry: WorkerChannel.Entry, _ text: [UInt8]?) {
        held.append(Held(entry: entry, text: text))
    }

    private mutating func push(_ entry: WorkerChannel.Entry, text: [UInt8]? = nil) {
        if let text {
            left += 1
            _ = channel.putText(text)
        }
        unsafe channel.slot(head).pointee = entry
        head &+= 1
        unsafe channel.word64(WorkerChannel.Layout.head).announce(head)
        if isPressing(entry.kind) { hostBell.ringIfAsleep() }
    }

    /// Whether to wake the host for it. It waits for the end of the block, and would only go to
    /// sleep again, but should not have to do everything then.
    private func isPressing(_ kind: UInt16) -> Bool {
        switch WorkerChannel.Entry.Kind(rawValue: kind) {
        case .played, .ended, .left: true
        default: head % Self.mostQuiet == 0
        }
    }

    /// Entries for which nobody is woken.
    private static let mostQuiet: UInt64 = 64

    private mutating func waitForRoom() {
        hostBell.ringIfAsleep()
        var turns = 0
        while true {
            tail = unsafe channel.word64(WorkerChannel.Layout.tail).value
            if hasRoom { return }
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
