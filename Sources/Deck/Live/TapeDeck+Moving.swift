import Kernel
import Market
package import StrategyHost

/// Slots whose strategy goes on in another place: in this process, in a worker, in a sealed one.
extension TapeDeck {
    /// What a slot in a worker stands on that gets other rights there, or other company.
    func ground(_ plan: SlotPlan) throws(DeckFailure) -> WorkerGround? {
        guard var ground = try slot(named: plan.name).runner.ground else { return nil }
        ground.limits = plan.limits
        ground.sharing = planning([]).sharing(plan)
        return ground
    }

    /// Where a slot will play that is to move into a worker.
    package func site(_ plan: SlotPlan, _ placement: Placement) throws(DeckFailure) -> WorkerSite {
        let slot = try slot(named: plan.name)
        let planning = planning(slots.map(\.plan))
        let making = planning.making(SlotDemand(plan, configuration.outline), number: slot.number)
        let tape =
            keepsTime ? try planning.queueTape(of: plan, blocks.largestBlock) : slot.view.tape
        do throws(StrategyFault) {
            return try WorkerSite(
                placement, making: making, tape: tape, isStepwise: keepsTime,
                largestBlock: blocks.largestBlock, limits: plan.limits,
                sharing: planning.sharing(plan))
        } catch {
            throw DeckFailure(error.description)
        }
    }

    /// Has the slot's strategy go on where the change says.
    func move(
        _ slot: Slot, _ change: SlotChange, _ successor: Successor, _ time: Timestamp
    ) throws(HandOverFailure) -> Inheritance {
        let next: any SlotRunner
        do throws(HandOverFailure) {
            next = try runner(slot, change, successor)
        } catch {
            slot.runner.goOn()
            throw error
        }
        return try slot.move(to: next, successor, time: time)
    }

    private func runner(
        _ slot: Slot, _ change: SlotChange, _ successor: Successor
    ) throws(HandOverFailure) -> any SlotRunner {
        guard let site = change.site, let reserve = change.reserve else {
            let making = planning(slots.map(\.plan)).making(
                SlotDemand(change.plan, configuration.outline), number: slot.number)
            do {
                return try StrategyRunner(
                    change.placement, settings: successor.settings, portfolio: making.make())
            } catch {
                throw HandOverFailure(stage: .create, reason: error.description)
            }
        }
        let playsFromView = site.tape === slot.view.tape
        guard playsFromView || slot.view.tape == nil || site.isOwn || keepsTime else {
            throw HandOverFailure(
                stage: .asked, reason: "it has been wired anew meanwhile; try again")
        }
        return WorkerRunner(
            reserve, settings: successor.settings, on: site,
            from: playsFromView ? slot.boundary : nil)
    }
}

extension Slot {
    /// Whether it is to play in another place, or plays nowhere yet.
    func moves(by change: SlotChange) -> Bool {
        runner is AbsentRunner || plan.isolation != change.plan.isolation
    }
}

extension SlotPlan {
    /// Whether the same module would run in another place, or with other rights or company.
    func isPlacedOtherwise(than other: SlotPlan) -> Bool {
        isolation != other.isolation
            || isolation != .host && limits != other.limits
            || isolation == .worker && mostSharers != other.mostSharers
    }
}
