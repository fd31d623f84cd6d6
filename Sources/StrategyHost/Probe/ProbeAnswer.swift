import CLinux
import Glibc
import Kernel
import Market

/// The probing process's side: opens, makes, destroys and closes one plug-in, and writes down each
/// step before it is taken.
package enum ProbeAnswer {
    /// Tries the plug-in at `path`, and writes what happens to the descriptor `report`.
    /// - Returns: the exit status.
    /// - Parameter rehearsal: where it is written what to try it with; nil for its defaults.
    package static func serve(path: String, report: Int32, rehearsal: String? = nil) -> Int32 {
        linux_end_with_parent()
        limitResources()
        let work = Work(path: path, report: report, rehearsal: rehearsal)
        let before = ProcessThreads.count
        // On a thread of its own, whose end runs what the plug-in left to be done at a thread's
        // end.
        guard TrialThread.run({ work.run(threads: before + 1) }) else { return 1 }
        work.write(.stage(.finished))
        return 0
    }

    /// No core file, no endless file, and an end to endless loops even when the parent is gone.
    private static func limitResources() {
        for (resource, limit) in [
            (RLIMIT_CORE, 0), (RLIMIT_FSIZE, FileContents.largest), (RLIMIT_CPU, 60),
        ] {
            var limits = rlimit(rlim_cur: rlim_t(limit), rlim_max: rlim_t(limit))
            unsafe setrlimit(Int32(resource.rawValue), &limits)
        }
    }

    private struct Work {
        let path: String
        let report: Int32
        let rehearsal: String?

        func write(_ line: ProbeLine) {
            let bytes = Array((line.text + "\n").utf8)
            // A parent that does not listen any more needs no answer.
            _ = unsafe Glibc.write(report, bytes, bytes.count)
        }

        func run(threads: Int) {
            write(.stage(.opening))
            let store = PluginStore(probe: nil)
            let image: PluginImage
            do {
                image = try store.open(path)
            } catch {
                write(
                    .refused(
                        error.cause, error.what + (error.advice.isEmpty ? "" : " - \(error.advice)")
                    ))
                write(.stage(.finished))
                return
            }
            write(.stage(.creating))
            if let rehearsal { rehearse(image, rehearsal) } else { make(image) }
            write(.stage(.closing))
            let report = store.close(image, expectingThreads: threads)
            if case .pinned(let reasons) = report.outcome {
                write(.stays(reasons.joined(separator: "; ")))
            }
            write(.stage(.leaving))
        }

        private func rehearse(_ image: PluginImage, _ path: String) {
            do {
                try Rehearsal.read(path).play(image) { write(.stage($0)) }
                write(.created)
            } catch {
                write(.unfit("\(error)"))
            }
        }

        private func make(_ image: PluginImage) {
            let instruments = ProbeMarket.instruments(
                count: max(1, image.manifest.instruments.lowerBound))
            let parameters: Parameters
            do {
                parameters = try ProbeMarket.parameters(image.manifest, instruments)
            } catch {
                write(.notCreated(error.description))
                return
            }
            let setup = StrategySetup(
                parameters: parameters, instruments: instruments.map(\.id),
                timeFrames: ProbeMarket.timeFrames(image.manifest), seed: 1)
            let settings = StrategyRunner.Settings(
                setup: setup, warmUpBars: 0,
                historyBars: min(image.manifest.historyBars(parameters), 100_000))
            do throws(StrategyFault) {
                let runner = try StrategyRunner(
                    .host(image), settings: settings, portfolio: ProbeMarket.portfolio(instruments))
                write(.created)
                write(.stage(.destroying))
                runner.destroy()
            } catch {
                write(.createFailed(error.description))
            }
        }
    }
}

/// What a strategy is made with when nobody has said.
private enum ProbeMarket {
    static func instruments(count: Int) -> [Instrument] {
        (0..<count).map {
            Instrument(
                id: InstrumentID($0), symbol: "PROBE\($0)",
                currency: Currency(code: "USD", exponent: 6),
                priceExponent: -2, quantityExponent: -2, priceStep: Price(1),
                quantityStep: Quantity(1))
        }
    }

    static func portfolio(_ instruments: [Instrument]) -> Portfolio {
        let currency = Currency(code: "USD", exponent: 6)
        return Portfolio(
            settings: PortfolioSettings(
                cash: Money(100_000_000_000), currency: currency, instrumentCount: instruments.count
            ),
            instruments: instruments)
    }

    /// Defaults; an instrument where one must be named.
    static func parameters(
        _ manifest: Manifest, _ instruments: [Instrument]
    ) throws(ParameterProblems) -> Parameters {
        let given = manifest.parameters.filter { $0.kind == .instrument }.map {
            GivenParameter(name: $0.name, text: instruments[0].symbol)
        }
        return try manifest.resolve(parameters: given, instruments: instruments)
    }

    static func timeFrames(_ manifest: Manifest) -> [UInt32] {
        switch manifest.timeFrames {
        case .fixed(let frames): return frames
        case .chosenByOperator(let range):
            let count = manifest.subscribes.contains(.bars) ? max(1, range.lowerBound) : 0
            return (0..<count).map { 60 << UInt32($0) }
        }
    }
}
