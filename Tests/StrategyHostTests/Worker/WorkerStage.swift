import CTapedeck
import Kernel
import Market
import Testing

@testable import StrategyHost

/// Plays fixtures in workers.
enum WorkerStage {
    static func making() -> PortfolioMaking {
        var settings = PortfolioSettings(
            cash: Money(1_000_000_000_000), currency: Currency(code: "USD", exponent: 6),
            instrumentCount: TestTape.instruments.count)
        settings.allowShort = true
        settings.leverage = Rate(perBillion: 2_000_000_000)
        settings.seed = 42
        return PortfolioMaking(settings: settings, instruments: TestTape.instruments)
    }

    static func settings(
        _ module: StagedModule, _ parameters: [String: String]
    ) throws -> StrategyRunner.Settings {
        let given = parameters.sorted { $0.key < $1.key }.map {
            GivenParameter(name: $0.key, text: $0.value)
        }
        let values = try module.file.manifest.resolve(
            parameters: given, instruments: TestTape.instruments)
        return StrategyRunner.Settings(
            setup: StrategySetup(parameters: values, instruments: [0], timeFrames: [60], seed: 1),
            warmUpBars: 0,
            historyBars: module.file.manifest.historyBars(values))
    }

    static func runner(
        _ parameters: [String: String] = [:], isSealed: Bool = false, tape: SharedTape? = nil,
        source: String = "wild.c",
        isRemembered: Bool = false, limits change: (inout WorkerLimits) -> Void = { _ in }
    ) throws -> WorkerRunner {
        let module = try StagedModule.read(Fixture.module(source))
        var limits = WorkerLimits()
        limits.callTime = 100_000_000
        change(&limits)
        var settings = try settings(module, parameters)
        settings.isRemembered = isRemembered
        return try WorkerRunner(
            isSealed ? .sealed(module) : .worker(module), settings: settings, making: making(),
            tape: tape, largestBlock: 4096, limits: limits)
    }

    /// Publishes a tape in blocks and lets the runner play each at once.
    static func play(
        _ runner: WorkerRunner, _ shared: SharedTape?, _ tape: TestTape, block length: Int = 64,
        between: (Int) throws -> Void = { _ in }
    ) throws {
        if runner.standing == .created {
            runner.start(.fresh, nextSequence: 1, time: Timestamp(nanoseconds: TestTape.start))
        }
        var index = 0
        while index < tape.count {
            let run = tape.run(index..<min(tape.count, index + length))
            if let shared, let room = shared.reserve(run.count) {
                room.events.update(from: run.events, count: run.count)
                room.prices.update(from: run.prices, count: run.count)
                shared.publish(count: run.count)
                runner.play(shared.block(shared.published - 1))
            } else {
                runner.play(run)
            }
            index += run.count
            try between(index)
        }
        runner.portfolio.finish()
        runner.stop(.end)
    }

    /// What the same strategy comes to in this process.
    static func hostDigest(_ parameters: [String: String], _ tape: TestTape) throws -> String {
        let module = try StagedModule.read(Fixture.module("wild.c"))
        let image = try PluginStore(probe: nil).open(Fixture.module("wild.c"))
        let runner = try StrategyRunner(
            .host(image), settings: settings(module, parameters), portfolio: making().make())
        return Stage.play(runner, tape).digest
    }
}
