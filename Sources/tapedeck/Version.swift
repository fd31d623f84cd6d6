/// Tapedeck's own version, part of a run's identity.
enum Version {
    static let current = "0.1.0"
}
