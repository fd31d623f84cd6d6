import CSandbox
import Glibc
import Market

/// The life of a worker: reads its plan, gives its rights up, opens the module, and plays.
package enum WorkerProcess {
    /// - Returns: the exit status, where the worker never came to play.
    package static func serve() -> Int32 {
        do throws(WorkerFailure) {
            let plan = try read(WorkerPlan.self, from: WorkerPlan.descriptor)
            let channel = WorkerChannel(
                try SharedMemory(descriptor: plan.seat.channel, mayWrite: true))
            let tape = try SharedMemory(descriptor: plan.seat.tape, mayWrite: false)
            let seat = WorkerSeat(
                plan.seat, channel, SharedTapeView(tape), isShared: plan.socket != nil)
            for library in plan.libraries {
                // What cannot be opened is missed when the module is; its refusal says so.
                _ = unsafe dlopen(library, RTLD_NOW | RTLD_LOCAL)
            }
            let missing = SandboxLayer.layers(plan.requiredLayers & ~raiseWalls(plan, channel))
            guard missing.isEmpty else {
                let names = missing.map(\.rawValue).joined(separator: ", ")
                seat.refuse(
                    "this machine lacks a layer of the sandbox that sandbox.require demands: \(names)"
                )
                return 1
            }
            seat.reach(.walled)
            guard let image = open(plan, seat) else { return 1 }
            seat.await(image)
            WorkerSeats(seat, tape, image, socket: plan.socket).play()
        } catch {
            tell(error)
            return 1
        }
    }

    /// What was written by `WorkerProgram.memory`.
    static func read<Value: Decodable>(
        _ type: Value.Type, from descriptor: Int32
    ) throws(WorkerFailure) -> Value {
        let memory = try SharedMemory(descriptor: descriptor, mayWrite: false)
        let bytes = unsafe Array(UnsafeRawBufferPointer(start: memory.base, count: memory.size))
        let length = bytes.prefix(8).reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        guard let count = Int(exactly: length), count <= bytes.count - 8 else {
            throw WorkerFailure("there is no plan")
        }
        do {
            return try PlainDecoding.value(type, from: Array(bytes[8..<8 + count]))
        } catch {
            throw WorkerFailure("the plan cannot be read: it is another version's")
        }
    }

    /// - Returns: the layers that hold now, as bits.
    private static func raiseWalls(_ plan: WorkerPlan, _ channel: WorkerChannel) -> UInt32 {
        // What was inherited beyond the plan is closed before anybody can look at it.
        _ = sandbox_close_from(UInt32(plan.lastDescriptor + 1))
        unsafe sandbox_note_refused_call(
            channel.word32(WorkerChannel.Layout.refusedCall).address)
        var report = sandbox_report()
        let file = plan.readableFile.map { Array($0.utf8CString) }
        unsafe (file ?? [0]).withUnsafeBufferPointer { path in
            var wishes = unsafe sandbox_wishes(
                memory_bytes: plan.memoryBytes, cpu_seconds: 0,
                allow_threads: plan.mayHaveThreads ? 1 : 0,
                parent: plan.parent, readable_file: file == nil ? nil : path.baseAddress,
                seat_socket: plan.socket ?? -1)
            unsafe sandbox_enter(&wishes, &report)
        }
        unsafe channel.word32(WorkerChannel.Layout.layers).set(report.in_force)
        unsafe channel.word32(WorkerChannel.Layout.landlock).set(report.landlock_abi)
        return report.in_force
    }

    private static func open(_ plan: WorkerPlan, _ seat: WorkerSeat) -> PluginImage? {
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
            seat.refuse("\(error)")
            return nil
        }
    }

    static func tell(_ failure: WorkerFailure) {
        let bytes = Array("tapedeck-worker: \(failure)\n".utf8)
        _ = unsafe write(2, bytes, bytes.count)
    }
}
