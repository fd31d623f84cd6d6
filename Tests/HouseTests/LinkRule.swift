/// Links of the documents to files of the tree.
enum LinkRule {
    static func findings(_ repository: Repository) -> [Finding] {
        let files = Set(repository.files.map(\.path))
        let folders = Set(
            repository.files.flatMap { file in
                file.components.indices.dropFirst().map {
                    file.components[..<$0].joined(separator: "/")
                }
            })
        return repository.files.filter { $0.suffix == "md" }.flatMap { file in
            targets(file).compactMap { target, line in
                let path = resolve(target, from: file)
                if files.contains(path) || folders.contains(path) || path.isEmpty { return nil }
                return Finding(path: file.path, line: line, message: "no \(path) to link to")
            }
        }
    }

    /// What `](target)` names, without anchors and what lies elsewhere.
    static func targets(_ file: SourceFile) -> [(target: Substring, line: Int)] {
        let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.enumerated().flatMap { number, line in
            line.split(separator: "](").dropFirst().compactMap { rest in
                guard let end = rest.firstIndex(where: { $0 == ")" || $0 == " " }) else {
                    return nil
                }
                let target = rest[..<end].prefix { $0 != "#" }
                guard !target.isEmpty, !target.contains(":") else { return nil }
                return (target, number + 1)
            }
        }
    }

    private static func resolve(_ target: Substring, from file: SourceFile) -> String {
        var path = Array(file.components.dropLast())
        for part in target.split(separator: "/") where part != "." {
            if part == ".." { _ = path.popLast() } else { path.append(part) }
        }
        return path.joined(separator: "/")
    }
}
