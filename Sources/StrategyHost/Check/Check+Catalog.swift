extension Check {
    /// Every check, in the order in which they are listed: docs/CHECKER.md describes the same.
    package static let all: [Check] =
        FileChecks.all + LoadChecks.all + ContractChecks.all + DeterminismChecks.all
        + CausalityChecks.all + StateChecks.all + SwapChecks.all + UnloadChecks.all

    package static func named(_ id: String) -> Check? { all.first { $0.id == id } }

    /// Those that a pattern means: an id, or a section (`state`, `state.`, `state.*`).
    package static func matching(_ pattern: String) -> [Check] {
        let stem = pattern.hasSuffix("*") ? String(pattern.dropLast()) : pattern
        return all.filter {
            $0.id == pattern || $0.section.rawValue == stem || "\($0.section.rawValue)." == stem
        }
    }
}
