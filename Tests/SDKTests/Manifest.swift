import Foundation

/// A compiled strategy's manifest, read from its file.
struct PluginManifest: Decodable {
    struct Parameter: Decodable {
        enum Standard: Decodable {
            case flag(Bool), number(Double), text(String)
            init(from decoder: any Decoder) throws {
                let value = try decoder.singleValueContainer()
                if let flag = try? value.decode(Bool.self) { self = .flag(flag); return }
                if let number = try? value.decode(Double.self) { self = .number(number); return }
                self = .text(try value.decode(String.self))
            }
        }
        let id: Int
        let name: String
        let type: String
        let doc: String
        let `default`: Standard?
        let min: Double?
        let max: Double?
        let values: [String]?
        let unit: String?
        let live: Bool?
    }
    struct State: Decodable { let version: Int }
    struct Timeframes: Decodable {
        let fixed: [String]?
        let min, max: Int?
    }
    let schema: Int
    let id: String
    let name: String
    let version: String
    let license: String
    let description: String
    let parameters: [Parameter]
    let state: State?
    let timeframes: Timeframes?

    init(ofLibrary path: String) throws {
        let file = try Data(contentsOf: URL(filePath: path))
        guard let owner = file.range(of: Data("TAPEDECK\0\0\0\0".utf8)) else {
            throw CocoaError(.fileReadCorruptFile)
        }
        let size = file[(owner.lowerBound - 8)..<(owner.lowerBound - 4)].reversed().reduce(0) {
            $0 << 8 | Int($1)
        }
        self = try JSONDecoder().decode(
            Self.self, from: file[owner.upperBound..<(owner.upperBound + size)])
    }

    /// As the small host takes them: defaults, and what is given instead.
    func arguments(_ given: [String: String] = [:]) -> [String] {
        let codes = ["bool": 1, "int": 2, "float": 3, "string": 4, "enum": 5, "duration": 6]
        return parameters.map { parameter in
            var value = given[parameter.name] ?? ""
            if value.isEmpty {
                switch parameter.default {
                case .flag(let flag): value = flag ? "1" : "0"
                case .number(let number): value = "\(number)"
                case .text(let text): value = text
                case nil: value = "0"
                }
            }
            if let place = parameter.values?.firstIndex(of: value) { value = "\(place)" }
            if value == "true" { value = "1" }
            return "parameter=\(parameter.id):\(codes[parameter.type] ?? 0):\(value)"
        }
    }
}
