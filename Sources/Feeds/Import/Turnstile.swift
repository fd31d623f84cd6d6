import Glibc

/// Lets workers through in the order of their numbers, one at a time.
@safe final class Turnstile: Sendable {
    // Touched by the functions below alone, under the lock.
    private nonisolated(unsafe) let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private nonisolated(unsafe) let condition: UnsafeMutablePointer<pthread_cond_t>
    private nonisolated(unsafe) var turn = 0
    private nonisolated(unsafe) var isBroken = false

    init() {
        unsafe mutex = .allocate(capacity: 1)
        unsafe condition = .allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(condition, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    /// Waits for a turn; false when the work has been given up.
    func wait(for number: Int) -> Bool {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while unsafe turn != number && !isBroken { unsafe pthread_cond_wait(condition, mutex) }
        return unsafe !isBroken
    }

    /// Ends a turn; the next number may go.
    func pass() {
        unsafe pthread_mutex_lock(mutex)
        unsafe turn += 1
        unsafe pthread_cond_broadcast(condition)
        unsafe pthread_mutex_unlock(mutex)
    }

    /// Sends everybody away.
    func giveUp() {
        unsafe pthread_mutex_lock(mutex)
        unsafe isBroken = true
        unsafe pthread_cond_broadcast(condition)
        unsafe pthread_mutex_unlock(mutex)
    }
}

/// Runs one function on several threads and waits for all of them.
enum Crew {
    private final class Job: Sendable {
        let body: @Sendable (Int) -> Void
        let number: Int

        init(_ number: Int, _ body: @escaping @Sendable (Int) -> Void) {
            self.number = number
            self.body = body
        }
    }

    static var processors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// The caller works as number 0. A thread that cannot be started is done without.
    static func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        var threads: [pthread_t] = []
        for number in 1..<max(1, count) {
            var thread = pthread_t()
            let job = unsafe Unmanaged.passRetained(Job(number, body))
            let code = unsafe pthread_create(
                &thread, nil,
                { raw in
                    guard let raw = unsafe raw else { return nil }
                    let job = unsafe Unmanaged<Job>.fromOpaque(raw).takeRetainedValue()
                    job.body(job.number)
                    return nil
                }, job.toOpaque())
            if code == 0 { threads.append(thread) } else { unsafe job.release() }
        }
        body(0)
        for thread in threads { pthread_join(thread, nil) }
    }
}
