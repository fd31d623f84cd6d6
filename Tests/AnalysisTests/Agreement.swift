/// Equal to `tolerance` relative to what is expected; nothing equals nothing.
func agrees(_ found: Double?, _ expected: Double?, _ tolerance: Double) -> Bool {
    guard let found, let expected else { return found == nil && expected == nil }
    return found == expected || abs(found - expected) <= tolerance * abs(expected)
}
