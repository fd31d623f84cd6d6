import Glibc

/// Waits for moments of the monotonic clock; any thread, and a signal handler, may end a wait.
package final class ReplayClock: Sendable {
    private let reading: Int32
    private let writing: Int32

    package init() throws(FeedError) {
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else {
            throw FeedError(.notWritable, "", "no pipe for the clock: \(SystemFailure.text(errno))")
        }
        reading = ends[0]
        writing = ends[1]
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
    }

    deinit {
        close(reading)
        close(writing)
    }

    /// Monotonic nanoseconds.
    package var now: Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    /// Returns at `moment`, or at once when it is over; false when `interrupt` was called.
    package func wait(until moment: Int64) -> Bool {
        while true {
            let left = moment - min(now, moment)
            var one = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
            // Whole milliseconds by poll, rounded down; what is left of the last one by sleeping.
            let milliseconds = Int32(clamping: min(left / 1_000_000, 3_600_000))
            let ready = unsafe poll(&one, 1, milliseconds)
            if ready > 0 { return false }
            if left < 1_000_000 {
                if left > 0 { pause(left) }
                return true
            }
        }
    }

    private func pause(_ nanoseconds: Int64) {
        var length = timespec(tv_sec: 0, tv_nsec: Int(nanoseconds))
        unsafe nanosleep(&length, nil)
    }

    /// Ends the present wait and every later one, until `reset`. Allowed in a signal handler.
    package func interrupt() {
        var mark: UInt8 = 1
        // A full pipe says the same.
        _ = unsafe write(writing, &mark, 1)
    }

    /// Forgets interrupts.
    package func reset() {
        var mark: UInt8 = 0
        while unsafe read(reading, &mark, 1) == 1 {}
    }
}
