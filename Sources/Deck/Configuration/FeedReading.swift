package import Feeds
import Market

/// The keys of `feed`.
package enum FeedKey: String, CaseIterable {
    case source, path, speed, from, to
    case policy, calendar
    case timeZone = "time_zone"
    case stamp, timeframe, columns, splits
    case start, sessions, correlation
    case record
}

/// What `feed.source` can say.
private enum SourceWord: String, CaseIterable {
    case csv, tape, synthetic, binance, coinbase, alpaca
}

/// Makes the feed's plan and opens it.
struct FeedReading {
    let section: ConfigurationSection<FeedKey>
    let assets: [AssetReading]
    let base: PathBase
    let seed: UInt64
    let progress: @Sendable (FeedProgress) -> Bool

    init?(
        _ reader: ConfigurationReader, assets: [AssetReading], base: PathBase, seed: UInt64,
        progress: @escaping @Sendable (FeedProgress) -> Bool
    ) {
        guard let section = ConfigurationSection(reader, FeedKey.self) else { return nil }
        self.section = section
        self.assets = assets
        self.base = base
        self.seed = seed
        self.progress = progress
    }

    /// Nil where a problem was reported.
    func open() -> (plan: FeedPlan, feed: OpenFeed, outline: FeedOutline)? {
        guard let reader = section.required(.source), let word = reader.choice(SourceWord.self)
        else { return nil }
        refuseForeignKeys(word)
        guard let (source, feed) = open(word, reader) else { return nil }
        var plan = FeedPlan(source: source)
        readSpan(&plan, feed.tape)
        if let record = section[.record],
            let path = record.string(expected: "the path of a tape to be written")
        {
            plan.record = base.path(path, record)
            if case .tape(plan.record) = plan.source {
                record.report("record names the tape that is played")
            }
        }
        return (plan, feed, overlay(on: FeedOutline(feed.tape)))
    }

    private func open(
        _ word: SourceWord, _ reader: ConfigurationReader
    ) -> (FeedPlan.Source, OpenFeed)? {
        switch word {
        case .tape: return openTape()
        case .csv: return openFiles()
        case .synthetic: return openMarket()
        case .binance, .coinbase, .alpaca:
            reader.report("\(word.rawValue) is not available yet")
            return nil
        }
    }

    /// A key that this source does not read would do nothing.
    private func refuseForeignKeys(_ word: SourceWord) {
        let ofFiles: [FeedKey] = [.policy, .timeZone, .stamp, .columns, .splits]
        let ofMarkets: [FeedKey] = [.start, .sessions, .correlation]
        for key in ofFiles where word != .csv {
            section[key]?.report("\(key.rawValue) belongs to source: csv")
        }
        for key in ofMarkets where word != .synthetic {
            section[key]?.report("\(key.rawValue) belongs to source: synthetic")
        }
        for key in [FeedKey.calendar, .timeframe] where word == .tape {
            section[key]?.report("a tape has its own \(key.rawValue)")
        }
        if word == .synthetic {
            section[.path]?.report("path belongs to source: csv and source: tape")
        }
        for asset in assets where word != .csv { asset.path?.report("path belongs to source: csv") }
    }

    private func openTape() -> (FeedPlan.Source, OpenFeed)? {
        guard let reader = section.required(.path),
            let text = reader.string(expected: "the path of a tape")
        else {
            return nil
        }
        do {
            let path = base.path(text, reader)
            return (.tape(path), OpenFeed(tape: try TapeFile(path), reports: []))
        } catch {
            reader.report(error.description)
            return nil
        }
    }

    private func readSpan(_ plan: inout FeedPlan, _ tape: TapeFile) {
        section.read(.speed, into: &plan.speed) { $0.speed() }
        section.read(.from, into: &plan.from) { $0.timestamp() }
        section.read(.to, into: &plan.to) { $0.timestamp() }
        if let from = plan.from, let to = plan.to, from >= to {
            section[.to]?.report("to must be after from")
        } else if tape.count > 0 {
            let (first, last) = (tape.header.firstTime, tape.header.lastTime)
            if let from = plan.from, from.rawValue > last { report(.from, "after", last) }
            if let to = plan.to, to.rawValue <= first { report(.to, "before", first) }
        }
    }

    private func report(_ key: FeedKey, _ side: String, _ time: Int64) {
        let end = key == .from ? "the last event" : "the first event"
        section[key]?.report(
            "\(key.rawValue) is \(side) \(end), which is at \(TimeText.string(Timestamp(nanoseconds: time)))"
        )
    }

    /// What the assets say about instruments, laid over what the feed says.
    private func overlay(on outline: FeedOutline) -> FeedOutline {
        var outline = outline
        for asset in assets {
            guard let index = outline.instruments.firstIndex(where: { $0.symbol == asset.symbol })
            else {
                asset.reader.report(outline.unknown(asset.symbol))
                continue
            }
            outline.instruments[index] = asset.overlay(on: outline.instruments[index])
        }
        return outline
    }
}

extension FeedOutline {
    /// Of a tape, by its table of series.
    package init(_ file: TapeFile) {
        let instruments = file.contents.instruments
        self.init(
            instruments: instruments, frames: instruments.map { _ in [] },
            ticks: instruments.map { _ in [] })
        for series in file.header.series where Int(series.instrument) < instruments.count {
            switch EventKind(rawValue: series.type) {
            case .bar: frames[Int(series.instrument)].append(series.timeframe)
            case .trade, .quote, .depth: ticks[Int(series.instrument)].append(series.type)
            default: break
            }
        }
        successors = instruments.map { _ in [] }
        for succession in file.successions {
            successors[Int(succession.old)].append(succession.new)
        }
        for index in frames.indices {
            frames[index].sort()
            ticks[index].sort()
        }
    }
}

extension ConfigurationReader {
    /// `max`, `live`, or `60x`.
    fileprivate func speed() -> FeedPlan.Speed? {
        let expected = "max, live, or a multiple such as 60x"
        guard let text = text(expected: expected) else { return nil }
        if text == "max" { return .maximum }
        if text == "live" { return .times(1) }
        guard text.hasSuffix("x"), let times = NumberText.double(String(text.dropLast())),
            times > 0, times <= 1e9
        else {
            refuse(expected: expected)
            return nil
        }
        return .times(times)
    }
}
