import Glibc
import Synchronization

/// A thread that stays for as long as this program: workers are started on it, because the system
/// ends a process that goes with its parent when the thread ends that has started it. An operator's
/// connection has one that ends with his command.
enum LastingThread {
    /// Waits until it is done there.
    static func perform<Answer: Sendable>(_ body: @escaping @Sendable () -> Answer) -> Answer {
        guard let desk else { return body() }
        let place = Place<Answer>()
        let isDone = Flag()
        desk.work.withLock { work in
            work.append {
                let answer = body()
                place.answer.withLock { $0 = answer }
                isDone.raise()
            }
        }
        desk.hasWork.raise()
        isDone.wait()
        return place.answer.withLock { $0 } ?? body()
    }

    private final class Desk: Sendable {
        let work = Mutex<[@Sendable () -> Void]>([])
        let hasWork = Flag()
    }

    private final class Place<Answer: Sendable>: Sendable {
        let answer = Mutex<Answer?>(nil)
    }

    /// Nil where the system gave no thread.
    private static let desk: Desk? = {
        let desk = Desk()
        var thread = pthread_t()
        let box = unsafe Unmanaged.passRetained(desk)
        let result = unsafe pthread_create(
            &thread, nil,
            { argument in
                // Retained for this thread, which never ends.
                let desk = unsafe Unmanaged<Desk>.fromOpaque(argument!).takeUnretainedValue()
                while true {
                    desk.hasWork.wait()
                    let next = desk.work.withLock { $0.isEmpty ? nil : $0.removeFirst() }
                    next?()
                }
            }, box.toOpaque())
        guard result == 0 else {
            unsafe box.release()
            return nil
        }
        return desk
    }()

    /// Counts how often it was raised; whoever waits takes one.
    @safe private final class Flag: @unchecked Sendable {
        private let semaphore: UnsafeMutablePointer<sem_t>

        init() {
            unsafe semaphore = .allocate(capacity: 1)
            unsafe sem_init(semaphore, 0, 0)
        }

        deinit {
            unsafe sem_destroy(semaphore)
            unsafe semaphore.deallocate()
        }

        func raise() { unsafe sem_post(semaphore) }

        func wait() {
            while unsafe sem_wait(semaphore) != 0, errno == EINTR {}
        }
    }
}
