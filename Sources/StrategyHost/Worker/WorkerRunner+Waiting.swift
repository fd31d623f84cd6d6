import CSandbox
import Glibc

extension WorkerRunner {
    /// The next entry, copied, so that what is checked is what is used; nil when there is none yet.
    @inline(__always)
    func take() -> WorkerChannel.Entry? {
        guard unsafe channel.word64(WorkerChannel.Layout.head).value != tail else { return nil }
        let entry = unsafe channel.slot(tail).pointee
        tail &+= 1
        unsafe channel.word64(WorkerChannel.Layout.tail).set(tail)
        return entry
    }

    /// Waits until something is true that the worker brings about; false when it is gone instead.
    func wait(until isTrue: () -> Bool) -> Bool {
        var turns = 0
        watch.begin()
        while true {
            if isTrue() { return true }
            turns += 1
            if turns < patience { continue }
            channel.hostBell.sleep(nanoseconds: 2_000_000, unless: isTrue)
            guard let child else { return isTrue() }
            if let reason = watch.look(child, channel, limits) { child.finish(reason) }
            // What it wrote before its end counts.
            if child.isOver { return isTrue() }
        }
    }

    private var patience: Int { isSealed ? 20_000 : 2_000 }

    /// Waits for an entry; nil when the worker is gone and has left none.
    func awaitEntry() -> WorkerChannel.Entry? {
        if let entry = take() { return entry }
        guard child != nil else { return nil }
        let arrived = wait { [channel, tail] in unsafe channel.word64(WorkerChannel.Layout.head).latest != tail }
        return arrived ? take() : nil
    }

    /// Asks the worker between two blocks, and waits for the answer; nil when it is gone.
    func ask(_ request: WorkerChannel.Request, _ words: [UInt64] = [], text: [UInt8] = []) -> [UInt8]? {
        guard child != nil else { return nil }
        for (place, word) in words.enumerated() {
            unsafe channel.word64(WorkerChannel.Layout.requestWords + 8 * place).set(word)
        }
        unsafe channel.word32(WorkerChannel.Layout.requestLength).set(UInt32(channel.putText(text)))
        unsafe channel.word32(WorkerChannel.Layout.request).set(request.rawValue)
        requestNumber += 1
        unsafe channel.word64(WorkerChannel.Layout.requestNumber).announce(requestNumber)
        channel.bell.ringIfAsleep()
        let isAnswered = wait { [channel, requestNumber] in
            unsafe channel.word64(WorkerChannel.Layout.answered).latest == requestNumber
        }
        guard isAnswered else {
            lose(.byOperator)
            return nil
        }
        return channel.takeText(Int(truncatingIfNeeded: unsafe channel.word64(WorkerChannel.Layout.answerLength).value))
    }
}
