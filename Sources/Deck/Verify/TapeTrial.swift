package import CTapedeck
package import Feeds
import Market
package import StrategyHost

/// Plays a configuration again and again: over tapes that are not its own, and in other steps.
package struct TapeTrial {
    package let configuration: DeckConfiguration
    package let plugins: PluginStore

    /// What one play came to.
    package struct Outcome: Sendable {
        package var logs: [DecisionLog]
        package var result: RunResult
        /// By slot: why its strategy was stopped.
        package var faults: [StrategyFault?]
    }

    package init(_ configuration: DeckConfiguration, plugins: PluginStore) {
        self.configuration = configuration
        self.plugins = plugins
    }

    /// A block that holds everything.
    package static let wholeBlock = 1 << 20

    /// - Parameters:
    ///   - tape: instead of the configuration's own; with the same instruments.
    ///   - configure: changes what is played.
    package func play(
        _ tape: TapeFile? = nil, blockSize: Int = wholeBlock, lanes: Int = 1,
        stop: StopSwitch = StopSwitch(),
        _ configure: (inout DeckConfiguration) -> Void = { _ in }
    ) throws(DeckFailure) -> Outcome {
        var configuration = configuration
        if let tape { configuration.open.tape = tape }
        configure(&configuration)
        // Nothing that is played again is recorded again.
        configuration.feed.record = nil
        var options = PlayOptions()
        options.blockSize = max(1, min(blockSize, configuration.open.tape.count))
        options.lanes = lanes
        let deck = try TapeDeck(configuration, plugins: plugins, options: options)
        let keeper = DecisionKeeper()
        let result = try deck.play(into: keeper, stop: stop)
        return Outcome(
            logs: keeper.logs { deck.slots[$0].runner.plotNames }, result: result,
            faults: deck.slots.map { $0.runner.standing.fault })
    }
}

extension TapeFile {
    /// A tape of these events in memory, with the instruments of this one.
    package func remade(_ events: [Event], name: String = "altered") throws(DeckFailure) -> TapeFile
    {
        do {
            let writer = try TapeWriter(.memory(name), isDurable: false)
            try writer.append(events)
            var contents = contents
            contents.label = name
            return try writer.finish(contents)
        } catch {
            throw DeckFailure(error.description)
        }
    }
}
