import Glibc
import Kernel
import Market
import TestGround
import Testing

@testable import StrategyHost

/// What a worker is granted is all that it gets, and a wall that is demanded and missing is told.
@Suite(.serialized) struct WallTests {
    let folder = ScratchFolder()
    let tape: TestTape

    init() throws { tape = try TestTape.random(400, seed: 21) }

    /// What its one position came to, in units of the instrument.
    private func position(
        _ parameters: [String: String], isSealed: Bool = false,
        _ change: (inout WorkerLimits) -> Void
    ) throws -> (Quantity, WorkerRunner) {
        let shared = isSealed ? nil : try SharedTape(events: 8_192)
        let worker = try WorkerStage.runner(
            parameters, isSealed: isSealed, tape: shared, source: "needs.c", limits: change)
        try WorkerStage.play(worker, shared, tape)
        return (worker.portfolio.books.quantity(of: 0), worker)
    }

    @Test(arguments: [false, true])
    func `threads that are granted run, and the other walls stand`(isSealed: Bool) throws {
        let (plain, _) = try position([:], isSealed: isSealed) { _ in }
        let (quantity, worker) = try position(["threads": "true"], isSealed: isSealed) {
            $0.mayHaveThreads = true
        }
        #expect(worker.standing == .stopped, "\(worker.standing)")
        #expect(quantity.rawValue == 2 * plain.rawValue && !plain.isZero)
        #expect(
            worker.walls?.layers == SandboxReport.ofMachine.walls.filter(\.isInForce).map(\.layer))
        #expect(
            worker.walls?.words.hasSuffix("; granted threads") == true,
            "\(worker.walls?.words ?? "")")
    }

    @Test func `threads that are not granted end it, by name`() throws {
        let (quantity, worker) = try position(["threads": "true"]) { _ in }
        let fault = try #require(worker.standing.fault)
        // What the C library asks for first when a thread is wanted.
        #expect(
            fault.description.hasPrefix("refused system call: it called rt_sigaction"), "\(fault)")
        #expect(quantity.isZero)
    }

    @Test(arguments: [false, true])
    func `the file that is granted can be read, and no other`(isSealed: Bool) throws {
        folder.write("3", "model.bin")
        folder.write("4", "other.bin")
        let model = folder.file("model.bin")
        let (plain, _) = try position([:], isSealed: isSealed) { _ in }
        let (quantity, worker) = try position(["model": model], isSealed: isSealed) {
            $0.readableFile = model
        }
        #expect(quantity.rawValue == 3 * plain.rawValue && !plain.isZero)
        #expect(worker.walls?.words.hasSuffix("; granted \(model)") == true)
        for other in [folder.file("other.bin"), "/etc/passwd"] {
            #expect {
                _ = try position(["model": other], isSealed: isSealed) { $0.readableFile = model }
            } throws: { "\($0)" == "create failed with TD_E_INVALID: no model: Permission denied" }
        }
    }

    @Test(arguments: [nil, "gone.bin"])
    func `without a grant no file can be read, and a grant of what is not there opens no other`(
        granted: String?
    ) throws {
        folder.write("3", "model.bin")
        #expect {
            _ = try position(["model": folder.file("model.bin")]) {
                $0.readableFile = granted.map { folder.file($0) }
            }
        } throws: { "\($0)" == "create failed with TD_E_INVALID: no model: Permission denied" }
    }

    @Test
    func `a layer that is demanded and missing is named, and one that is only missing is not`() {
        var machine = SandboxReport.ofMachine
        machine.walls = SandboxLayer.allCases.map { layer in
            let isMissing = [.landlock, .namespaces].contains(layer)
            return SandboxReport.Wall(
                layer: layer, isInForce: !isMissing,
                reason: isMissing ? "Function not implemented" : nil)
        }
        var limits = WorkerLimits()
        #expect(limits.gap(of: machine) == nil)
        limits.requiredLayers = SandboxLayer.systemCalls.bit | SandboxLayer.limits.bit
        #expect(limits.gap(of: machine) == nil)
        limits.requiredLayers |= SandboxLayer.landlock.bit
        #expect(
            limits.gap(of: machine)
                == "this machine lacks what sandbox.require demands of a worker: "
                + "landlock (Function not implemented); tapedeck doctor tells what there is")
    }

    @Test
    func
        `trap 40: workers to which nothing comes sleep, use no processor time, and are not taken for dead`()
        throws
    {
        let shared = try SharedTape(events: 8_192)
        let idle = try (0..<5).map { _ in try WorkerStage.runner(tape: shared) }
        for worker in idle {
            worker.start(.fresh, nextSequence: 1, time: Timestamp(nanoseconds: TestTape.start))
        }
        // They were asked to start and have answered; until they sleep they look round for a
        // moment.
        let before = idle.map { $0.instance.child.processorTime }
        #expect(before.allSatisfy { $0 > 0 })
        let busy = try SharedTape(events: 8_192)
        let long = try TestTape.random(60_000, seed: 2)
        let worker = try WorkerStage.runner(tape: busy)
        try WorkerStage.play(worker, busy, long)
        #expect(worker.standing == .stopped)
        let used = zip(idle, before).map { $0.instance.child.processorTime - $1 }
        print("processor time of five idle workers meanwhile: \(used) ns")
        #expect(used.allSatisfy { $0 < 2_000_000 }, "\(used)")
        #expect(idle.allSatisfy { !$0.instance.child.isOver && $0.standing == .running })
    }
}
