/// The rules that are held by counts: see `Ratchet`.
enum CountedRules {
    static func ratchet(_ files: [SourceFile]) -> Ratchet {
        var ratchet = Ratchet()
        for file in files {
            if file.isBinary {
                let binary = Finding(path: file.path, line: nil, message: "a binary file")
                ratchet.count("binary", binary)
                continue
            }
            words(file, &ratchet)
            notes(file, &ratchet)
            lengths(file, &ratchet)
        }
        return ratchet
    }

    /// Ways round the compiler, the end of the process, waiting, and reasons thrown away.
    private static func words(_ file: SourceFile, _ ratchet: inout Ratchet) {
        guard file.isSwift else { return }
        let isSource = file.path.hasPrefix("Sources/")
        let tokens = file.tokens
        for i in tokens.indices {
            let next =
                i + 1 < tokens.count && tokens[i + 1].touchesPrevious ? tokens[i + 1].text : ""
            let rule: String? =
                switch (tokens[i].text, next) {
                case ("unsafe", _) where isSource: "unsafe"
                case ("unchecked", _) where i > 0 && tokens[i - 1].text == "@": "@unchecked"
                case ("try", "!"): "try!"
                case ("try", "?") where isSource: "try?"
                case ("fatalError", "("): "fatalError"
                case ("sleep", "("), ("usleep", "("), ("nanosleep", "("): "sleep"
                default: nil
                }
            guard let rule else { continue }
            ratchet.count(rule, Finding(path: file.path, line: tokens[i].line, message: rule))
        }
    }

    /// Spelled apart, or this file would be found.
    static let unfinished = ["TO" + "DO", "FIX" + "ME", "HA" + "CK"]
    static let machinePaths = [
        "/wo" + "rk/", "/ho" + "me/", "/ro" + "ot/", "/Us" + "ers/", "/tmp" + "/td",
    ]

    /// Promises, and paths of somebody's machine, in whatever is text.
    private static func notes(_ file: SourceFile, _ ratchet: inout Ratchet) {
        for word in unfinished {
            for line in file.lines(containing: word, asWord: true) {
                let finding = Finding(path: file.path, line: line, message: word)
                ratchet.count("unfinished", finding)
            }
        }
        for path in machinePaths {
            for line in file.lines(containing: path, asWord: false) {
                let finding = Finding(path: file.path, line: line, message: path)
                ratchet.count("machine-path", finding)
            }
        }
    }

    /// Files of more than 500 lines, functions of more than 60, lines of more than 100 columns,
    /// or 120 with a text in them (but in tests, whose names are sentences); what is above the limit
    /// is counted.
    private static func lengths(_ file: SourceFile, _ ratchet: inout Ratchet) {
        guard ["swift", "c", "cpp", "hpp"].contains(file.suffix) else { return }
        let lines = file.widths.count
        // A header that an author copies is one file, however long.
        if lines > 500, file.suffix != "hpp" {
            let message = "a file of \(lines) lines, the limit is 500"
            ratchet.count(
                "file-lines", Finding(path: file.path, line: nil, message: message),
                weight: lines - 500)
        }
        for function in Functions.of(file) where function.length > 60 {
            let message = "a function of \(function.length) lines, the limit is 60"
            ratchet.count(
                "function-lines", Finding(path: file.path, line: function.line, message: message),
                weight: function.length - 60)
        }
        guard !file.path.hasPrefix("Tests/") else { return }
        let withText = Set(file.lines(containing: "\"", asWord: false))
        for (number, width) in file.widths.enumerated() {
            let limit = withText.contains(number + 1) ? 120 : 100
            guard width > limit else { continue }
            let message = "\(width) columns, the limit is \(limit)"
            ratchet.count(
                "columns", Finding(path: file.path, line: number + 1, message: message))
        }
    }
}
