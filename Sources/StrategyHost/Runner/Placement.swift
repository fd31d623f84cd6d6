package import Market

/// Where a strategy's code runs. A slot holds a `StrategyRunner` and does not ask.
package enum Placement: Sendable {
    /// In this process: fast, and trusted.
    case host(PluginImage)

    package var manifest: Manifest {
        switch self {
        case .host(let image): image.manifest
        }
    }

    /// Of the plug-in's file.
    package var digest: SHA256.Digest {
        switch self {
        case .host(let image): image.digest
        }
    }
}
