import CSandbox
import Glibc
import Market
import Synchronization

/// That a strategy shares its worker with others of the same module that may use the same.
package struct WorkerSharing: Sendable {
    let workers: SharedWorkers
    /// Of the strategy: told to the others, should it end the worker of all.
    let name: String
    /// Instances in one worker.
    let most: Int

    package init(_ workers: SharedWorkers, name: String, most: Int) {
        self.workers = workers
        self.name = name
        self.most = most
    }
}

/// The workers of one run that hold several instances of one module each. Any thread may ask.
package final class SharedWorkers: Sendable {
    /// Those who may share.
    private struct Kind: Hashable {
        var digest: SHA256.Digest
        var limits: WorkerLimits
        var most: Int
    }

    private struct Known {
        weak var child: WorkerChild?
    }

    private let known = Mutex<[Kind: [Known]]>([:])

    package init() {}

    /// A seat in a worker of its kind that has room for one more; in a new one where none has.
    func tenancy(
        _ module: StagedModule, _ ground: WorkerGround, _ sharing: WorkerSharing, textSize: Int
    ) throws(WorkerFailure) -> WorkerTenancy {
        let kind = Kind(digest: module.file.digest, limits: ground.limits, most: sharing.most)
        // Held while a process is started, so that two who come at once share one.
        return try known.withLock { known throws(WorkerFailure) in
            let all = (known[kind] ?? []).filter { $0.child?.isOver == false }
            known[kind] = all
            for place in all {
                if let child = place.child,
                    let tenancy = try child.seat(ground, sharing, textSize: textSize)
                {
                    return tenancy
                }
            }
            let tenancy = try Self.start(module, ground, sharing, textSize)
            known[kind, default: []].append(Known(child: tenancy.child))
            return tenancy
        }
    }

    private static func start(
        _ module: StagedModule, _ ground: WorkerGround, _ sharing: WorkerSharing, _ textSize: Int
    ) throws(WorkerFailure) -> WorkerTenancy {
        let channel = try WorkerChannel(textSize: textSize)
        var ends: [Int32] = [-1, -1]
        let result = unsafe sandbox_socket_pair(&ends)
        guard result == 0 else { throw WorkerFailure("cannot make a pair of sockets", result) }
        defer { close(ends[1]) }
        let tenants = WorkerTenants(socket: ends[0])
        let number = tenants.add(sharing.name, channel)
        let child = try WorkerReserve.start(
            module, isSealed: false, ground, channel, number: number, tenants: tenants,
            socket: ends[1], most: min(sharing.most, WorkerTenants.most))
        return WorkerTenancy(child, number: number, channel)
    }
}

/// Who has a seat in a worker that several share.
final class WorkerTenants: Sendable {
    /// In any one worker.
    static let most = 1024

    private struct Seats {
        var last: UInt64 = 0
        var all: [(number: UInt64, name: String, channel: WorkerChannel)] = []
    }

    /// This side's end.
    let socket: Int32
    private let seats = Mutex(Seats())

    init(socket: Int32) { self.socket = socket }

    deinit { close(socket) }

    var count: Int { seats.withLock { $0.all.count } }

    func add(_ name: String, _ channel: WorkerChannel) -> UInt64 {
        seats.withLock { seats in
            seats.last += 1
            seats.all.append((seats.last, name, channel))
            return seats.last
        }
    }

    func remove(_ number: UInt64) {
        seats.withLock { seats in seats.all.removeAll { $0.number == number } }
    }

    func name(_ number: UInt64) -> String? {
        seats.withLock { seats in seats.all.first { $0.number == number }?.name }
    }

    func channel(_ number: UInt64) -> WorkerChannel? {
        seats.withLock { seats in seats.all.first { $0.number == number }?.channel }
    }
}

/// One instance's seat in a worker that it shares. It is given up at the end, and the process with
/// the last one.
final class WorkerTenancy: Sendable {
    let child: WorkerChild
    let number: UInt64
    let channel: WorkerChannel
    private let isOver = Atomic(false)

    init(_ child: WorkerChild, number: UInt64, _ channel: WorkerChannel) {
        self.child = child
        self.number = number
        self.channel = channel
    }

    deinit { end() }

    /// Tells the worker that its instance is to leave; nobody waits for it, and no other notices.
    func end() {
        guard !isOver.exchange(true, ordering: .relaxed) else { return }
        child.leave(number)
        guard !child.isOver else { return }
        let asked = unsafe channel.word64(WorkerChannel.Layout.requestNumber)
        unsafe channel.word32(WorkerChannel.Layout.request).set(
            WorkerChannel.Request.leave.rawValue)
        unsafe asked.announce(asked.latest &+ 1)
        channel.bell.ringIfAsleep()
    }
}

extension WorkerChild {
    /// One more seat, for whom the worker takes descriptors; nil where there is no room.
    fileprivate func seat(
        _ ground: WorkerGround, _ sharing: WorkerSharing, textSize: Int
    ) throws(WorkerFailure) -> WorkerTenancy? {
        guard let tenants, tenants.count > 0,
            tenants.count < min(sharing.most, WorkerTenants.most)
        else { return nil }
        let channel = try WorkerChannel(textSize: textSize, board: board.memory)
        let number = tenants.add(sharing.name, channel)
        let tenancy = WorkerTenancy(self, number: number, channel)
        let seat = WorkerPlan.Seat(
            portfolio: ground.making, channel: -1, tape: -1, isSealed: false, number: number,
            tapeNumber: ground.tape.number)
        let plan = try WorkerProgram.memory(of: seat)
        let descriptors = [
            plan.descriptor, channel.memory.descriptor, ground.tape.descriptor,
        ]
        let result = unsafe sandbox_send_descriptors(tenants.socket, descriptors, 3)
        // It is gone, or so busy that it had better have company no more.
        guard result == 0 else { return nil }
        let offered = unsafe board.word32(WorkerChannel.Layout.offered)
        unsafe offered.increase()
        channel.bell.ringIfAsleep()
        return tenancy
    }

    /// The last one that leaves takes the process along.
    fileprivate func leave(_ number: UInt64) {
        tenants?.remove(number)
        if tenants?.count == 0 { finish(.byOperator) }
    }
}
