/// The list `plugins.trusted` of a configuration, changed in its text: comments, order and blank
/// lines stay as they are.
package struct TrustedList {
    private var lines: [String]

    /// Why a text cannot be changed by itself; with the lines that a person can write.
    package struct Failure: Error, Hashable, CustomStringConvertible {
        package var description: String
    }

    package init(_ text: String) {
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    package var text: String { lines.joined(separator: "\n") }

    private static func entry(_ id: String, _ sha256: String) -> String {
        "- { id: \(id), sha256: \(sha256) }"
    }

    /// What a person writes who does it by hand.
    package static func block(_ id: String, _ sha256: String) -> String {
        "plugins:\n  trusted:\n    \(entry(id, sha256))"
    }

    /// Pins the hash of `id`: changes its entry, or adds one.
    /// - Returns: whether there was no list before: from now on only what is in it runs inside the
    ///   host.
    package mutating func pin(_ id: String, _ sha256: String) throws(Failure) -> Bool {
        guard
            let section = try block("plugins", within: lines.startIndex..<lines.endIndex, indent: 0)
        else {
            let isEmpty = lines.allSatisfy { $0.isEmpty }
            while lines.last?.isEmpty == true { lines.removeLast() }
            if !isEmpty { lines.append("") }
            lines += Self.block(id, sha256).split(separator: "\n").map(String.init) + [""]
            return true
        }
        let inner = indent(of: section) ?? 2
        guard let list = try block("trusted", within: section, indent: inner) else {
            let space = String(repeating: " ", count: inner)
            lines.insert(
                contentsOf: ["\(space)trusted:", "\(space)  \(Self.entry(id, sha256))"],
                at: end(of: section))
            return true
        }
        let space = String(repeating: " ", count: indent(of: list) ?? inner + 2)
        // `trusted: []`, which is a list in one line, gets its first entry.
        let head = lines[list.lowerBound - 1]
        if let empty = head.firstRange(of: " []") {
            lines[list.lowerBound - 1].removeSubrange(empty)
        }
        for item in items(list) where names(item, id) {
            let comment = comment(item)
            lines.replaceSubrange(item, with: [space + Self.entry(id, sha256) + comment])
            return false
        }
        lines.insert(space + Self.entry(id, sha256), at: end(of: list))
        return false
    }

    /// Takes the entries of `id` away.
    /// - Returns: whether there was any.
    package mutating func revoke(_ id: String) throws(Failure) -> Bool {
        guard
            let section = try block(
                "plugins", within: lines.startIndex..<lines.endIndex, indent: 0),
            let list = try block("trusted", within: section, indent: indent(of: section) ?? 2)
        else { return false }
        let all = items(list)
        let found = all.filter { names($0, id) }
        for item in found.reversed() { lines.removeSubrange(item) }
        // An empty list trusts nothing; no list would trust everything.
        if !found.isEmpty, found.count == all.count {
            let head = lines[list.lowerBound - 1]
            lines[list.lowerBound - 1] =
                head.prefix { $0 != ":" } + ": []" + head.drop { $0 != ":" }.dropFirst()
        }
        return !found.isEmpty
    }

    // The text, as far as it has to be understood.

    private static func depth(_ line: String) -> Int { line.prefix { $0 == " " }.count }

    private static func isBlank(_ line: String) -> Bool {
        let rest = line.drop { $0 == " " || $0 == "\t" }
        return rest.isEmpty || rest.first == "#"
    }

    /// The lines behind `key:`; nil when there is no such key.
    private func block(
        _ key: String, within range: Range<Int>, indent: Int
    ) throws(Failure) -> Range<Int>? {
        guard
            let start = range.first(where: { index in
                Self.depth(lines[index]) == indent
                    && lines[index].dropFirst(indent).hasPrefix("\(key):")
            })
        else { return nil }
        let value = lines[start].dropFirst(indent + key.count + 1).drop { $0 == " " }
        guard value.isEmpty || value.first == "#" || value.hasPrefix("[]") else {
            throw Failure(description: "\(key) is written in one line (line \(start + 1))")
        }
        var end = start + 1
        while end < range.upperBound,
            Self.isBlank(lines[end]) || Self.depth(lines[end]) > indent
                || (key == "trusted" && Self.depth(lines[end]) == indent
                    && lines[end].dropFirst(indent).hasPrefix("- "))
        {
            end += 1
        }
        return start + 1..<end
    }

    private func indent(of block: Range<Int>) -> Int? {
        block.first { !Self.isBlank(lines[$0]) }.map { Self.depth(lines[$0]) }
    }

    /// Behind the last line that says something: comments and blank lines after it belong to what
    /// follows.
    private func end(of block: Range<Int>) -> Int {
        (block.last { !Self.isBlank(lines[$0]) } ?? block.lowerBound - 1) + 1
    }

    /// Each entry's lines.
    private func items(_ list: Range<Int>) -> [Range<Int>] {
        let space = indent(of: list) ?? 0
        let starts = list.filter {
            Self.depth(lines[$0]) == space && lines[$0].dropFirst(space).hasPrefix("-")
        }
        return starts.enumerated().map { place, start in
            let next = place + 1 < starts.count ? starts[place + 1] : end(of: list)
            return start..<((start..<next).last { !Self.isBlank(lines[$0]) } ?? start) + 1
        }
    }

    /// Whether an entry is that of `id`, in any of the ways in which it may be written.
    private func names(_ item: Range<Int>, _ id: String) -> Bool {
        let separators: Set<Character> = [" ", ",", "{", "}", "\"", "'", "\t"]
        let words = item.flatMap { index in
            lines[index].prefix { $0 != "#" }.split(whereSeparator: separators.contains).map(
                String.init)
        }
        return zip(words, words.dropFirst()).contains { $0 == "id:" && $1 == id }
    }

    private func comment(_ item: Range<Int>) -> String {
        guard let last = lines[item].last, let place = last.firstIndex(of: "#") else { return "" }
        return "  " + last[place...]
    }
}
