import Deck
import Testing

/// The tree of `text` in one line, or its problems, one a line.
private func read(_ text: String) -> String {
    read(bytes: Array(text.utf8))
}

private func read(bytes: [UInt8]) -> String {
    let problems = ProblemList(file: "f.yaml")
    guard let text = ConfigurationText.text(of: bytes, problems: problems),
        let node = YAMLComposer.compose(text, problems: problems), problems.isEmpty
    else { return problems.all.description }
    return show(node)
}

private func show(_ node: YAMLNode) -> String {
    switch node.content {
    case .scalar(let scalar):
        scalar.isPlain ? (scalar.text.isEmpty ? "~" : scalar.text) : "'\(scalar.text)'"
    case .sequence(let items): "[" + items.map(show).joined(separator: " ") + "]"
    case .mapping(let entries):
        "{" + entries.map { "\($0.key):\(show($0.value))" }.joined(separator: " ") + "}"
    }
}

struct YAMLTests {
    @Test(arguments: [
        ("a: 1\nb: [x, 'y']\n", "{a:1 b:[x 'y']}"),
        ("# only\na:\n  b: c # end\n", "{a:{b:c}}"),
        ("- 1\n- - 2\n  - 3\n", "[1 [2 3]]"),
        ("\u{FEFF}a: b", "{a:b}"),
        ("a: \"tab\\there\"", "{a:'tab\there'}"),
        ("---\na: 1\n...\n", "{a:1}"),
        ("a: |\n  two\n  lines\n", "{a:'two\nlines\n'}"),
        ("a:\r\n  b: 1\r\n", "{a:{b:1}}"),
        ("a: é\n", "{a:é}"),
    ]) func `a document becomes a tree`(text: String, tree: String) {
        #expect(read(text) == tree)
    }

    @Test(arguments: [
        ("d: &d {x: 1}\ne: *d\n", "{d:{x:1} e:{x:1}}"),
        ("d: &d {x: 1, y: 2}\ne: {<<: *d, y: 3}\n", "{d:{x:1 y:2} e:{y:3 x:1}}"),
        (
            "a: &a {x: 1}\nb: &b {x: 2, z: 9}\nc: {<<: [*a, *b]}\n",
            "{a:{x:1} b:{x:2 z:9} c:{x:1 z:9}}"
        ),
        ("a: {'<<': 1}\n", "{a:{<<:1}}"),
    ]) func `aliases and merged keys are expanded`(text: String, tree: String) {
        #expect(read(text) == tree)
    }

    @Test(arguments: [
        ("", "f.yaml: there is nothing in it"),
        ("# nothing\n", "f.yaml: there is nothing in it"),
        ("a: 1\na: 2\n", "f.yaml:2:1: key \"a\" was already given at 1:1"),
        ("a:\n\tb: 1\n", "f.yaml:2:1: a tab cannot indent in YAML; use spaces"),
        ("a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document begins here; one file holds one"),
        ("a: *b\n", "f.yaml:1:4: *b refers to no anchor &b that ends before it"),
        ("a: &a [*a]\n", "f.yaml:1:8: *a refers to no anchor &a that ends before it"),
        (
            "a: !!int 5\n",
            "f.yaml:1:4: tags are not understood; leave \"tag:yaml.org,2002:int\" out"
        ),
        ("a: b: c\n", "f.yaml:1:5: mapping values are not allowed in this context"),
        ("? [a]\n: 1\n", "f.yaml:1:3: a key must be a single word, not a list"),
        ("a: {<<: 5}\n", "f.yaml:1:9: << takes a block of keys, such as an alias of one"),
        (
            "é: 1\né: 2\nb: 1\nb: 3",
            """
            f.yaml:2:1: key "é" was already given at 1:1
            f.yaml:4:1: key "b" was already given at 3:1
            """
        ),
        (
            "a: [1, 2\n",
            "f.yaml:2:1: while parsing a flow sequence: did not find expected ',' or ']'"
        ),
        ("%YAML 3.0\n---\na: 1\n", "f.yaml:1:1: found incompatible YAML document"),
    ]) func `what is wrong is told with its place`(text: String, problems: String) {
        #expect(read(text) == problems)
    }

    @Test(
        arguments: [
            ([0x61, 0x3A, 0x20, 0xFF, 0x0A], "f.yaml:1:4: is not UTF-8 text from here on"),
            (
                [0x61, 0x3A, 0x0A, 0x20, 0xC3, 0xA9, 0xC3],
                "f.yaml:2:3: is not UTF-8 text from here on"
            ),
            (
                [0x7F, 0x45, 0x4C, 0x46, 0x02, 0x01, 0x01, 0x00],
                "f.yaml:1:5: is not text: there is a control character 0x2"
            ),
            ([0xFF, 0xFE, 0x61, 0x20], "f.yaml:1:1: is not UTF-8 text from here on"),
            ([0x61, 0x00], "f.yaml:1:2: is not text: there is a control character 0x0"),
        ] as [([UInt8], String)]) func `bytes that are no text are refused at their place`(
            bytes: [UInt8], problem: String
        )
    {
        #expect(read(bytes: bytes) == problem)
    }

    @Test(arguments: ["[", "{a: ", "- "]) func `depth is bounded`(opening: String) {
        let text = String(repeating: opening, count: 100_000)
        #expect(read(text).contains("nested deeper than 64 levels"))
    }

    @Test func `aliases of aliases cannot stand for billions of values`() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...12 {
            let alias = "*a\(level - 1)"
            let ten = Array(repeating: alias, count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(ten)]\n"
        }
        #expect(read(text) == "f.yaml:6:45: more than 1000000 values, aliases expanded")
    }

    @Test func `any bytes are read or refused, never a crash`() {
        let seed: UInt64 = 20_260_101
        print("seed \(seed)")
        var state = seed
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        let pieces = [
            "a", ": ", "\n", "  ", "- ", "[", "]", "{", "}", ",", "&x ", "*x", "<<", "'", "\"",
            "|\n", "#", "? ",
            "\t", "%", "é", "---\n", "...", "!t ", ">", "\\", "\u{85}", "~",
        ]
        for _ in 0..<5_000 {
            let text = (0..<next(40)).map { _ in pieces[next(pieces.count)] }.joined()
            #expect(!read(text).isEmpty)
        }
        for _ in 0..<5_000 {
            #expect(!read(bytes: (0..<1 + next(60)).map { _ in UInt8(next(256)) }).isEmpty)
        }
    }
}

struct ConfigurationTextTests {
    @Test(arguments: [
        ("/no/such/file.yaml", "/no/such/file.yaml: cannot be opened: no such file or directory"),
        ("/tmp", "/tmp: is a folder; a configuration is a YAML file"),
        ("/dev/null", "/dev/null: is no ordinary file; a configuration is a YAML file"),
    ]) func `what is no file is named`(path: String, problem: String) {
        let problems = ProblemList(file: path)
        #expect(ConfigurationText.read(path: path, problems: problems) == nil)
        #expect(problems.all.description == problem)
    }
}
