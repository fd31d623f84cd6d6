/// Makes one tree of a YAML text: one document, unique keys, no tags, aliases expanded within
/// bounds.
package struct YAMLComposer: ~Copyable {
    /// Values in the whole tree; an alias counts as often as it is used, so that a few lines cannot
    /// stand for billions.
    package static let weightLimit = 1_000_000
    package static let depthLimit = 64

    private var events: YAMLEvents
    private var anchors: [String: YAMLNode] = [:]
    private var weight = 0
    private let problems: ProblemList

    /// The tree of `text`, or nil when it cannot be made; problems that leave a tree (a key given
    /// twice) are only reported.
    package static func compose(
        _ text: String, override: String? = nil, problems: ProblemList
    ) -> YAMLNode? {
        guard let events = YAMLEvents(text: text, override: override, file: problems.file) else {
            problems.report("there is no memory to read it", at: nil)
            return nil
        }
        var composer = YAMLComposer(events: events, problems: problems)
        do {
            return try composer.document()
        } catch {
            problems.add(error)
            return nil
        }
    }

    private init(events: consuming YAMLEvents, problems: ProblemList) {
        self.events = events
        self.problems = problems
    }

    private mutating func document() throws(ConfigurationProblem) -> YAMLNode? {
        guard case .documentStart = try events.next().0 else {
            problems.report("there is nothing in it", at: nil)
            return nil
        }
        let (first, position) = try events.next()
        let root = try node(first, at: position, depth: 0)
        _ = try events.next()
        let (following, place) = try events.next()
        if case .documentStart = following {
            throw problem("a second document begins here; one file holds one", at: place)
        }
        return root
    }

    private mutating func node(
        _ event: YAMLEvent, at position: SourcePosition, depth: Int
    ) throws(ConfigurationProblem) -> YAMLNode {
        guard depth < Self.depthLimit else {
            throw problem("nested deeper than \(Self.depthLimit) levels", at: position)
        }
        switch event {
        case .scalar(let text, let isPlain, let anchor, let tag):
            refuse(tag, at: position)
            return try keep(
                YAMLNode(.scalar(.init(text: text, isPlain: isPlain)), at: position), as: anchor)
        case .sequenceStart(let anchor, let tag):
            refuse(tag, at: position)
            return try keep(YAMLNode(.sequence(try items(depth)), at: position), as: anchor)
        case .mappingStart(let anchor, let tag):
            refuse(tag, at: position)
            return try keep(YAMLNode(.mapping(try entries(depth)), at: position), as: anchor)
        case .alias(let name):
            guard let meant = anchors[name] else {
                throw problem(
                    "*\(name) refers to no anchor &\(name) that ends before it", at: position)
            }
            try add(meant.weight, at: position)
            return meant
        default:
            throw problem("a value is missing", at: position)
        }
    }

    private mutating func items(_ depth: Int) throws(ConfigurationProblem) -> [YAMLNode] {
        var items: [YAMLNode] = []
        while true {
            let (event, position) = try events.next()
            if case .sequenceEnd = event { return items }
            items.append(try node(event, at: position, depth: depth + 1))
        }
    }

    private mutating func entries(_ depth: Int) throws(ConfigurationProblem) -> [YAMLNode.Entry] {
        var entries: [YAMLNode.Entry] = []
        var places: [String: SourcePosition] = [:]
        var merged: [YAMLNode] = []
        while true {
            let (event, position) = try events.next()
            if case .mappingEnd = event { break }
            let key = try node(event, at: position, depth: depth + 1)
            let (following, place) = try events.next()
            let value = try node(following, at: place, depth: depth + 1)
            guard case .scalar(let scalar) = key.content else {
                problems.report("a key must be a single word, not \(key.kind)", at: position)
                continue
            }
            if scalar.text == "<<" && scalar.isPlain {
                merged.append(value)
            } else if let first = places[scalar.text] {
                problems.report(
                    "key \"\(scalar.text)\" was already given at \(first.line):\(first.column)",
                    at: position)
            } else {
                places[scalar.text] = position
                entries.append(.init(key: scalar.text, keyPosition: position, value: value))
            }
        }
        for source in merged { merge(source, into: &entries, places: &places) }
        return entries
    }

    /// `<<: *defaults` or `<<: [*a, *b]`: keys written here win, then the earlier source.
    private func merge(
        _ source: YAMLNode, into entries: inout [YAMLNode.Entry],
        places: inout [String: SourcePosition]
    ) {
        switch source.content {
        case .mapping(let inherited):
            for entry in inherited where places[entry.key] == nil {
                places[entry.key] = entry.keyPosition
                entries.append(entry)
            }
        case .sequence(let sources):
            for source in sources { merge(source, into: &entries, places: &places) }
        case .scalar:
            problems.report(
                "<< takes a block of keys, such as an alias of one", at: source.position)
        }
    }

    private mutating func keep(
        _ node: YAMLNode, as anchor: String?
    ) throws(ConfigurationProblem) -> YAMLNode {
        try add(1, at: node.position)
        if let anchor { anchors[anchor] = node }
        return node
    }

    private mutating func add(
        _ amount: Int, at position: SourcePosition
    ) throws(ConfigurationProblem) {
        weight += amount
        guard weight <= Self.weightLimit else {
            throw problem("more than \(Self.weightLimit) values, aliases expanded", at: position)
        }
    }

    private func refuse(_ tag: String?, at position: SourcePosition) {
        guard let tag else { return }
        problems.report("tags are not understood; leave \"\(tag)\" out", at: position)
    }

    private func problem(_ message: String, at position: SourcePosition) -> ConfigurationProblem {
        ConfigurationProblem(file: problems.file, position: position, message: message)
    }
}
