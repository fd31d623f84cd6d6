import CSandbox
import Glibc
import Market

/// The instances that a worker holds, and those that come while it plays.
final class WorkerSeats {
    private var seats: [WorkerSeat]
    private let board: WorkerChannel
    private let image: PluginImage
    /// By which more come; nil for a worker of one instance.
    private let socket: Int32?
    private var taken: UInt32 = 0
    /// By number: mapped once, however many play from them.
    private var tapes: [UInt64: SharedMemory]

    init(_ first: WorkerSeat, _ tape: SharedMemory, _ image: PluginImage, socket: Int32?) {
        seats = [first]
        board = first.channel
        tapes = [first.plan.tapeNumber: tape]
        self.image = image
        self.socket = socket
    }

    /// Plays until the host ends it.
    func play() -> Never {
        var patience = Patience(most: seats[0].mostLooks)
        var (idle, looks) = (0, patience.begin())
        while true {
            if work() {
                if idle < looks { patience.found(after: idle) }
                (idle, looks) = (0, patience.begin())
                continue
            }
            idle += 1
            if idle < looks { continue }
            if idle == looks { patience.gaveUp() }
            board.bell.sleep(nanoseconds: isHolding ? 1_000_000 : -1) { [self] in
                isOffered || seats.contains { $0.hasWork }
            }
        }
    }

    /// Gives each its turn; false when none had anything to do.
    private func work() -> Bool {
        guard socket != nil else { return seats[0].work() }
        var worked = takeSeats()
        for seat in seats where seat.hasWork {
            turn(seat.plan.number)
            _ = seat.work()
            worked = true
            if seat.hasLeft { leave(seat) }
        }
        if worked { turn(0) }
        return worked
    }

    /// Tells whose turn it is, should that be the last.
    private func turn(_ number: UInt64) {
        let turns = unsafe board.word64(WorkerChannel.Layout.turns)
        unsafe turns.set(turns.value &+ 1)
        unsafe board.word64(WorkerChannel.Layout.turn).set(number)
    }

    private var isHolding: Bool { seats.contains { $0.isHolding } }

    private var isOffered: Bool {
        guard socket != nil else { return false }
        return unsafe board.word32(WorkerChannel.Layout.offered).latest != taken
    }

    private func leave(_ seat: WorkerSeat) {
        seats.removeAll { $0 === seat }
        let tape = seat.plan.tapeNumber
        if !seats.contains(where: { $0.plan.tapeNumber == tape }) { tapes[tape] = nil }
        seat.reach(.left)
    }

    private func takeSeats() -> Bool {
        guard let socket, isOffered else { return false }
        var descriptors = [Int32](repeating: -1, count: 3)
        while unsafe sandbox_take_descriptors(socket, &descriptors, 3) == 3 {
            taken &+= 1
            do throws(WorkerFailure) { try take(descriptors) } catch { WorkerProcess.tell(error) }
        }
        return true
    }

    private func take(_ descriptors: [Int32]) throws(WorkerFailure) {
        let plan = try WorkerProcess.read(WorkerPlan.Seat.self, from: descriptors[0])
        let channel = WorkerChannel(
            try SharedMemory(descriptor: descriptors[1], mayWrite: true), board: board.memory)
        let tape: SharedMemory
        if let known = tapes[plan.tapeNumber] {
            close(descriptors[2])
            tape = known
        } else {
            tape = try SharedMemory(descriptor: descriptors[2], mayWrite: false)
            tapes[plan.tapeNumber] = tape
        }
        let seat = WorkerSeat(plan, channel, SharedTapeView(tape), isShared: true)
        seats.append(seat)
        seat.await(image)
    }
}
