/// Where functions begin and how long they are.
struct Functions {
    struct Function: Hashable {
        var line: Int
        /// From its first word to its closing brace, both lines included.
        var length: Int
    }

    /// Functions, initialisers, subscripts and computed values of Swift; whatever has a body
    /// outside of any other in C.
    static func of(_ file: SourceFile) -> [Function] {
        file.isSwift ? inSwift(file.tokens) : inC(file.tokens)
    }

    private static func inSwift(_ tokens: [Token]) -> [Function] {
        let starts: Set = ["func", "init", "deinit", "subscript", "var"]
        return tokens.indices.compactMap { i in
            guard starts.contains(tokens[i].text),
                i == 0 || ![".", "#"].contains(tokens[i - 1].text),
                let brace = body(tokens, after: i), let end = close(tokens, brace)
            else { return nil }
            return Function(line: tokens[i].line, length: tokens[end].line - tokens[i].line + 1)
        }
    }

    /// The brace that opens the body of what is declared at `start`; nil when there is none, as in
    /// a protocol or a stored value.
    private static func body(_ tokens: [Token], after start: Int) -> Int? {
        let next: Set = [
            "func", "init", "deinit", "subscript", "var", "let", "case", "struct", "class", "enum",
            "extension", "protocol", "import", "typealias", "}",
        ]
        let isValue = tokens[start].text == "var"
        var depth = 0
        for i in (start + 1)..<max(start + 1, tokens.count) {
            switch tokens[i].text {
            case "(", "[": depth += 1
            case ")", "]": depth -= 1
            case "{" where depth == 0: return i
            case let word where depth == 0 && next.contains(word): return nil
            default: break
            }
            if depth < 0 { return nil }
            if isValue, depth == 0, i + 1 < tokens.count, tokens[i + 1].line > tokens[i].line {
                return nil
            }
        }
        return nil
    }

    private static func close(_ tokens: [Token], _ open: Int) -> Int? {
        var depth = 0
        for i in open..<tokens.count {
            if tokens[i].text == "{" { depth += 1 }
            if tokens[i].text == "}" {
                depth -= 1
                if depth == 0 { return i }
            }
        }
        return nil
    }

    private static func inC(_ tokens: [Token]) -> [Function] {
        var functions: [Function] = []
        var i = 0
        while i < tokens.count {
            if tokens[i].text == "{", i > 0, tokens[i - 1].text == ")", let end = close(tokens, i) {
                let length = tokens[end].line - tokens[i].line + 1
                functions.append(Function(line: tokens[i].line, length: length))
                i = end
            }
            i += 1
        }
        return functions
    }
}
