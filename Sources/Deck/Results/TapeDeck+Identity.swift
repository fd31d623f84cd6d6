import Feeds
import Journal
import Kernel
import Market
import StrategyHost

extension TapeDeck {
    var identity: RunIdentity {
        RunIdentity(
            kind: options.kind, configurationPath: configuration.path,
            configuration: configuration.text,
            configurationDigest: configuration.digest, source: tape.contents.source,
            tapeDigest: tape.header.digest.description, isSynthetic: tape.contents.isSynthetic,
            seed: configuration.seed,
            version: options.version)
    }

    /// What a run's promises are tested with: the tape, the seed, and for each slot its plug-in and
    /// all that it did. The configuration acts through the slots alone, so that its comments, and
    /// how many lanes it asks for, leave the digest as it is.
    func digest(_ identity: RunIdentity) -> String {
        var hash = SHA256()
        var lines = ["tapedeck", identity.tapeDigest, "\(identity.seed)"]
        for slot in allSlots {
            lines += [
                slot.plan.name, slot.plan.plugin.digest.description,
                slot.runner.portfolio.digest.text,
            ]
        }
        for line in lines { hash.update(Array((line + "\n").utf8)) }
        return hash.finished().description
    }
}
