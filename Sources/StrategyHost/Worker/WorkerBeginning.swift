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
    /// A portfolio's archive that the mirror begins with; empty for a new one.
    var archive: [UInt8] = []
    /// How far the numbers are that its strategy draws: a mirror alone knows. Empty for what the archive says.
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
        self.block = block
    }

    func settings(_ manifest: Manifest) -> StrategyRunner.Settings {
        let declarations = manifest.parameters
        let values = Parameters(
            declarations: declarations, values: zip(declarations, parameters).map { $1.value($0.kind) })
        var settings = StrategyRunner.Settings(
            setup: StrategySetup(parameters: values, instruments: instruments, timeFrames: timeFrames, seed: seed),
            warmUpBars: warmUpBars, historyBars: historyBars)
        settings.warmUpUntil = warmUpUntil
        settings.longestSlice = longestSlice
        if let kinds = shownKinds {
            settings.filter = EventFilter(kinds: kinds, timeFrames: shownFrames, hidden: hidden)
        }
        return settings
    }
}

/// What a worker gives for the one that takes over from it. The host hands it on, and believes nothing of it.
struct WorkerLegacy {
    var chance: [UInt8]
    var history: [UInt8]
    /// The encoded state; empty where none was asked for, or where it cannot be saved.
    var state: [UInt8]
    /// Why it cannot be.
    var failure: String
    /// The state, once it has been looked at.
    var saved: StrategyState?

    /// Each part with its length before it.
    var bytes: [UInt8] {
        var out: [UInt8] = []
        for part in [chance, history, state, Array(failure.utf8)] {
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                out.append(UInt8(truncatingIfNeeded: UInt64(part.count) >> shift))
            }
            out += part
        }
        return out
    }

    init(chance: [UInt8], history: [UInt8], state: [UInt8], failure: String) {
        (self.chance, self.history, self.state, self.failure) = (chance, history, state, failure)
    }

    /// Nil for bytes that are none.
    init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        var parts: [[UInt8]] = []
        while parts.count < 4 {
            guard rest.count >= 8 else { return nil }
            let length = rest.prefix(8).reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
            rest = rest.dropFirst(8)
            guard let count = Int(exactly: length), count <= rest.count else { return nil }
            parts.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        (chance, history, state) = (parts[0], parts[1], parts[2])
        failure = unsafe parts[3].withUnsafeBufferPointer { unsafe LogLines.clean($0, longest: 256) }
    }
}

extension Xoshiro256StarStar {
    /// As it lies in memory, for another process of the same build.
    var bytes: [UInt8] { unsafe withUnsafeBytes(of: self) { unsafe Array($0) } }

    /// Takes what `bytes` gave; what is no such thing changes nothing.
    mutating func take(_ bytes: [UInt8]) {
        unsafe withUnsafeMutableBytes(of: &self) { memory in
            if bytes.count == memory.count { unsafe memory.copyBytes(from: bytes) }
        }
    }
}
