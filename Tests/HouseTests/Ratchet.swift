/// What should not be there, but is, counted by rule and file: a count may only fall.
///
/// `allow-list.txt` holds a line `count rule path` for each; the lists of the tree and of the file
/// must be equal, so that whoever mends something also writes it down.
struct Ratchet: Equatable {
    struct Key: Hashable, Comparable {
        var path: String
        var rule: String
        static func < (a: Key, b: Key) -> Bool { (a.path, a.rule) < (b.path, b.rule) }
    }

    private(set) var counts: [Key: Int] = [:]
    /// Lines that say what is counted; for the file that was read, the line that allows it.
    private(set) var places: [Key: [Finding]] = [:]

    /// Counts `weight` for something found.
    mutating func count(_ rule: String, _ finding: Finding, weight: Int = 1) {
        let key = Key(path: finding.path, rule: rule)
        counts[key, default: 0] += weight
        places[key, default: []].append(finding)
    }

    static let listPath = "Tests/HouseTests/allow-list.txt"

    /// Reads the list; lines that cannot be read are findings.
    static func read(_ file: SourceFile) -> (Ratchet, [Finding]) {
        var ratchet = Ratchet()
        var findings: [Finding] = []
        for (number, line) in file.text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated() where !line.isEmpty && !line.hasPrefix("#")
        {
            let parts = line.split(separator: " ", maxSplits: 2)
            let here = Finding(path: file.path, line: number + 1, message: String(line))
            guard parts.count == 3, let count = Int(parts[0]), count > 0 else {
                findings.append(
                    Finding(
                        path: file.path, line: number + 1, message: "expected: count rule path"))
                continue
            }
            let key = Key(path: String(parts[2]), rule: String(parts[1]))
            if ratchet.counts[key] != nil {
                findings.append(Finding(path: file.path, line: number + 1, message: "listed twice"))
            }
            ratchet.counts[key] = count
            ratchet.places[key] = [here]
        }
        return (ratchet, findings)
    }

    /// Where the tree and the list differ, with the line to write.
    static func findings(tree: Ratchet, list: Ratchet) -> [Finding] {
        Set(tree.counts.keys).union(list.counts.keys).sorted().flatMap { key -> [Finding] in
            let (now, allowed) = (tree.counts[key] ?? 0, list.counts[key] ?? 0)
            if now > allowed { return [tooMany(key, now, allowed, tree.places[key] ?? [])] }
            guard now < allowed else { return [] }
            let line = list.places[key]?.first?.line
            let advice =
                now == 0 ? "remove this line" : "lower this to: \(now) \(key.rule) \(key.path)"
            return [Finding(path: listPath, line: line, message: advice)]
        }
    }

    private static func tooMany(
        _ key: Key, _ now: Int, _ allowed: Int, _ places: [Finding]
    ) -> Finding {
        let what = places.map(\.message).first ?? ""
        let lines = places.compactMap(\.line).prefix(20).map(String.init).joined(separator: ", ")
        return Finding(
            path: key.path, line: places.first?.line,
            message: "\(key.rule) \(now), \(allowed) allowed: \(what)"
                + (lines.isEmpty ? "" : "; lines \(lines)"))
    }

    /// The list that would allow exactly what is there.
    var text: String {
        counts.keys.sorted().map { "\(counts[$0] ?? 0) \($0.rule) \($0.path)\n" }.joined()
    }
}
