import Foundation
import StrategyHost

/// What a strategy in a worker costs from event to order, and how soon its failures are seen and
/// mended.
struct Supervision {
    let data: BenchmarkData

    var all: [Task] { [latency, detectCrash, detectHang, restart] }

    // MARK: Orders

    /// A worker sleeps between two events of a live feed, and so does the host.
    private static let pause = timespec(tv_sec: 0, tv_nsec: 1_000_000)

    private static func rest() {
        var time = pause
        nanosleep(&time, nil)
    }

    private var latency: Task {
        Task(
            name: "order_latency",
            goal:
                "ns from an event's publication to its accepted order, the 99th of 100, beside a round trip on a "
                + "Unix socket; at most 100,000",
            limit: nil, clock: .wall, run: { try orders() }, without: { try roundTrips() })
    }

    private func orders() throws -> Double {
        let worker = try OneWorker("\(data.folder)/recorder.so", ["every": "2"])
        var taken: [Int64] = []
        while taken.count < 1_000 {
            Self.rest()
            let (orders, before) = (worker.runner.portfolio.lastOrder, monotonic())
            try worker.play()
            let after = monotonic()
            if worker.runner.portfolio.lastOrder > orders { taken.append(after - before) }
            guard worker.runner.standing.fault == nil else {
                throw BenchmarkFailure("the strategy was stopped")
            }
        }
        let spread = Spread(taken)
        spread.tell("order_latency")
        return Double(spread.percentile(99))
    }

    private func roundTrips() throws -> Double {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else {
            throw BenchmarkFailure("no sockets")
        }
        let (here, there) = (ends[0], ends[1])
        let echo = Thread {
            var bytes = [UInt8](repeating: 0, count: 64)
            while read(there, &bytes, 64) == 64 { _ = write(there, bytes, 64) }
            close(there)
        }
        echo.start()
        var taken: [Int64] = []
        var bytes = [UInt8](repeating: 7, count: 64)
        for _ in 0..<1_000 {
            Self.rest()
            let before = monotonic()
            guard write(here, bytes, 64) == 64, read(here, &bytes, 64) == 64 else {
                throw BenchmarkFailure("the socket has failed")
            }
            taken.append(monotonic() - before)
        }
        close(here)
        let spread = Spread(taken)
        spread.tell("round trip on a Unix socket")
        return Double(spread.percentile(99))
    }

    // MARK: Failures

    /// Plays until the strategy fails; answers when the event was published at which it did.
    private func fail(_ worker: OneWorker, as name: String) throws -> Int64 {
        while true {
            let published = monotonic()
            try worker.play()
            guard let fault = worker.runner.standing.fault else { continue }
            guard fault.description.hasPrefix(name) else {
                throw BenchmarkFailure("it ended otherwise: \(fault)")
            }
            return published
        }
    }

    private var detectCrash: Task {
        Task(
            name: "detect_crash",
            goal:
                "ns from the event at which it crashes to the fault, the slowest of 50; at most 10,000,000",
            limit: nil, clock: .wall
        ) {
            let taken = try (0..<50).map { _ in
                let worker = try OneWorker(
                    "\(data.folder)/wild.so", ["does": "segfault", "at": "20"])
                let published = try fail(worker, as: "crash")
                return monotonic() - published
            }
            Spread(taken).tell("detect_crash")
            return Double(Spread(taken).most)
        }
    }

    private var detectHang: Task {
        Task(
            name: "detect_hang",
            goal:
                "ns of processor time beyond its budget of 50 ms in one call, the slowest of 20; at most 10,000,000",
            limit: nil, clock: .wall
        ) {
            var limits = WorkerLimits()
            limits.callTime = 50_000_000
            var waited: [Int64] = []
            let taken = try (0..<20).map { _ in
                let worker = try OneWorker(
                    "\(data.folder)/wild.so", ["does": "loops", "at": "20"], limits)
                guard let process = worker.runner.lifeline?.process else {
                    throw BenchmarkFailure("no worker")
                }
                // What it used before it was shown anything does not count.
                let (before, ended) = (Spent.by(process), Spent.byChildren)
                let published = try fail(worker, as: "hang")
                waited.append(monotonic() - published)
                return Spent.byChildren - ended - before - limits.callTime
            }
            Spread(waited).tell("detect_hang, from the event to the fault, the budget included")
            Spread(taken).tell("detect_hang")
            return Double(Spread(taken).most)
        }
    }

    private var restart: Task {
        Task(
            name: "restart",
            goal:
                "ns from a fault to the first event that the new worker has played, the slowest of 20; at most "
                + "100,000,000", limit: nil, clock: .wall
        ) {
            let worker = try OneWorker("\(data.folder)/wild.so", ["does": "segfault", "at": "20"])
            let taken = try (0..<20).map { _ in
                _ = try fail(worker, as: "crash")
                let failed = monotonic()
                try worker.runner.restart(.restored, time: worker.time)
                try worker.play()
                guard worker.runner.standing.fault == nil else {
                    throw BenchmarkFailure("it was not started again")
                }
                return monotonic() - failed
            }
            Spread(taken).tell("restart")
            return Double(Spread(taken).most)
        }
    }
}
