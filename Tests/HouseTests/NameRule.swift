/// Names that say nothing, and instances that everybody may reach.
enum NameRule {
    static let banned: Set = [
        "Core", "Common", "Util", "Utils", "Utility", "Utilities", "Manager", "Helper", "Helpers",
        "Service", "Services",
    ]
    private static let kinds: Set = ["struct", "class", "enum", "actor", "protocol", "typealias"]

    static func findings(_ file: SourceFile) -> [Finding] {
        inPath(file) + inTypes(file) + singletons(file)
    }

    private static func inPath(_ file: SourceFile) -> [Finding] {
        file.components.flatMap { words(String($0)) }.filter(banned.contains).map {
            Finding(path: file.path, line: nil, message: "a file or folder is named \($0)")
        }
    }

    private static func inTypes(_ file: SourceFile) -> [Finding] {
        let tokens = file.tokens
        return tokens.indices.dropLast().flatMap { i -> [Finding] in
            guard kinds.contains(tokens[i].text) else { return [] }
            let name = tokens[i + 1]
            return words(name.text).filter(banned.contains).map {
                Finding(path: file.path, line: name.line, message: "\(name.text) is named \($0)")
            }
        }
    }

    private static func singletons(_ file: SourceFile) -> [Finding] {
        let tokens = file.tokens
        return tokens.indices.dropLast(2).compactMap { i in
            guard tokens[i].text == "static", ["let", "var"].contains(tokens[i + 1].text),
                tokens[i + 2].text == "shared"
            else { return nil }
            return Finding(path: file.path, line: tokens[i].line, message: "a shared singleton")
        }
    }

    /// `RunManager_v2.swift` is Run, Manager, v2, swift; a lower-case first letter is raised.
    static func words(_ name: String) -> [String] {
        var words: [String] = []
        var previous: Character = " "
        for c in name {
            let isInWord = c.isLetter || c.isNumber
            let startsWord =
                isInWord
                && (!(previous.isLetter || previous.isNumber)
                    || (c.isUppercase && !previous.isUppercase))
            if startsWord {
                words.append(c.uppercased())
            } else if isInWord {
                words[words.count - 1].append(c)
            }
            previous = c
        }
        return words
    }
}
