package import Market

/// What an operator gave for one parameter, as text.
package struct GivenParameter: Hashable, Sendable {
    package var name: String
    package var text: String
    package init(name: String, text: String) {
        self.name = name
        self.text = text
    }
}

/// What is wrong with one given, or missing, parameter.
package struct ParameterProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// The name that the operator wrote, or that is missing.
    package var parameter: String
    package var message: String
    package var description: String { "\(parameter): \(message)" }
}

package struct ParameterProblems: Error, Hashable, Sendable, CustomStringConvertible {
    package var problems: [ParameterProblem]
    package var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// Checked values of all parameters of one manifest, in its order.
package struct Parameters: Hashable, Sendable {
    package internal(set) var declarations: [ParameterDeclaration]
    package internal(set) var values: [ParameterValue]

    package static let none = Parameters(declarations: [], values: [])

    package subscript(name: String) -> ParameterValue? {
        declarations.firstIndex { $0.name == name }.map { values[$0] }
    }

    mutating func set(_ declaration: ParameterDeclaration, _ value: ParameterValue) {
        guard let place = declarations.firstIndex(of: declaration) else { return }
        values[place] = value
    }

    /// `fast=10 slow=30`, in the manifest's order: the same text for the same values.
    package var text: String {
        zip(declarations, values).map { "\($0.name)=\($1.text)" }.joined(separator: " ")
    }
}

extension Manifest {
    /// Reads a manifest's text and checks all of it.
    package init(text: String) throws(ManifestProblems) {
        self = try ManifestReader.read(Array(text.utf8))
    }

    /// Every parameter's value: given, else its default.
    /// - Throws: all problems at once, in the order given, then what is missing.
    package func resolve(
        parameters given: [GivenParameter], instruments: [Instrument]
    ) throws(ParameterProblems) -> Parameters {
        var values = parameters.map(\.standard)
        var isGiven = [Bool](repeating: false, count: parameters.count)
        var problems: [ParameterProblem] = []
        for parameter in given {
            guard let place = parameters.firstIndex(where: { $0.name == parameter.name }) else {
                problems.append(unknown(parameter.name))
                continue
            }
            if isGiven[place] {
                problems.append(
                    ParameterProblem(parameter: parameter.name, message: "is given twice"))
                continue
            }
            isGiven[place] = true
            do {
                values[place] = try parameters[place].value(
                    parameter.text, instruments: instruments)
            } catch {
                problems.append(error)
            }
        }
        for (place, declaration) in parameters.enumerated()
        where values[place] == nil && !isGiven[place] {
            problems.append(declaration.problem("a value is missing"))
        }
        guard problems.isEmpty else { throw ParameterProblems(problems: problems) }
        return Parameters(declarations: parameters, values: values.compactMap { $0 })
    }

    /// Bars that pass before trading, for given parameters.
    package func warmUpBars(_ parameters: Parameters) -> Int { Self.bars(warmUp, parameters) }

    /// Bars that `history` can look back, for given parameters.
    package func historyBars(_ parameters: Parameters) -> Int { Self.bars(history, parameters) }

    private static func bars(_ count: BarCount, _ parameters: Parameters) -> Int {
        count.evaluate { name in
            switch parameters[name] {
            case .int(let value)?: Int(clamping: min(max(value, 0), Int64(BarCount.most)))
            case .choice(let place, _)?: place
            case .bool(let value)?: value ? 1 : 0
            default: 0
            }
        }
    }

    private func unknown(_ name: String) -> ParameterProblem {
        let names = parameters.map(\.name)
        let list =
            names.isEmpty ? "it has none" : "its parameters are \(names.joined(separator: ", "))"
        return ParameterProblem(
            parameter: name,
            message:
                "\(self.name) has no such parameter\(Suggestion.clause(for: name, among: names)) (\(list))"
        )
    }
}
