package import Market

/// What all checks of one file came to.
package struct CheckReport: Sendable {
    package struct Result: Sendable {
        package var check: Check
        package var outcome: CheckOutcome
    }

    package let path: String
    package let sha256: SHA256.Digest
    /// Nil when the file could not be understood.
    package let manifest: Manifest?
    package let seed: UInt64
    package let seconds: Double
    package let results: [Result]
    /// Why the file is refused as it is; nil when it is not.
    package let refusal: String?

    init(file: CheckedFile, sha256: SHA256.Digest, seed: UInt64, seconds: Double, results: [Result])
    {
        path = file.path
        self.sha256 = sha256
        manifest = file.plugin?.manifest
        self.seed = seed
        self.seconds = seconds
        self.results = results
        refusal = file.refusal?.description
    }

    package var failures: [Result] { results.filter { $0.outcome.verdict == .fail } }
    package var remarks: [Result] { results.filter { $0.outcome.verdict == .remark } }
    package var hasPassed: Bool { failures.isEmpty && refusal == nil }

    package func count(_ verdict: CheckOutcome.Verdict) -> Int {
        results.count { $0.outcome.verdict == verdict }
    }

    package subscript(id: String) -> CheckOutcome? { results.first { $0.check.id == id }?.outcome }

    /// How it leaves a process, as found: `clean`, or what it claims where that was not tried.
    package var unload: String {
        let tried = results.filter { $0.check.section == .unload && $0.outcome.verdict != .skip }
        if tried.contains(where: { $0.outcome.verdict == .fail }) { return "not clean" }
        return tried.isEmpty ? "not tried" : manifest?.unload.rawValue ?? "not tried"
    }

    /// Whether the same events gave the same orders.
    package var deterministic: String {
        if manifest?.isDeterministic == false { return "no, as it says" }
        let tried = results.filter {
            $0.check.section == .determinism && $0.outcome.verdict != .skip
        }
        if tried.contains(where: { $0.outcome.verdict == .fail }) { return "no" }
        return tried.isEmpty ? "not tried" : "yes"
    }

    package var needs: String {
        let names = manifest?.needs.names ?? []
        return names.isEmpty ? "nothing" : names.joined(separator: ", ")
    }
}
