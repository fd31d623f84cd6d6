import CTapedeck
import Synchronization
package import Kernel
package import Market

/// One strategy instance and its portfolio, in this process: plays runs of events into both.
///
/// It belongs to one lane: never two threads at once, but not always the same thread.
@safe package final class StrategyRunner {
    /// What a strategy's instance is doing.
    package enum Standing: Hashable, Sendable {
        case created, running
        /// It said that it has finished; its portfolio goes on.
        case done
        /// It is called no more; its portfolio goes on, unless that is what failed.
        case faulted(StrategyFault)
        case stopped
    }

    /// Why an instance is started.
    package enum Start: Hashable, Sendable, CaseIterable {
        case fresh, restored, upgraded, rolledBack

        /// `TD_START_*`.
        var code: UInt32 {
            switch self {
            case .fresh: UInt32(TD_START_FRESH)
            case .restored: UInt32(TD_START_RESTORED)
            case .upgraded: UInt32(TD_START_UPGRADED)
            case .rolledBack: UInt32(TD_START_ROLLED_BACK)
            }
        }

        init(code: UInt32) { self = Self.allCases.first { $0.code == code } ?? .fresh }
    }
    /// Why an instance is stopped.
    package enum Stop: Hashable, Sendable, CaseIterable {
        case end, unload, reload, fault, byOperator

        /// `TD_STOP_*`.
        var code: UInt32 {
            switch self {
            case .end: UInt32(TD_STOP_END)
            case .unload: UInt32(TD_STOP_UNLOAD)
            case .reload: UInt32(TD_STOP_RELOAD)
            case .fault: UInt32(TD_STOP_FAULT)
            case .byOperator: UInt32(TD_STOP_OPERATOR)
            }
        }

        init(code: UInt32) { self = Self.allCases.first { $0.code == code } ?? .end }
    }

    package struct Settings: Sendable {
        package var setup: StrategySetup
        /// Bars of each time frame that pass before an instrument may be traded.
        package var warmUpBars: Int
        /// Nothing may be traded before it: what comes earlier is history.
        package var warmUpUntil = Timestamp.distantPast
        /// Bars of each instrument and time frame that `history` can look back.
        package var historyBars: Int
        /// Events that are played but not shown to the strategy; nil shows all.
        package var filter: EventFilter?
        /// What it leaves is kept now and then, so that it can be started again where it was lost.
        package var isRemembered = false
        /// The most events in one call. Results do not depend on it.
        package var longestSlice = 1024

        package init(setup: StrategySetup, warmUpBars: Int, historyBars: Int) {
            self.setup = setup
            self.warmUpBars = warmUpBars
            self.historyBars = historyBars
        }
    }

    package internal(set) var placement: Placement
    package internal(set) var standing = Standing.created {
        didSet { isRunning = standing == .running }
    }
    /// Whether it is still called: kept beside `standing`, because the loop asks at every step.
    package private(set) var isRunning = false
    package internal(set) var settings: Settings
    let state: UnsafeMutablePointer<RunnerState>
    /// Of the instance; belongs to the image.
    var context: UnsafeMutablePointer<HostContext>
    /// The buffer for the strategy's words when `on_events` fails.
    let error: UnsafeMutablePointer<td_error>
    /// Nil once it is destroyed.
    var instance: StrategyInstance?
    /// The most events that the next slice will have.
    var length: Int
    /// Of the last event played.
    package internal(set) var lastSequence: UInt64 = 0
    /// The generation before this one, while it may come back.
    var predecessor: Generation?
    /// Bounds the wait for it; nil without one. Asked once a block.
    package internal(set) var probation: Probation?
    /// The last roll-back that came of a fault, until it is taken.
    var ownRollBack: RollBack?
    /// What it would be started again with.
    var memory: StrategyMemory
    let firstChance: Xoshiro256StarStar
    /// Told what it leaves before the event at a place, where it is remembered elsewhere.
    var onSave: ((StrategyLegacy, Int) -> Void)?
    /// What generations that are gone have logged last.
    var lastWords = LogLines()
    /// Events of the last run that it was called for, once it is called no more.
    var endedAt: Int?

    /// Creates the instance. Takes the portfolio over, in any case.
    package convenience init(
        _ placement: Placement, settings: Settings, portfolio: consuming Portfolio
    ) throws(StrategyFault) {
        try self.init(placement, settings: settings, portfolio: portfolio, channel: nil)
    }

    /// - Parameter channel: in a worker, where the strategy's own count of events is kept for the
    ///   host to watch.
    init(
        _ placement: Placement, settings: Settings, portfolio: consuming Portfolio,
        channel: WorkerChannel?
    ) throws(StrategyFault) {
        self.placement = placement
        self.settings = settings
        length = min(16, settings.longestSlice)
        memory = StrategyMemory(placement.manifest, settings)
        firstChance = portfolio.chance
        let state = UnsafeMutablePointer<RunnerState>.allocate(capacity: 1)
        unsafe state.initialize(
            to: RunnerState(
                portfolio: portfolio, setup: settings.setup, warmUpBars: settings.warmUpBars,
                warmUpUntil: settings.warmUpUntil, historyBars: settings.historyBars,
                consumed: channel?.consumed))
        unsafe self.state = state
        unsafe error = .allocate(capacity: 1)
        unsafe error.initialize(to: StrategyInstance.emptyError)
        do throws(StrategyFault) {
            let instance = try unsafe Self.instance(placement, settings, state)
            unsafe context = instance.context
            self.instance = consume instance
        } catch {
            unsafe state.deinitialize(count: 1)
            unsafe state.deallocate()
            unsafe self.error.deallocate()
            throw error
        }
    }

    static func instance(
        _ placement: Placement, _ settings: Settings, _ state: UnsafeMutablePointer<RunnerState>
    ) throws(StrategyFault) -> StrategyInstance {
        switch placement {
        case .host(let image): try unsafe StrategyInstance(image, settings.setup, state: state)
        case .worker, .sealed, .plugless:
            throw StrategyFault(
                call: .create, cause: .answered(td_status(TD_E_INTERNAL)),
                text: "it belongs to a worker")
        }
    }

    deinit {
        predecessor = nil
        instance = nil
        unsafe state.deinitialize(count: 1)
        unsafe state.deallocate()
        unsafe error.deallocate()
    }

    /// Destroys the instance, which lets its image go; the portfolio stays.
    package func destroy() {
        if standing != .stopped { stop(.unload) }
        predecessor = nil
        instance = nil
    }

    /// Its portfolio. Not inside a call of the strategy.
    package var portfolio: Portfolio {
        _read { yield unsafe state.pointee.portfolio }
        _modify { yield unsafe &state.pointee.portfolio }
    }

    /// Names of plotted values, by `PlotPoint.name`.
    package var plotNames: [String] {
        unsafe state.pointee.plotNames.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Hands over what the strategy said since the last call, and keeps the given storage for what
    /// comes.
    package func takeOutput(into output: inout StrategyOutput) {
        output.removeAll()
        unsafe swap(&output, &state.pointee.output)
        output.log = lastWords
        lastWords = LogLines()
        output.log.append(takeLog())
    }

    /// Whether it has said anything since its output was taken.
    var hasOutput: Bool {
        if unsafe !state.pointee.output.signals.isEmpty || !state.pointee.output.points.isEmpty {
            return true
        }
        return unsafe !lastWords.isEmpty || context.pointee.log.withLock { !$0.isEmpty }
    }

    func takeLog() -> LogLines {
        unsafe context.pointee.log.withLock { lines in
            defer { lines = LogLines() }
            return lines
        }
    }

    func fail(_ fault: StrategyFault) { standing = .faulted(fault) }
}

extension StrategyRunner.Standing {
    package var fault: StrategyFault? { if case .faulted(let fault) = self { fault } else { nil } }
    var isFaulted: Bool { fault != nil }
}
