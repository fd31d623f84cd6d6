package import CTapedeck
import Glibc
package import Kernel
package import Market

/// What a strategy will meet when it takes over: played to it first in a throw-away process.
package struct Rehearsal: Codable, Sendable {
    private let making: PortfolioMaking
    private let parameters: [PlainParameter]
    private let wired: [InstrumentID]
    private let timeFrames: [UInt32]
    private let historyBars: Int
    /// Of the strategy that runs now, encoded; nil for none that it can load.
    private var state: [UInt8]?
    /// The last events of the run, as they lie in memory.
    private var events: [UInt8]

    /// State and events follow as they are: byte by byte they would be long.
    private enum CodingKeys: String, CodingKey {
        case making, parameters, wired, timeFrames, historyBars, stateSize
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        making = try container.decode(PortfolioMaking.self, forKey: .making)
        parameters = try container.decode([PlainParameter].self, forKey: .parameters)
        wired = try container.decode([InstrumentID].self, forKey: .wired)
        timeFrames = try container.decode([UInt32].self, forKey: .timeFrames)
        historyBars = try container.decode(Int.self, forKey: .historyBars)
        let size = try container.decode(Int.self, forKey: .stateSize)
        state = size < 0 ? nil : Array(repeating: 0, count: size)
        events = []
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(making, forKey: .making)
        try container.encode(parameters, forKey: .parameters)
        try container.encode(wired, forKey: .wired)
        try container.encode(timeFrames, forKey: .timeFrames)
        try container.encode(historyBars, forKey: .historyBars)
        try container.encode(state?.count ?? -1, forKey: .stateSize)
    }

    package init(
        settings: PortfolioSettings, parameters: Parameters, instruments: [Instrument],
        wired: [InstrumentID],
        timeFrames: [UInt32], historyBars: Int, state: StrategyState?, events: [Event],
        after sequence: UInt64
    ) {
        making = PortfolioMaking(settings: settings, instruments: instruments)
        self.parameters = parameters.values.map(PlainParameter.init)
        self.wired = wired
        self.timeFrames = timeFrames
        self.historyBars = historyBars
        self.state = state?.encoded
        let following = Self.following(events, after: sequence)
        self.events = unsafe following.withUnsafeBytes { unsafe Array($0) }
    }

    /// The past once more as if it came next: a state that has seen it must not see it twice.
    private static func following(_ events: [Event], after sequence: UInt64) -> [Event] {
        guard let first = events.first, let last = events.last else { return [] }
        let step = max(1, Int64(last.timeframe)) * 1_000_000_000
        return events.map { event in
            var event = event
            event.sequence = event.sequence &- first.sequence &+ sequence &+ 1
            event.time = event.time &+ (last.time &- first.time &+ step)
            return event
        }
    }

    var bytes: [UInt8] {
        get throws {
            let plain = try PlainEncoding.bytes(self)
            let size = unsafe withUnsafeBytes(of: UInt64(plain.count).littleEndian) {
                unsafe Array($0)
            }
            return size + plain + (state ?? []) + events
        }
    }

    static func read(_ path: String) throws -> Rehearsal {
        let bytes = try FileContents.read(path).bytes
        let size = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        guard bytes.count >= 8, size >= 0, size <= bytes.count - 8 else {
            throw RehearsalFailure("its script is damaged")
        }
        var rehearsal = try PlainDecoding.value(Rehearsal.self, from: Array(bytes[8..<8 + size]))
        let stateSize = rehearsal.state?.count ?? 0
        guard stateSize <= bytes.count - 8 - size else {
            throw RehearsalFailure("its script is cut short")
        }
        if rehearsal.state != nil {
            rehearsal.state = Array(bytes[8 + size..<8 + size + stateSize])
        }
        rehearsal.events = Array(bytes[(8 + size + stateSize)...])
        return rehearsal
    }

    /// Creates, loads, starts, plays, and saves.
    /// - Throws: what went wrong, in words.
    func play(_ image: PluginImage, reached: (ProbeStage) -> Void) throws(RehearsalFailure) {
        let declarations = image.manifest.parameters
        guard declarations.count == parameters.count else {
            throw RehearsalFailure("its parameters are others")
        }
        let values = zip(parameters, declarations).map { $0.value($1.kind) }
        let setup = StrategySetup(
            parameters: Parameters(declarations: declarations, values: values), instruments: wired,
            timeFrames: timeFrames, seed: making.settings.seed)
        do {
            let settings = StrategyRunner.Settings(
                setup: setup, warmUpBars: 0, historyBars: min(historyBars, 100_000))
            let runner = try StrategyRunner(
                .host(image), settings: settings, portfolio: making.make())
            if let state {
                reached(.loading)
                try runner.load(StrategyState(decoding: state))
            }
            reached(.beginning)
            let first = firstEvent
            runner.start(
                .upgraded, nextSequence: first.sequence, time: Timestamp(nanoseconds: first.time))
            try check(runner)
            reached(.playing)
            play(runner)
            try check(runner)
            if image.manifest.state != nil {
                reached(.saving)
                _ = try runner.save()
            }
            reached(.destroying)
            runner.destroy()
        } catch {
            throw RehearsalFailure("\(error)")
        }
    }

    private var firstEvent: Event {
        var event = Event()
        guard events.count >= MemoryLayout<Event>.size else { return event }
        unsafe withUnsafeMutableBytes(of: &event) {
            unsafe $0.copyBytes(from: events.prefix(MemoryLayout<Event>.size))
        }
        return event
    }

    private func check(_ runner: StrategyRunner) throws(StrategyFault) {
        if let fault = runner.standing.fault { throw fault }
    }

    private func play(_ runner: any SlotRunner) {
        let count = events.count / MemoryLayout<Event>.size
        guard count > 0 else { return }
        let copies = UnsafeMutablePointer<Event>.allocate(capacity: count)
        let prices = UnsafeMutablePointer<ExactPrices>.allocate(capacity: count)
        defer {
            unsafe copies.deallocate()
            unsafe prices.deallocate()
        }
        // Room for exactly as many bytes as there are.
        _ = unsafe events.withUnsafeBytes {
            unsafe memcpy(copies, $0.baseAddress!, count * MemoryLayout<Event>.size)
        }
        unsafe prices.initialize(
            repeating: ExactPrices(open: 0, high: 0, low: 0, close: 0), count: count)
        let span = unsafe Span(_unsafeStart: copies, count: count)
        var counted = unsafe MutableSpan(_unsafeStart: prices, count: count)
        guard ExactPrices.count(span, in: PriceScales(making.instruments), into: &counted) == nil
        else { return }
        unsafe runner.play(EventRun(events: copies, prices: prices, count: count))
    }

    /// The same in a worker of its own, inside its walls: for what is not to run anywhere else.
    /// - Throws: what went wrong there.
    package func play(in placement: Placement, limits: WorkerLimits) throws(StrategyFault) {
        let declarations = placement.manifest.parameters
        let values = zip(parameters, declarations).map { $0.value($1.kind) }
        let setup = StrategySetup(
            parameters: Parameters(declarations: declarations, values: values), instruments: wired,
            timeFrames: timeFrames, seed: making.settings.seed)
        let settings = StrategyRunner.Settings(
            setup: setup, warmUpBars: 0, historyBars: min(historyBars, 100_000))
        let runner = try WorkerRunner(
            placement, settings: settings, making: making, tape: nil,
            largestBlock: max(1, events.count / MemoryLayout<Event>.size), limits: limits)
        defer { runner.destroy() }
        if let state {
            let saved: StrategyState
            do { saved = try StrategyState(decoding: state) } catch {
                throw WorkerRunner.notStarted("\(error)")
            }
            try runner.load(saved)
        }
        let first = firstEvent
        runner.start(
            .upgraded, nextSequence: first.sequence, time: Timestamp(nanoseconds: first.time))
        play(runner)
        if placement.manifest.state != nil, runner.standing.fault == nil { _ = try runner.save() }
        runner.stop(.end)
        if let fault = runner.standing.fault { throw fault }
    }
}

/// Why a strategy is not fit to take over.
struct RehearsalFailure: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}
