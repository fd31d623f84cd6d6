import CTapedeck
import Glibc
import Market

/// Where one check tries a plug-in: its file, what it is wired to, and the line to whoever started
/// the process.
@safe final class TrialBench {
    let file: PluginFile
    let seed: UInt64
    /// Which of the check's processes this is.
    let process: Int
    /// Whether the kernel watches what is asked of it.
    let isWatched: Bool
    let shape: TrialTape.Shape
    let parameters: Parameters
    /// Whether the place of `on_events` has been said: once is enough.
    private(set) var saidEvents = false
    private let report: Int32
    private let sealed: SealedFile
    let bytes: [UInt8]
    private var lastPlace = ""

    init(
        _ file: PluginFile, _ bytes: [UInt8], seed: UInt64, process: Int, report: Int32,
        isWatched: Bool
    ) throws(CheckOutcome) {
        self.file = file
        self.bytes = bytes
        do throws(PluginRefusal) {
            sealed = try SealedFile(
                bytes: bytes, name: "tapedeck-\(file.digest.description.prefix(16))",
                file: file.path)
        } catch {
            throw .skip(error.what)
        }
        self.seed = seed
        self.process = process
        self.report = report
        self.isWatched = isWatched
        let manifest = file.manifest
        let instruments = Self.instruments(max(1, manifest.instruments.lowerBound))
        parameters = try Self.parameters(manifest, [:], instruments)
        shape = TrialTape.Shape(
            instruments: instruments.count, timeFrames: Self.timeFrames(manifest),
            subscribes: manifest.subscribes,
            warmUpBars: manifest.warmUpBars(parameters))
    }

    // What a strategy is made with when nobody has said.

    static func instruments(_ count: Int) -> [Instrument] {
        (0..<count).map {
            Instrument(
                id: InstrumentID($0), symbol: "TRIAL\($0)",
                currency: Currency(code: "USD", exponent: 6),
                priceExponent: -2, quantityExponent: 0, priceStep: Price(1),
                quantityStep: Quantity(1))
        }
    }

    /// Defaults, and the given ones; where no default is, what is nearest to one.
    static func parameters(
        _ manifest: Manifest, _ given: [String: String], _ instruments: [Instrument]
    ) throws(CheckOutcome) -> Parameters {
        var list: [GivenParameter] = []
        for declaration in manifest.parameters {
            if let text = given[declaration.name] {
                list.append(GivenParameter(name: declaration.name, text: text))
            } else if declaration.standard == nil {
                list.append(
                    GivenParameter(
                        name: declaration.name, text: Self.guess(declaration, instruments)))
            }
        }
        do throws(ParameterProblems) {
            return try manifest.resolve(parameters: list, instruments: instruments)
        } catch {
            throw .skip("no values for its parameters could be made up: \(error)")
        }
    }

    private static func guess(
        _ declaration: ParameterDeclaration, _ instruments: [Instrument]
    ) -> String {
        if let value = declaration.minimum ?? declaration.maximum ?? declaration.allowed.first {
            return value.text
        }
        return switch declaration.kind {
        case .bool: "false"
        case .int, .float: "1"
        case .string: "trial"
        case .choice: declaration.choices.first ?? ""
        case .duration: "1m"
        case .instrument: instruments[0].symbol
        case .file: "/dev/null"
        }
    }

    private static func timeFrames(_ manifest: Manifest) -> [UInt32] {
        switch manifest.timeFrames {
        case .fixed(let frames): return frames
        case .chosenByOperator(let range):
            let count = manifest.subscribes.contains(.bars) ? max(1, range.lowerBound) : 0
            return (0..<count).map { 60 << UInt32($0) }
        }
    }

    var manifest: Manifest { file.manifest }

    func tape(_ seed: UInt64? = nil, steps: Int = 500) -> TrialTape {
        TrialTape(shape, seed: seed ?? self.seed, steps: steps)
    }

    func setup(_ parameters: Parameters? = nil) -> StrategySetup {
        StrategySetup(
            parameters: parameters ?? self.parameters,
            instruments: (0..<shape.instruments).map { InstrumentID($0) },
            timeFrames: shape.timeFrames, seed: seed)
    }

    // Telling where it is.

    func say(_ line: CheckLine) {
        let bytes = Array((line.text + "\n").utf8)
        // Whoever does not listen any more needs no answer.
        _ = unsafe Glibc.write(report, bytes, bytes.count)
    }

    func say(place: String) {
        guard place != lastPlace else { return }
        lastPlace = place
        say(.place(place))
    }

    func say(_ stage: HostContext.Stage) {
        switch stage {
        case .outside: say(place: "between two calls")
        case .events: say(place: "in on_events")
        case .setParameter: say(place: "in set_parameter")
        default: say(place: "in \(stage)")
        }
        saidEvents = stage == .events
    }

    // Opening and making.

    /// Opens the module in this process.
    func open() throws(CheckOutcome) -> PluginImage { try open(sealed) }

    private func open(_ sealed: SealedFile) throws(CheckOutcome) -> PluginImage {
        say(place: "while it was being opened")
        TrialSeal.enter(.opening)
        defer { TrialSeal.enter(.host) }
        do throws(PluginRefusal) {
            return try PluginImage(file: file, sealed: sealed, reasonToStay: nil)
        } catch {
            throw .fail("it cannot be opened: \(error.what)")
        }
    }

    /// The same bytes, opened a second time: another image.
    func secondImage() throws(CheckOutcome) -> PluginImage {
        let copy: SealedFile
        do throws(PluginRefusal) {
            copy = try SealedFile(bytes: bytes, name: "tapedeck-second", file: file.path)
        } catch {
            throw .skip(error.what)
        }
        return try open(copy)
    }

    /// Checks that need the kernel's watch are no checks without it.
    func watched() throws(CheckOutcome) {
        if !isWatched { throw .skip("this system watches no system calls") }
        _ = TrialSeal.takeAsked()
    }

    func instance(
        _ image: PluginImage, _ manner: TrialInstance.Manner = .init(), host: TrialHost? = nil
    ) throws(CheckOutcome) -> TrialInstance {
        try TrialInstance(self, image, manner: manner, host: host ?? self.host())
    }

    func host() -> TrialHost {
        TrialHost(shape, historyBars: min(manifest.historyBars(parameters), 100_000), seed: seed)
    }

    /// An instance that was created with these parameters and started.
    func started(
        _ image: PluginImage, _ manner: TrialInstance.Manner = .init(),
        _ parameters: Parameters? = nil
    ) throws(CheckOutcome) -> TrialInstance {
        let instance = try instance(image, manner)
        let made = try instance.create(setup(parameters))
        if made.status < 0 { throw .fail("create failed with \(made.description)") }
        let started = try instance.start()
        if started.status < 0 { throw .fail("start failed with \(started.description)") }
        return instance
    }

    /// A whole life over a tape: what was done. Fails where the strategy does.
    @discardableResult func live(
        _ image: PluginImage, _ tape: TrialTape, _ manner: TrialInstance.Manner = .init(),
        _ parameters: Parameters? = nil
    ) throws(CheckOutcome) -> TrialHost {
        let instance = try started(image, manner, parameters)
        if case .failed(let words) = try instance.play(tape.events[...]) { throw .fail(words) }
        let stopped = try instance.stop()
        if stopped.status < 0 { throw .fail("stop failed with \(stopped.description)") }
        instance.destroy()
        return instance.host
    }
}
