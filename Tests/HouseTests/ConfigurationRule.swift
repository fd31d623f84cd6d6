/// Every key that a configuration may hold is explained in `docs/CONFIGURATION.md`.
///
/// Keys are the cases of the enums of `Sources/Deck` whose name ends in `Key` and whose raw value
/// is a text; the guide names a key in backquotes.
enum ConfigurationRule {
    static let guide = "docs/CONFIGURATION.md"

    static func findings(_ repository: Repository) -> [Finding] {
        let keys = repository.files.filter { $0.room == "Deck" }.flatMap(keys)
        guard let first = keys.first else { return [] }
        guard let guide = repository[Self.guide]?.text else {
            return [
                Finding(path: first.path, line: first.line, message: "\(Self.guide) is missing")
            ]
        }
        return keys.filter { !guide.contains("`\($0.message)`") }.map { key in
            Finding(
                path: key.path, line: key.line,
                message: "\(Self.guide) does not explain `\(key.message)`")
        }
    }

    /// The keys a file declares, each as a finding whose message is the key.
    static func keys(_ file: SourceFile) -> [Finding] {
        var keys: [Finding] = []
        var isInEnum = false
        for (number, line) in file.text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "\"") }
            if let at = words.firstIndex(of: "enum"), words.count > at + 2 {
                isInEnum = words[at + 1].hasSuffix("Key") && words[at + 2] == "String"
            } else if isInEnum, words.first == "case" {
                keys += names(line).map {
                    Finding(path: file.path, line: number + 1, message: $0)
                }
            } else if isInEnum, line.hasPrefix("}") {
                isInEnum = false
            }
        }
        return keys
    }

    /// `case a, perShare = "per_share"` declares a and per_share.
    private static func names(_ line: Substring) -> [String] {
        guard let list = line.firstRange(of: "case ") else { return [] }
        return line[list.upperBound...].split(separator: ",").map { part in
            let sides = part.split(separator: "=")
            let name = sides[sides.count - 1].trimming { $0 == " " || $0 == "\"" || $0 == "`" }
            return String(name)
        }
    }
}

extension Substring {
    fileprivate func trimming(_ isTrimmed: (Character) -> Bool) -> Substring {
        var rest = self.drop(while: isTrimmed)
        while let last = rest.last, isTrimmed(last) { rest.removeLast() }
        return rest
    }
}
