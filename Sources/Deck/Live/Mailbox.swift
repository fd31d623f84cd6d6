import CLinux
import Dispatch
import Glibc
package import StrategyHost
import Synchronization

/// What other threads want of a deck that plays: done between two blocks, by the thread that plays,
/// in the order in which it came. Wakes a deck that waits.
package final class Mailbox: Sendable {
    private typealias Letter = @Sendable (TapeDeck?) -> Void

    private struct Box {
        var letters: [Letter] = []
        var isClosed = false
    }

    private let box = Mutex(Box())
    private let mail = Atomic(false)
    /// Why nobody can be waited for now; nil where all is well.
    private let obstacle = Mutex<@Sendable () -> DeckFailure?>({ nil })
    /// Readable while there is mail.
    private let bell: Int32

    package init() { bell = linux_eventfd() }

    deinit { close(bell) }

    /// Has something done between two blocks, and waits for the answer. Never from the thread that
    /// plays.
    /// - Throws: when the run is over.
    package func ask<Answer: Sendable>(
        _ body: @escaping @Sendable (TapeDeck) throws(DeckFailure) -> Answer
    ) throws(DeckFailure) -> Answer {
        try askLater { deck, reply in
            do throws(DeckFailure) { reply.give(.success(try body(deck))) } catch {
                reply.give(.failure(error))
            }
        }
    }

    /// The same for what is answered later than it is begun.
    package func askLater<Answer: Sendable>(
        _ body: @escaping @Sendable (TapeDeck, Reply<Answer>) -> Void
    ) throws(DeckFailure) -> Answer {
        let reply = Reply<Answer>()
        let isTaken = box.withLock { box in
            guard !box.isClosed else { return false }
            box.letters.append { deck in
                if let deck { body(deck, reply) } else { reply.give(.failure(Self.over)) }
            }
            return true
        }
        guard isTaken else { throw Self.over }
        mail.store(true, ordering: .releasing)
        ring()
        return try reply.wait(unless: obstacle.withLock { $0 })
    }

    /// Whoever asks while there is an obstacle is told of that, instead of waiting. What was asked
    /// is done all the same, should it pass.
    func giveUp(when obstacle: @escaping @Sendable () -> DeckFailure?) {
        self.obstacle.withLock { $0 = obstacle }
    }

    static let over = DeckFailure("the run is over")

    /// The same for what is done to one slot: where that is late, once it has come so far.
    /// - Parameter question: what the slot's strategy will be asked then, so that a feed that keeps
    ///   time need not wait for its answer.
    package func ask<Answer: Sendable>(
        of name: String,
        preparing question: @escaping @Sendable (TapeDeck) throws(DeckFailure) -> SlotQuestion? = {
            _ in nil
        }, _ body: @escaping @Sendable (TapeDeck) throws(DeckFailure) -> Answer
    ) throws(DeckFailure) -> Answer {
        try askLater { deck, reply in deck.whenLevel(name, reply, question, body) }
    }

    private func ring() {
        var one: UInt64 = 1
        // A counter that is full rings already.
        _ = unsafe write(bell, &one, 8)
    }

    /// Asked once a block.
    var hasMail: Bool { mail.load(ordering: .relaxed) }

    /// Does what has come. On the thread that plays, between two blocks.
    func open(for deck: TapeDeck) {
        var count: UInt64 = 0
        _ = unsafe read(bell, &count, 8)
        mail.store(false, ordering: .sequentiallyConsistent)
        for letter in box.withLock({ box in
            defer { box.letters = [] }
            return box.letters
        }) { letter(deck) }
    }

    /// Of a wait that mail can end.
    static let shortest: Int64 = 1_000_000

    /// Sleeps until there is mail, but at most so long, and not longer than until one of these can
    /// be read.
    /// - Returns: whether one of them can.
    func wait(nanoseconds: Int64, orUntil descriptors: [Int32] = []) -> Bool {
        guard nanoseconds >= Self.shortest else {
            var pause = timespec(tv_sec: 0, tv_nsec: Int(max(0, nanoseconds)) + 1)
            _ = unsafe nanosleep(&pause, nil)
            return false
        }
        var entries = ([bell] + descriptors).map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        let ready = unsafe poll(
            &entries, nfds_t(entries.count), Int32(min(nanoseconds / Self.shortest, 1_000)))
        return ready > 0 && entries.dropFirst().contains { $0.revents != 0 }
    }

    /// The run is over: whoever waits, and whoever comes, is told so.
    func shut() {
        for letter in box.withLock({ box in
            box.isClosed = true
            defer { box.letters = [] }
            return box.letters
        }) { letter(nil) }
    }
}

/// An answer that another thread waits for; given once.
package final class Reply<Answer: Sendable>: Sendable {
    private let answer = Mutex<Result<Answer, DeckFailure>?>(nil)
    private let isThere = DispatchSemaphore(value: 0)

    package init() {}

    package func give(_ result: Result<Answer, DeckFailure>) {
        answer.withLock { $0 = result }
        isThere.signal()
    }

    package func wait(
        unless obstacle: @Sendable () -> DeckFailure? = { nil }
    ) throws(DeckFailure) -> Answer {
        while isThere.wait(timeout: .now() + .milliseconds(100)) == .timedOut {
            if let failure = obstacle() { throw failure }
        }
        guard let result = answer.withLock({ $0 }) else { throw DeckFailure("there is no answer") }
        return try result.get()
    }
}
