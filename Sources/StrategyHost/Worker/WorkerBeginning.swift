import CTapedeck
import Kernel
import Market

/// What an instance in a worker begins with, at a place of its tape.
struct WorkerBeginning: Codable {
    struct Start: Codable {
        var reason: UInt32
        var nextSequence: UInt64
        var time: Timestamp
    }

    var parameters: [PlainParameter]
    var instruments: [InstrumentID]
    var timeFrames: [UInt32]
    var seed: UInt64
    var warmUpBars: Int
    var warmUpUntil: Timestamp
    var historyBars: Int
    var shownKinds: UInt32?
    var shownFrames: [UInt32]
    var hidden: [InstrumentID]
    var longestSlice: Int
    var isRemembered: Bool
    /// A portfolio's archive that the mirror begins with; empty for a new one.
    var archive: [UInt8] = []
    /// How far the numbers are that its strategy draws: a mirror alone knows. Empty for what the
    /// archive says.
    var chance: [UInt8] = []
    /// Nil for what the settings say.
    var warmUp: WarmUp?
    /// The bars of `history`; see `BarHistory.bytes`.
    var history: [UInt8] = []
    /// A saved state; empty for none.
    var saved: [UInt8] = []
    /// Of the last event that was played without it.
    var lastSequence: UInt64 = 0
    /// The block of its tape that it plays first, and events of that which were played without it.
    var block: UInt64
    var place = 0
    /// It is started at once where this is given.
    var start: Start?

    init(_ settings: StrategyRunner.Settings, block: UInt64) {
        let setup = settings.setup
        parameters = setup.parameters.values.map(PlainParameter.init)
        instruments = setup.instruments
        timeFrames = setup.timeFrames
        seed = setup.seed
        warmUpBars = settings.warmUpBars
        warmUpUntil = settings.warmUpUntil
        historyBars = settings.historyBars
        shownKinds = settings.filter?.kinds
        shownFrames = settings.filter?.timeFrames ?? []
        hidden = settings.filter?.hidden ?? []
        longestSlice = settings.longestSlice
        isRemembered = settings.isRemembered
        self.block = block
    }

    func settings(_ manifest: Manifest) -> StrategyRunner.Settings {
        let declarations = manifest.parameters
        let values = Parameters(
            declarations: declarations,
            values: zip(declarations, parameters).map { $1.value($0.kind) })
        var settings = StrategyRunner.Settings(
            setup: StrategySetup(
                parameters: values, instruments: instruments, timeFrames: timeFrames, seed: seed),
            warmUpBars: warmUpBars, historyBars: historyBars)
        settings.warmUpUntil = warmUpUntil
        settings.longestSlice = longestSlice
        settings.isRemembered = isRemembered
        if let kinds = shownKinds {
            settings.filter = EventFilter(kinds: kinds, timeFrames: shownFrames, hidden: hidden)
        }
        return settings
    }
}
