/// The walls round one worker: which layers hold, which do not and why, and what it was granted.
package struct WorkerWalls: Hashable, Sendable, Codable {
    /// A layer that does not hold.
    package struct Gap: Hashable, Sendable, Codable {
        package var layer: SandboxLayer
        package var reason: String
    }

    package var layers: [SandboxLayer]
    package var missing: [Gap]
    /// `threads`, or the path of the file that it may read.
    package var grants: [String]

    /// - Parameter bits: of the layers that hold, as the worker has told before the module was
    ///   opened.
    init(_ bits: UInt32, _ limits: WorkerLimits) {
        layers = SandboxLayer.layers(bits)
        missing = SandboxLayer.allCases.filter { bits & $0.bit == 0 }.map { layer in
            let wall = SandboxReport.ofMachine.walls.first { $0.layer == layer }
            return Gap(layer: layer, reason: wall?.reason ?? "it was refused to this worker alone")
        }
        grants =
            (limits.mayHaveThreads ? ["threads"] : []) + (limits.readableFile.map { [$0] } ?? [])
    }

    /// `every layer`, or `all layers but landlock (not supported)`; and what was granted.
    package var words: String {
        let gaps = missing.map { "\($0.layer.rawValue) (\($0.reason))" }
        let held = gaps.isEmpty ? "every layer" : "all layers but \(gaps.joined(separator: ", "))"
        return grants.isEmpty ? held : held + "; granted " + grants.joined(separator: ", ")
    }
}

extension SandboxReport {
    /// Found out once in a process's life.
    package static let ofMachine = SandboxReport.probe()
}

extension WorkerLimits {
    /// What is demanded of a worker's walls and is not there, in words; nil where nothing is
    /// missing.
    package func gap(of machine: @autoclosure () -> SandboxReport) -> String? {
        guard requiredLayers != 0 else { return nil }
        let missing = machine().walls.filter { !$0.isInForce && requiredLayers & $0.layer.bit != 0 }
        guard !missing.isEmpty else { return nil }
        let words = missing.map { "\($0.layer.rawValue) (\($0.reason ?? "unknown"))" }
        return
            "this machine lacks what sandbox.require demands of a worker: \(words.joined(separator: ", ")); "
            + "tapedeck doctor tells what there is"
    }
}

extension WorkerRunner {
    package var walls: WorkerWalls? { WorkerWalls(layers, limits) }
}
