/// A version by semver.org 2.0: `1.2.0-rc.1+build5`.
package struct SemanticVersion: Hashable, Sendable, CustomStringConvertible {
    package var major: Int
    package var minor: Int
    package var patch: Int
    package var preRelease: [String] = []
    package var build: [String] = []

    package init(major: Int, minor: Int, patch: Int) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// Nil when the text is not a version.
    package init?(_ text: String) {
        var rest = Substring(text)
        if let plus = rest.firstIndex(of: "+") {
            guard
                let parts = Self.identifiers(
                    rest[rest.index(after: plus)...], numbersMayBeginWithZero: true)
            else { return nil }
            build = parts
            rest = rest[..<plus]
        }
        if let dash = rest.firstIndex(of: "-") {
            guard
                let parts = Self.identifiers(
                    rest[rest.index(after: dash)...], numbersMayBeginWithZero: false)
            else { return nil }
            preRelease = parts
            rest = rest[..<dash]
        }
        let numbers = rest.split(separator: ".", omittingEmptySubsequences: false).map(Self.number)
        guard numbers.count == 3, let major = numbers[0], let minor = numbers[1],
            let patch = numbers[2]
        else { return nil }
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    package var description: String {
        "\(major).\(minor).\(patch)"
            + (preRelease.isEmpty ? "" : "-" + preRelease.joined(separator: "."))
            + (build.isEmpty ? "" : "+" + build.joined(separator: "."))
    }

    private static func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            text.count == 1 || text.first != "0"
        else { return nil }
        return Int(text)
    }

    private static func identifiers(_ text: Substring, numbersMayBeginWithZero: Bool) -> [String]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        for part in parts {
            guard !part.isEmpty, part.utf8.allSatisfy(isIdentifierByte) else { return nil }
            let isNumber = part.utf8.allSatisfy { (0x30...0x39).contains($0) }
            if isNumber, !numbersMayBeginWithZero, part.count > 1, part.first == "0" { return nil }
        }
        return parts.map(String.init)
    }

    private static func isIdentifierByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D: true
        default: false
        }
    }
}
