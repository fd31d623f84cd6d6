extension SemanticVersion: Comparable {
    /// Precedence by semver.org 2.0, where builds do not count; here they decide last, so that
    /// equal means equal.
    package static func < (a: SemanticVersion, b: SemanticVersion) -> Bool {
        let (one, two) = ([a.major, a.minor, a.patch], [b.major, b.minor, b.patch])
        if one != two { return one.lexicographicallyPrecedes(two) }
        if a.preRelease != b.preRelease { return precedes(a.preRelease, b.preRelease) }
        return a.build.joined(separator: ".") < b.build.joined(separator: ".")
    }

    private static func precedes(_ a: [String], _ b: [String]) -> Bool {
        // A version comes after all of its previews.
        if a.isEmpty || b.isEmpty { return !a.isEmpty }
        for (one, two) in zip(a, b) where one != two {
            switch (Int(one), Int(two)) {
            case (let one?, let two?): return one < two
            case (_?, nil): return true
            case (nil, _?): return false
            case (nil, nil): return one < two
            }
        }
        return a.count < b.count
    }
}
