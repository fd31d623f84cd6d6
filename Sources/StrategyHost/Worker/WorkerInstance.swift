import CSandbox
import CTapedeck
import Market

/// One instance of a strategy in a worker, from this side: the process, the ring that it writes,
/// and how much of that has been read. A slot has one, and a second while one takes over from
/// another.
@safe final class WorkerInstance {
    let placement: Placement
    /// With the parameters as they are now.
    var settings: StrategyRunner.Settings
    /// What one in its place would stand on.
    let ground: WorkerGround
    var limits: WorkerLimits { ground.limits }
    let channel: WorkerChannel
    let child: WorkerChild
    /// Nil in a worker that holds no other.
    private let tenancy: WorkerTenancy?
    /// The layers of the sandbox that hold, as bits.
    let layers: UInt32
    /// The host has given it up: nothing is read of it, and nothing asked.
    private(set) var isLost = false
    /// It was told to go.
    var isLeaving = false
    /// Its place on the tape, while it plays.
    var reader: SharedTape.Reader?
    private var watch = WorkerWatch()
    /// Entries of the ring that were read.
    private(set) var tail: UInt64 = 0
    private(set) var requestNumber: UInt64 = 0
    /// Entries that were read before they are acted on, while nobody waits for the rest of a block.
    private var stash = EntryStash()
    /// Words that belong to the next entry.
    var words: [UInt8] = []
    /// Of its names of plotted values: their places among the slot's.
    var plots: [Int] = []
    private var patience: Patience

    init(
        _ reserve: WorkerReserve, _ settings: StrategyRunner.Settings, on ground: WorkerGround
    ) {
        placement = reserve.placement
        self.settings = settings
        self.ground = ground
        channel = reserve.channel
        child = reserve.child
        tenancy = reserve.tenancy
        layers = reserve.layers
        patience = Patience(most: 20_000)
    }

    /// Reads no more of it, and ends the process, unless it has ended. One that others share goes
    /// on where nothing but this instance is to go.
    func lose(_ reason: WorkerEnding) {
        if let tenancy, reason == .byOperator, !child.isOver {
            tenancy.end()
        } else {
            child.finish(reason, by: tenancy?.number)
        }
        isLost = true
    }

    /// Why its process is gone, as far as it is concerned.
    var ending: WorkerEnding { child.isOver ? child.ending(for: tenancy) : .byOperator }

    /// One that was told to leave has left, or what became of it instead.
    var departure: WorkerEnding? { stage == .left ? .byOperator : look() }

    /// The block before which it stops, by its number. It is told by a word: the next look of the
    /// worker finds it.
    var playsTo: UInt64 = 0 {
        didSet {
            unsafe channel.word64(WorkerChannel.Layout.playsTo).announce(playsTo)
            channel.bell.ringIfAsleep()
        }
    }

    /// Whether it plays whatever is published, or stands still.
    var mayPlay: Bool {
        get { playsTo == .max }
        set { playsTo = newValue ? .max : 0 }
    }

    /// How far it says that it came with what began it.
    var stage: WorkerChannel.Stage {
        unsafe WorkerChannel.Stage(rawValue: channel.word32(WorkerChannel.Layout.stage).latest)
            ?? .failed
    }

    /// How often the host has taken what it leaves.
    var left: UInt64 = 0 {
        didSet {
            unsafe channel.word64(WorkerChannel.Layout.leftTaken).announce(left)
            channel.bell.ringIfAsleep()
        }
    }

    // The ring.

    /// Whether an entry waits.
    var hasEntry: Bool {
        unsafe !stash.isEmpty || channel.word64(WorkerChannel.Layout.head).latest != tail
    }

    /// Reads what has come, without acting on it. Answers whether it tells all of a block, so that
    /// nobody has to wait for more.
    func hasToldBlock() -> Bool {
        while !stash.tellsBlock, !stash.isFull, let entry = read() { stash.keep(entry) }
        return stash.tellsBlock
    }

    /// It tells more of one block than any could.
    var hasToldTooMuch: Bool { stash.isFull && !stash.tellsBlock }

    /// What the next entry says that it is; nil when there is none.
    var nextKind: WorkerChannel.Entry.Kind? {
        if let first = stash.first { return WorkerChannel.Entry.Kind(rawValue: first.kind) }
        guard hasEntry else { return nil }
        return unsafe WorkerChannel.Entry.Kind(rawValue: channel.slot(tail).pointee.kind)
    }

    /// The next entry, copied, so that what is checked is what is used; nil when there is none yet.
    @inline(__always)
    func take() -> WorkerChannel.Entry? { stash.isEmpty ? read() : stash.take() }

    @inline(__always)
    private func read() -> WorkerChannel.Entry? {
        guard unsafe channel.word64(WorkerChannel.Layout.head).value != tail else { return nil }
        let entry = unsafe channel.slot(tail).pointee
        tail &+= 1
        unsafe channel.word64(WorkerChannel.Layout.tail).set(tail)
        return entry
    }

    /// Waits for an entry; nil when the worker is gone and has left none.
    func awaitEntry() -> WorkerChannel.Entry? {
        if let entry = take() { return entry }
        guard !isLost else { return nil }
        let arrived = wait { [channel, tail] in
            unsafe channel.word64(WorkerChannel.Layout.head).latest != tail
        }
        return arrived ? take() : nil
    }

    func takeWords() -> [UInt8] {
        defer { words.removeAll() }
        return words
    }

    // Waiting, and asking.

    /// Waits until something is true that the worker brings about; false when it is gone instead.
    func wait(until isTrue: () -> Bool) -> Bool {
        watch.begin()
        return child.wait(channel, limits, &watch, &patience, until: isTrue)
    }

    /// The same for whoever asks again and again: nil also where it is too soon to look.
    func lookNowAndThen() -> WorkerEnding? { watch.isDue() ? look() : nil }

    /// Why it should be ended, while nothing is waited for; also when it is over.
    func look() -> WorkerEnding? {
        if child.isOver { return ending }
        return watch.look(child, channel, limits)
    }

    /// Asks the worker between two blocks, and waits for the answer; nil when it is gone.
    func ask(
        _ request: WorkerChannel.Request, _ words: [UInt64] = [], text: [UInt8] = []
    ) -> [UInt8]? {
        guard !isLost, text.count <= channel.textSize else { return nil }
        post(request, words, text: text)
        return awaitAnswer()
    }

    /// The answer to what was asked last; nil when it is gone.
    func awaitAnswer() -> [UInt8]? {
        guard wait(until: { isAnswered }) else { return nil }
        let answered = unsafe channel.word64(WorkerChannel.Layout.answered).latest
        guard answered == requestNumber else {
            child.finish(
                .breach("an answer to request \(answered) when \(requestNumber) was asked"),
                by: tenancy?.number)
            return nil
        }
        return channel.takeText(
            Int(truncatingIfNeeded: unsafe channel.word64(WorkerChannel.Layout.answerLength).value))
    }

    /// Waits for the answer, but at most so long.
    func awaitAnswer(nanoseconds: UInt64) {
        let end = WorkerWatch.now + Int64(nanoseconds)
        _ = wait { isAnswered || WorkerWatch.now >= end }
    }

    var isAnswered: Bool {
        unsafe channel.word64(WorkerChannel.Layout.answered).latest >= requestNumber
    }

    /// The same without an answer; what it was asked before comes first.
    func post(_ request: WorkerChannel.Request, _ words: [UInt64] = [], text: [UInt8] = []) {
        if !isAnswered { _ = wait { isAnswered } }
        for (place, word) in words.enumerated() {
            unsafe channel.word64(WorkerChannel.Layout.requestWords + 8 * place).set(word)
        }
        unsafe channel.word32(WorkerChannel.Layout.requestLength).set(UInt32(channel.putText(text)))
        unsafe channel.word32(WorkerChannel.Layout.request).set(request.rawValue)
        requestNumber += 1
        unsafe channel.word64(WorkerChannel.Layout.requestNumber).announce(requestNumber)
        channel.bell.ringIfAsleep()
    }

    /// How many events of the block that is played it has begun to handle, as far as it says so
    /// itself.
    func place(in block: UInt64, of count: Int) -> Int? {
        guard unsafe channel.word64(WorkerChannel.Layout.played).latest == block else { return nil }
        let consumed = unsafe channel.consumed
        let word = unsafe consumed[2]
        // Quiet events are counted from where the run began that it was handed; any other one is
        // the last.
        let place = word & 1 == 0 ? word >> 1 : (word >> 1) &+ max(1, unsafe consumed[0])
        return Int(min(place, UInt64(count)))
    }
}

extension WorkerChannel.Stage {
    /// What a strategy does next that has come so far.
    var call: StrategyFault.Call {
        switch self {
        case .created: .load
        case .loaded: .start
        case .started: .onEvents
        default: .create
        }
    }

    /// Where a worker is that comes no further, in words.
    var words: String {
        switch self {
        case .walled: "while its module was opened, in a constructor"
        case .opened: "in create"
        case .created: "in load"
        case .loaded: "in start"
        case .started: "at an event of the past"
        case .starting, .failed, .left: "before its module was opened"
        }
    }
}

extension WorkerChild {
    /// Waits until something is true that the worker brings about; false when it is gone instead.
    func wait(
        _ channel: WorkerChannel, _ limits: WorkerLimits, _ watch: inout WorkerWatch,
        _ patience: inout Patience,
        until isTrue: () -> Bool
    ) -> Bool {
        let looks = patience.begin()
        var vain = 0
        while true {
            if isTrue() {
                if vain < looks { patience.found(after: vain) }
                return true
            }
            vain += 1
            if vain < looks { continue }
            if vain == looks { patience.gaveUp() }
            // Most waits are over then: whether it gets on with its work is looked at in long ones.
            if !watch.memoryIsDue {
                channel.hostBell.sleep(nanoseconds: watch.pause(limits), unless: isTrue)
                if isTrue() { continue }
            }
            if let reason = watch.look(self, channel, limits) { finish(reason) }
            // What it wrote before its end counts.
            if isOver { return isTrue() }
        }
    }
}
