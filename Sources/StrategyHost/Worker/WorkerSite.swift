/// Where a strategy will play that moves into a worker: what its workers stand on, and the tape
/// that they play from. Any thread may make one, and start a worker on it.
package struct WorkerSite: Sendable {
    package let ground: WorkerGround
    package let tape: SharedTape
    /// Nobody else plays from its tape.
    package let isOwn: Bool
    /// Its feed keeps time, and leaves what is to be played in a queue.
    package let isQueued: Bool

    /// - Parameters:
    ///   - tape: what it plays from; nil for one of its own, which a sealed worker has unless it is
    ///     written one time step at a time.
    ///   - largestBlock: the most events of a block.
    ///   - sharing: with whom it shares its worker; nil for one of its own.
    package init(
        _ placement: Placement, making: PortfolioMaking, tape: SharedTape?,
        isStepwise: Bool = false, largestBlock: Int,
        limits: WorkerLimits, sharing: WorkerSharing?
    ) throws(StrategyFault) {
        isQueued = isStepwise
        if let tape, !placement.isSealed || isStepwise {
            self.tape = tape
            isOwn = false
        } else {
            do throws(WorkerFailure) {
                self.tape = try SharedTape(events: 3 * largestBlock, blocks: 64)
            } catch {
                throw WorkerRunner.notStarted(error.description)
            }
            isOwn = true
        }
        ground = WorkerGround(
            making: making, tape: self.tape.memory, limits: limits,
            sharing: placement.isSealed ? nil : sharing)
    }
}
