import Market

/// Reads and checks a manifest, and reports every problem at once.
struct ManifestReader {
    /// The longest text that a manifest may have.
    static let longest = 64 * 1024
    static let mostParameters = 256

    private var problems: [ManifestProblem] = []

    /// - Throws: every problem, in the order of the text.
    static func read(_ bytes: [UInt8]) throws(ManifestProblems) -> Manifest {
        let json: JSON
        do {
            json = try JSONParser.parse(bytes)
        } catch {
            throw ManifestProblems(problems: [
                ManifestProblem(path: "", position: error.position, message: error.message)
            ])
        }
        var reader = ManifestReader()
        let manifest = reader.manifest(json)
        guard let manifest, reader.problems.isEmpty else {
            throw ManifestProblems(
                problems: reader.problems.sorted {
                    ($0.position.line, $0.position.column) < ($1.position.line, $1.position.column)
                })
        }
        var complete = manifest
        complete.text = String(decoding: bytes, as: UTF8.self)
        return complete
    }

    private mutating func manifest(_ json: JSON) -> Manifest? {
        guard var object = JSONObjectReader(json, path: "", problems: &problems) else { return nil }
        let schema = object.integer("schema", required: true, 1...Int64.max)
        if let schema, schema != 1 {
            object.note("schema", "is \(schema); this host reads schema 1 - use a newer Tapedeck")
        }
        let version = Self.version(&object)
        let abi = Self.abi(&object)
        var manifest = Manifest(
            version: version ?? SemanticVersion(major: 0, minor: 0, patch: 0),
            abi: abi ?? Manifest.ABIVersion(major: 0, minor: 0))
        Self.identity(&object, &manifest)
        manifest.subscribes = Self.subscription(&object)
        manifest.instruments = Self.countRange("instruments", &object, most: 65_535) ?? 1...1
        manifest.timeFrames = Self.timeFrames(&object)
        manifest.parameters = Self.parameters(&object)
        Self.bars(&object, &manifest)
        manifest.state = Self.state(&object)
        manifest.needs = Self.needs(&object)
        manifest.budget = Self.budget(&object)
        manifest.isDeterministic = object.bool("deterministic") ?? true
        manifest.unload = Self.unload(&object)
        if var sdk = object.object("sdk") {
            manifest.sdk = [sdk.string("language"), sdk.string("version")].compactMap { $0 }
                .joined(separator: " ")
            sdk.noteUnknownKeys()
            object.adopt(sdk.problems)
        }
        object.noteUnknownKeys()
        problems += object.problems
        return manifest
    }

    private static func version(_ object: inout JSONObjectReader) -> SemanticVersion? {
        guard let text = object.string("version", required: true) else { return nil }
        if let version = SemanticVersion(text) { return version }
        object.note("version", "\"\(text)\" is not a version such as 1.2.0 or 1.2.0-rc.1")
        return nil
    }

    private static func abi(_ object: inout JSONObjectReader) -> Manifest.ABIVersion? {
        guard var abi = object.object("abi", required: true) else { return nil }
        let major = abi.integer("major", required: true, 1...1_000)
        let minor = abi.integer("minor", required: true, 0...1_000)
        abi.noteUnknownKeys()
        object.adopt(abi.problems)
        guard let major, let minor else { return nil }
        return Manifest.ABIVersion(major: Int(major), minor: Int(minor))
    }

    private static func identity(_ object: inout JSONObjectReader, _ manifest: inout Manifest) {
        manifest.id = object.string("id", required: true, longest: 128) ?? ""
        if !manifest.id.isEmpty, !isReverseDNS(manifest.id) {
            object.note(
                "id",
                "\"\(manifest.id)\" is not reverse DNS such as org.example.sma-cross "
                    + "(lower-case letters, digits and dashes, two or more parts joined by dots)")
        }
        manifest.name = object.string("name", required: true) ?? ""
        manifest.vendor = object.string("vendor") ?? ""
        manifest.license = object.string("license") ?? ""
        manifest.summary = object.string("description", longest: 4096) ?? ""
        if let kind = object.string("kind"), kind != "strategy" {
            object.note("kind", "must be \"strategy\", not \"\(kind)\"")
        }
    }

    static func isReverseDNS(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count > 1
            && parts.allSatisfy { part in
                !part.isEmpty && part.first != "-" && part.last != "-"
                    && part.utf8.allSatisfy {
                        (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
                    }
            }
    }

    private static func subscription(_ object: inout JSONObjectReader) -> Manifest.Subscription {
        var subscription: Manifest.Subscription = []
        guard let elements = object.array("subscribes", required: true) else { return subscription }
        let names = Manifest.Subscription.names
        for element in elements {
            guard case .string(let text) = element.value,
                let found = names.first(where: { $0.name == text })
            else {
                let word = if case .string(let text) = element.value { text } else { element.kind }
                object.note(
                    "subscribes", at: element.position,
                    "\"\(word)\" is not one of \(names.map(\.name).joined(separator: ", "))"
                        + Suggestion.clause(for: word, among: names.map(\.name)))
                continue
            }
            if subscription.contains(found.value) {
                object.note("subscribes", at: element.position, "\"\(text)\" stands here twice")
            }
            subscription.insert(found.value)
        }
        if elements.isEmpty { object.note("subscribes", "is empty: a strategy needs events") }
        return subscription
    }

    private static func countRange(
        _ key: String, _ object: inout JSONObjectReader, most: Int64
    ) -> ClosedRange<Int>? {
        guard var range = object.object(key) else { return nil }
        let result = countRange(&range, most: most)
        object.adopt(range.problems)
        return result
    }

    private static func countRange(
        _ range: inout JSONObjectReader, most: Int64
    ) -> ClosedRange<Int>? {
        let least = range.integer("min", 0...most) ?? 1
        let largest = range.integer("max", 0...most) ?? max(1, least)
        range.noteUnknownKeys()
        guard least <= largest else {
            range.note("min", "is larger than max")
            return nil
        }
        return Int(least)...Int(largest)
    }

    private static func timeFrames(_ object: inout JSONObjectReader) -> Manifest.TimeFrames {
        guard var frames = object.object("timeframes") else { return .chosenByOperator(1...1) }
        defer { object.adopt(frames.problems) }
        guard let fixed = frames.array("fixed") else {
            return .chosenByOperator(countRange(&frames, most: 16) ?? 1...1)
        }
        frames.noteUnknownKeys()
        var seconds: Set<UInt32> = []
        for element in fixed {
            guard case .string(let text) = element.value, let span = SpanOfTime.nanoseconds(text),
                span > 0, span % 1_000_000_000 == 0, span <= 604_800_000_000_000
            else {
                frames.note(
                    "fixed", at: element.position,
                    "a time frame is a text from 1s to 1w, such as 5m")
                continue
            }
            if !seconds.insert(UInt32(span / 1_000_000_000)).inserted {
                frames.note("fixed", at: element.position, "\"\(text)\" stands here twice")
            }
        }
        if fixed.isEmpty || fixed.count > 16 { frames.note("fixed", "needs 1 to 16 time frames") }
        return .fixed(seconds.sorted())
    }

    private static func parameters(_ object: inout JSONObjectReader) -> [ParameterDeclaration] {
        guard let elements = object.array("parameters") else { return [] }
        if elements.count > mostParameters {
            object.note("parameters", "are more than \(mostParameters)")
        }
        var problems: [ManifestProblem] = []
        var parameters: [ParameterDeclaration] = []
        for (index, element) in elements.prefix(mostParameters).enumerated() {
            let path = "parameters[\(index)]"
            guard let parameter = ParameterReader.read(element, path: path, problems: &problems)
            else { continue }
            if parameters.contains(where: { $0.id == parameter.id }) {
                problems.append(
                    ManifestProblem(
                        path: path + ".id", position: element.position,
                        message: "\(parameter.id) is the id of another parameter; ids are for ever")
                )
            }
            if parameters.contains(where: { $0.name == parameter.name }) {
                problems.append(
                    ManifestProblem(
                        path: path + ".name", position: element.position,
                        message: "\"\(parameter.name)\" is the name of another parameter"))
            }
            parameters.append(parameter)
        }
        object.adopt(problems)
        return parameters
    }

    private static func bars(_ object: inout JSONObjectReader, _ manifest: inout Manifest) {
        manifest.warmUp = barCount("warm_up", &object, manifest.parameters) ?? .bars(0)
        manifest.history = barCount("history", &object, manifest.parameters) ?? manifest.warmUp
    }

    private static func barCount(
        _ key: String, _ object: inout JSONObjectReader, _ parameters: [ParameterDeclaration]
    ) -> BarCount? {
        guard var inner = object.object(key) else { return nil }
        var count: BarCount?
        if let json = inner.member("bars", required: true) {
            var problems: [ManifestProblem] = []
            count = BarCountReader(parameters: parameters).read(
                json, path: "\(key).bars", problems: &problems)
            inner.adopt(problems)
        }
        inner.noteUnknownKeys()
        object.adopt(inner.problems)
        return count
    }

    private static func state(_ object: inout JSONObjectReader) -> Manifest.State? {
        guard var state = object.object("state") else { return nil }
        defer { object.adopt(state.problems) }
        let version = state.integer("version", required: true, 1...Int64(UInt32.max))
        let bytes = state.integer("max_bytes", required: true, 1...1_073_741_824)
        var reads: Set<UInt32> = []
        for element in state.array("reads", required: true) ?? [] {
            guard case .integer(let number) = element.value, number > 0, number <= UInt32.max else {
                state.note("reads", at: element.position, "holds versions from 1 on")
                continue
            }
            reads.insert(UInt32(number))
        }
        if let version, state.problems.isEmpty, !reads.contains(UInt32(version)) {
            state.note("reads", "must hold \(version), the version that it writes itself")
        }
        state.noteUnknownKeys()
        guard let version, let bytes else { return nil }
        return Manifest.State(
            version: UInt32(version), reads: reads.sorted(), maximumBytes: Int(bytes))
    }

    private static func needs(_ object: inout JSONObjectReader) -> Manifest.Needs {
        guard var needs = object.object("needs") else { return Manifest.Needs() }
        let result = Manifest.Needs(
            threads: needs.bool("threads") ?? false, files: needs.bool("files") ?? false,
            network: needs.bool("network") ?? false)
        needs.noteUnknownKeys()
        object.adopt(needs.problems)
        return result
    }

    private static func budget(_ object: inout JSONObjectReader) -> Manifest.Budget {
        guard var budget = object.object("budget") else { return Manifest.Budget() }
        let result = Manifest.Budget(
            eventNanoseconds: budget.span("event"), createNanoseconds: budget.span("create"),
            memoryBytes: budget.integer("memory_bytes", 1...Int64.max))
        budget.noteUnknownKeys()
        object.adopt(budget.problems)
        return result
    }

    private static func unload(_ object: inout JSONObjectReader) -> Manifest.Unload {
        guard let text = object.string("unload") else { return .clean }
        if let unload = Manifest.Unload(rawValue: text) { return unload }
        let names = Manifest.Unload.allCases.map(\.rawValue)
        object.note(
            "unload",
            "\"\(text)\" is not one of \(names.joined(separator: ", "))"
                + Suggestion.clause(for: text, among: names))
        return .clean
    }
}
