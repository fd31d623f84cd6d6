import Market
import StrategyHost

/// One plug-in as a person or a script wants to see it.
struct PluginDescription: Encodable {
    struct Parameter: Encodable {
        var id: UInt32
        var name: String
        var type: String
        var `default`: String?
        var minimum: String?
        var maximum: String?
        var choices: [String]
        var unit: String
        var live: Bool
        var doc: String
    }

    var path: String
    var size: Int
    var sha256: String
    var id: String
    var name: String
    var version: String
    var vendor: String
    var license: String
    var summary: String
    var abi: String
    var subscribes: [String]
    var instruments: String
    var parameters: [Parameter]
    var stateVersion: UInt32?
    var needs: [String]
    var deterministic: Bool
    var unload: String
    var libraries: [String]
    var missingLibraries: [String]
    var constructors: Int
    var workerOnly: String?
    var staysBecause: [String]
    var remarks: [String]

    init(_ file: PluginFile) {
        let manifest = file.manifest
        path = file.path
        size = file.size
        sha256 = "\(file.digest)"
        id = manifest.id
        name = manifest.name
        version = "\(manifest.version)"
        vendor = manifest.vendor
        license = manifest.license
        summary = manifest.summary
        abi = "\(manifest.abi)"
        subscribes = manifest.subscribes.names
        let range = manifest.instruments
        instruments =
            range.lowerBound == range.upperBound
            ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
        parameters = manifest.parameters.map { parameter in
            Parameter(
                id: parameter.id, name: parameter.name, type: parameter.kind.rawValue,
                default: parameter.standard?.text, minimum: parameter.minimum?.text,
                maximum: parameter.maximum?.text,
                choices: parameter.choices, unit: parameter.unit, live: parameter.isLive,
                doc: parameter.documentation)
        }
        stateVersion = manifest.state?.version
        needs = manifest.needs.names
        deterministic = manifest.isDeterministic
        unload = manifest.unload.rawValue
        libraries = file.facts.neededLibraries
        missingLibraries = file.facts.missingLibraries
        constructors = file.facts.constructorCount
        workerOnly = file.workerOnlyReason
        staysBecause = file.facts.pinningReasons
        remarks = file.facts.hardeningRemarks
    }

    func lines(_ terminal: Terminal) -> [String] {
        var lines = [terminal.styled("\(name) \(version)", .bold) + "  \(id)"]
        if !summary.isEmpty { lines.append(summary) }
        lines.append("")
        lines += facts().map { "  " + $0.0.padded(to: 14) + $0.1 }
        lines.append("")
        if parameters.isEmpty {
            lines.append("no parameters")
        } else {
            var table = TextTable([
                ("parameter", .left), ("type", .left), ("default", .right), ("range", .left),
                ("unit", .left), ("", .left),
            ])
            for parameter in parameters {
                table.add([
                    parameter.name, parameter.type, parameter.default ?? "required",
                    Self.range(parameter),
                    parameter.unit, (parameter.live ? "(live) " : "") + parameter.doc,
                ])
            }
            lines += table.lines(
                within: terminal.tableWidth, header: { terminal.styled($0, .bold) })
        }
        lines += problems().map { terminal.styled($0, .yellow) }
        return lines
    }

    private func facts() -> [(String, String)] {
        [
            ("file", "\(path), \(size) bytes"), ("sha256", sha256),
            ("vendor", [vendor, license].filter { !$0.isEmpty }.joined(separator: ", ")),
            ("ABI", abi),
            ("sees", subscribes.joined(separator: ", ")), ("instruments", instruments),
            ("state", stateVersion.map { "version \($0)" } ?? "none"),
            ("needs", needs.isEmpty ? "nothing" : needs.joined(separator: ", ")),
            ("deterministic", deterministic ? "yes" : "no"), ("unload", unload),
            ("libraries", libraries.joined(separator: ", ")),
        ].filter { !$0.1.isEmpty }
    }

    private func problems() -> [String] {
        var problems = missingLibraries.map { "cannot be loaded: \($0) is not installed" }
        if let workerOnly { problems.append("only in a worker: \(workerOnly)") }
        problems += staysBecause.map { "will stay in the process: \($0)" }
        problems += remarks.map { "remark: \($0)" }
        return problems.isEmpty ? [] : [""] + problems
    }

    private static func range(_ parameter: Parameter) -> String {
        if !parameter.choices.isEmpty { return parameter.choices.joined(separator: " | ") }
        switch (parameter.minimum, parameter.maximum) {
        case (let low?, let high?): return "\(low)...\(high)"
        case (let low?, nil): return "from \(low)"
        case (nil, let high?): return "up to \(high)"
        case (nil, nil): return ""
        }
    }
}

extension String {
    func padded(to width: Int) -> String {
        let missing = width - seenWidth
        return missing > 0 ? self + String(repeating: " ", count: missing) : self
    }
}
