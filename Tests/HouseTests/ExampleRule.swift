/// Every folder of `examples` is built by a test: a test names it, or walks through all of them.
enum ExampleRule {
    static func findings(_ repository: Repository) -> [Finding] {
        let folders = Set(
            repository.files.compactMap { file -> String? in
                let parts = file.components
                return parts.count > 2 && parts[0] == "examples" ? String(parts[1]) : nil
            })
        guard !folders.isEmpty else { return [] }
        let tests = repository.files.filter {
            $0.path.hasPrefix("Tests/") && !$0.path.hasPrefix("Tests/HouseTests/") && $0.isSwift
        }.map(\.text)
        if tests.contains(where: { $0.contains("\"examples\"") }) { return [] }
        return folders.sorted().filter { folder in
            !tests.contains { $0.contains("examples/" + folder) }
        }
        .map { Finding(path: "examples/" + $0, line: nil, message: "no test builds it") }
    }
}
