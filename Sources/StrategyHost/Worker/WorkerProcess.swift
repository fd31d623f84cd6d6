import CSandbox
import Glibc
import Market

/// The life of a worker: reads its plan, gives its rights up, opens the module, and plays.
package enum WorkerProcess {
    /// - Returns: the exit status, where the worker never came to play.
    package static func serve() -> Int32 {
        do throws(WorkerFailure) {
            let plan = try readPlan()
            var seats: [WorkerSeat] = []
            var channels: [WorkerChannel] = []
            for seat in plan.seats {
                let channel = WorkerChannel(
                    try SharedMemory(descriptor: seat.channel, mayWrite: true))
                let tape = SharedTapeView(try SharedMemory(descriptor: seat.tape, mayWrite: false))
                channels.append(channel)
                seats.append(WorkerSeat(seat, channel, tape))
            }
            for library in plan.libraries {
                // What cannot be opened is missed when the module is; its refusal says so.
                _ = unsafe dlopen(library, RTLD_NOW | RTLD_LOCAL)
            }
            let missing = SandboxLayer.layers(plan.requiredLayers & ~raiseWalls(plan, channels))
            guard missing.isEmpty else {
                let names = missing.map(\.rawValue).joined(separator: ", ")
                for seat in seats {
                    seat.refuse(
                        "this machine lacks a layer of the sandbox that sandbox.require demands: \(names)"
                    )
                }
                return 1
            }
            for seat in seats { seat.reach(.walled) }
            guard let image = open(plan, seats) else { return 1 }
            for seat in seats { seat.await(image) }
            play(seats, channels[0].bell)
        } catch {
            tell(error.description)
            return 1
        }
    }

    private static func readPlan() throws(WorkerFailure) -> WorkerPlan {
        let memory = try SharedMemory(descriptor: WorkerPlan.descriptor, mayWrite: false)
        let bytes = unsafe Array(UnsafeRawBufferPointer(start: memory.base, count: memory.size))
        let length = bytes.prefix(8).reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        guard let count = Int(exactly: length), count <= bytes.count - 8 else {
            throw WorkerFailure("there is no plan")
        }
        do {
            return try PlainDecoding.value(WorkerPlan.self, from: Array(bytes[8..<8 + count]))
        } catch {
            throw WorkerFailure("the plan cannot be read: it is another version's")
        }
    }

    /// - Returns: the layers that hold now, as bits.
    private static func raiseWalls(_ plan: WorkerPlan, _ channels: [WorkerChannel]) -> UInt32 {
        // What was inherited beyond the plan is closed before anybody can look at it.
        _ = sandbox_close_from(UInt32(plan.lastDescriptor + 1))
        unsafe sandbox_note_refused_call(
            channels[0].word32(WorkerChannel.Layout.refusedCall).address)
        var report = sandbox_report()
        let file = plan.readableFile.map { Array($0.utf8CString) }
        unsafe (file ?? [0]).withUnsafeBufferPointer { path in
            var wishes = unsafe sandbox_wishes(
                memory_bytes: plan.memoryBytes, cpu_seconds: 0,
                allow_threads: plan.mayHaveThreads ? 1 : 0,
                parent: plan.parent, readable_file: file == nil ? nil : path.baseAddress)
            unsafe sandbox_enter(&wishes, &report)
        }
        for channel in channels {
            unsafe channel.word32(WorkerChannel.Layout.layers).set(report.in_force)
            unsafe channel.word32(WorkerChannel.Layout.landlock).set(report.landlock_abi)
        }
        return report.in_force
    }

    private static func open(_ plan: WorkerPlan, _ seats: [WorkerSeat]) -> PluginImage? {
        do {
            let manifest = try Manifest(text: plan.manifest)
            let file = PluginFile(
                manifest: manifest, path: plan.path, digest: SHA256.Digest(bytes: plan.digest))
            let sealed = SealedFile(adopting: plan.module)
            let image = try PluginImage(file: file, sealed: sealed, reasonToStay: nil)
            let result = sandbox_narrow(plan.readableFile == nil ? 0 : 1)
            guard result == 0 else { throw WorkerFailure("cannot narrow the filter", result) }
            return image
        } catch {
            for seat in seats { seat.refuse("\(error)") }
            return nil
        }
    }

    private static func play(_ seats: [WorkerSeat], _ bell: WorkerBell) -> Never {
        var patience = Patience(most: seats[0].mostLooks)
        var (idle, looks) = (0, patience.begin())
        while true {
            var worked = false
            for seat in seats where seat.work() { worked = true }
            if worked {
                if idle < looks { patience.found(after: idle) }
                (idle, looks) = (0, patience.begin())
                continue
            }
            idle += 1
            if idle < looks { continue }
            if idle == looks { patience.gaveUp() }
            bell.sleep { seats.contains(where: \.hasWork) }
        }
    }

    private static func tell(_ text: String) {
        let bytes = Array("tapedeck-worker: \(text)\n".utf8)
        _ = unsafe write(2, bytes, bytes.count)
    }
}
