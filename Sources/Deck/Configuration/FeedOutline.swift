package import Market
import StrategyHost

/// What a feed offers, known before any of its events is played.
package struct FeedOutline: Hashable, Sendable {
    package var instruments: [Instrument]
    /// By instrument: the time frames of its bars, in seconds, ascending.
    package var frames: [[UInt32]]
    /// By instrument: which of trades, quotes and levels of depth come, as types of events,
    /// ascending.
    package var ticks: [[UInt8]]
    /// By instrument: who takes its place in the course of the feed; empty where nobody does.
    package var successors: [[InstrumentID]]

    package init(
        instruments: [Instrument], frames: [[UInt32]], ticks: [[UInt8]],
        successors: [[InstrumentID]] = []
    ) {
        self.instruments = instruments
        self.frames = frames
        self.ticks = ticks
        self.successors = successors
    }

    /// What positions in these instruments may become, which are not themselves among them.
    func heirs(of instruments: [InstrumentID]) -> [InstrumentID] {
        var all = instruments
        var place = 0
        while place < all.count, !successors.isEmpty {
            for heir in successors[Int(all[place])] where !all.contains(heir) { all.append(heir) }
            place += 1
        }
        return Array(all.dropFirst(instruments.count))
    }

    /// The ticks that any bar of an instrument can be built from; nil where there are none.
    func barSource(_ instrument: InstrumentID) -> BarBuilder.Source? {
        let types = ticks[Int(instrument)]
        if types.contains(EventKind.trade.rawValue) { return .trades }
        return types.contains(EventKind.quote.rawValue) ? .quotes(.mid) : nil
    }

    package var symbols: [String] { instruments.map(\.symbol) }

    package func instrument(_ symbol: String) -> Instrument? {
        instruments.first { $0.symbol == symbol }
    }

    func unknown(_ symbol: String) -> String {
        let hint = Suggestion.clause(for: symbol, among: symbols)
        let rest = hint.isEmpty ? "; there are \(symbols.prefix(8).joined(separator: ", "))" : hint
        return "the feed has no \"\(symbol)\"\(rest)"
    }

    /// The finest bars that all of these instruments have.
    package func commonTimeFrame(of instruments: [Instrument]) -> UInt32? {
        guard let first = instruments.first else { return nil }
        return frames[Int(first.id)].first { frame in
            instruments.allSatisfy { frames[Int($0.id)].contains(frame) }
        }
    }

    /// The longest bars of the feed that bars of `frame` can be built from, or are; nil where it
    /// has none.
    package func source(ofBars frame: UInt32, _ instrument: InstrumentID) -> UInt32? {
        let frames = frames[Int(instrument)]
        if frames.contains(frame) { return frame }
        return frames.last { $0 < frame && frame.isMultiple(of: $0) }
    }

    /// Why an instrument cannot have bars of this length; nil when it can.
    func problem(ofBars frame: UInt32, _ instrument: Instrument) -> String? {
        let name = TimeFrame(rawValue: frame).description
        guard TimeFrame(rawValue: frame).canBeBuilt else { return "bars of \(name) are not built" }
        if barSource(instrument.id) != nil || source(ofBars: frame, instrument.id) != nil {
            return nil
        }
        let there = frames[Int(instrument.id)].map { TimeFrame(rawValue: $0).description }
        if there.isEmpty { return "the feed has no bars of \(instrument.symbol)" }
        return "\(instrument.symbol) has bars of \(there.joined(separator: ", ")); "
            + "\(name) cannot be built from them"
    }
}
