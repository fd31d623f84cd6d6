package import Kernel
import Market

/// The keys of `execution`.
package enum ExecutionKey: String, CaseIterable {
    case fill, touch, queue, intrabar
    case quoteSize = "quote_size"
    case stopTrigger = "stop_trigger"
    case stopBeforeOpen = "stop_before_open"
    case entryBarExits = "entry_bar_exits"
    case slippage
    case slippageOn = "slippage_on"
    case slippageWithinBar = "slippage_within_bar"
    case volumeLimit = "volume_limit"
    case outsideSession = "outside_session"
    case closeAtEnd = "close_at_end"
    /// Read for each instrument by `CommissionSettings`, and by `setHolding`.
    case commission
    case latency
    case borrowFee = "borrow_fee"
    case funding
}

/// The keys of `slippage` in its long form.
package enum SlippageKey: String, CaseIterable {
    case ticks, proportional
    case spreadShare = "spread_share"
    case volumeImpact = "volume_impact"
    case window
}

extension ExecutionSettings {
    /// Overlays what is written.
    package mutating func apply(_ section: ConfigurationSection<ExecutionKey>) {
        section.read(.fill, into: &fill) { $0.choice() }
        section.read(.touch, into: &touch) { $0.choice() }
        section.read(.queue, into: &queue) { $0.choice() }
        section.read(.quoteSize, into: &quoteSize) { $0.choice() }
        section.read(.stopTrigger, into: &stopTrigger) { $0.choice() }
        section.read(.intrabar, into: &intrabar) { $0.choice() }
        section.read(.stopBeforeOpen, into: &stopBeforeOpen) { $0.flag() }
        section.read(.entryBarExits, into: &entryBarExits) { $0.choice() }
        section.read(.slippage, into: &slippage) { Slippage(reading: $0) }
        section.read(.slippageOn, into: &slippageOn) { $0.choice() }
        section.read(.slippageWithinBar, into: &slippageWithinBar) { $0.flag() }
        if let reader = section[.volumeLimit] {
            if reader.isWord("none") {
                volumeLimit = nil
            } else if let rate = reader.rate(from: Rate(perBillion: 1)) {
                volumeLimit = rate
            }
        }
        section.read(.outsideSession, into: &outsideSession) { $0.choice() }
        section.read(.closeAtEnd, into: &closeAtEnd) { $0.flag() }
    }
}

extension ExecutionSettings.Slippage {
    /// `none`, `5bps`, `0.1%`, `2 ticks`, or a block with one kind.
    init?(reading reader: ConfigurationReader) {
        if reader.isBlock {
            guard let section = ConfigurationSection(reader, SlippageKey.self) else { return nil }
            self.init(section)
            return
        }
        let expected =
            "none, a share such as 5bps, a number of ticks such as \"2 ticks\", or a block"
        guard let text = reader.text(expected: expected) else { return nil }
        let words = text.split(separator: " ")
        if text == "none" {
            self = .none
        } else if words.count == 2, ["tick", "ticks"].contains(words[1]),
            let ticks = NumberText.integer(String(words[0])), (0...1_000_000).contains(ticks)
        {
            self = .ticks(Int64(ticks))
        } else if ConfigurationReader.rate(text) != nil {
            guard let rate = reader.rate() else { return nil }
            self = .proportional(rate)
        } else {
            reader.refuse(expected: expected)
            return nil
        }
    }

    private init?(_ section: ConfigurationSection<SlippageKey>) {
        let kinds = section.written.filter { $0 != .window }
        guard kinds.count == 1, let kind = kinds.first, let reader = section[kind] else {
            section.reader.report(
                "slippage needs one of ticks, proportional, spread_share, volume_impact")
            return nil
        }
        if kind != .volumeImpact, let window = section[.window] {
            window.report("window belongs to volume_impact only")
        }
        switch kind {
        case .ticks:
            guard let ticks = reader.integer(in: 0...1_000_000) else { return nil }
            self = .ticks(Int64(ticks))
        case .proportional:
            guard let rate = reader.rate() else { return nil }
            self = .proportional(rate)
        case .spreadShare:
            guard let rate = reader.rate() else { return nil }
            self = .spreadShare(rate)
        case .volumeImpact, .window:
            var window = 20
            section.read(.window, into: &window) { $0.integer(in: 2...100_000) }
            guard let k = reader.number(in: 0...1_000) else { return nil }
            self = .volumeImpact(k: k, window: window)
        }
    }
}

extension ConfigurationReader {
    /// Whether exactly this bare word stands here, as `none` does where a limit may be lifted.
    func isWord(_ word: String) -> Bool {
        if case .scalar(let scalar) = node.content {
            scalar.isPlain && scalar.text == word
        } else {
            false
        }
    }
}
