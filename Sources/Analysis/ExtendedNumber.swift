/// A number that may be undefined or infinite, for formats that only know finite ones: null, and
/// the texts "inf" and "-inf".
package struct ExtendedNumber: Hashable, Sendable, Codable {
    package let number: Double?

    package init(_ number: Double?) {
        self.number = number.flatMap { $0.isNaN ? nil : $0 }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard !container.decodeNil() else {
            number = nil
            return
        }
        do {
            number = try container.decode(Double.self)
        } catch DecodingError.typeMismatch {
            let text = try container.decode(String.self)
            guard text == "inf" || text == "-inf" else {
                throw DecodingError.dataCorruptedError(
                    in: container, debugDescription: "\"\(text)\" is no number, inf or -inf")
            }
            number = text == "inf" ? .infinity : -.infinity
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch number {
        case nil: try container.encodeNil()
        case .some(.infinity): try container.encode("inf")
        case .some(-.infinity): try container.encode("-inf")
        case .some(let finite): try container.encode(finite)
        }
    }
}
