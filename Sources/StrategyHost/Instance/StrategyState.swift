import Market

/// A strategy's saved state in the host's wrapper: whose it is, at which event, and a hash over all
/// of it.
package struct StrategyState: Hashable, Sendable {
    package var plugin: String
    package var pluginVersion: String
    package var stateVersion: UInt32
    /// `Parameters.text` of the instance that saved it.
    package var parameters: String
    /// The last event that it had seen.
    package var sequence: UInt64
    package var bytes: [UInt8]

    package init(
        plugin: String, pluginVersion: String, stateVersion: UInt32, parameters: String,
        sequence: UInt64,
        bytes: [UInt8]
    ) {
        self.plugin = plugin
        self.pluginVersion = pluginVersion
        self.stateVersion = stateVersion
        self.parameters = parameters
        self.sequence = sequence
        self.bytes = bytes
    }

    /// Why bytes are no saved state.
    package enum Damage: Error, Hashable, Sendable, CustomStringConvertible {
        case notAState
        case cutShort
        case changed
        package var description: String {
            switch self {
            case .notAState: "this is not a saved state"
            case .cutShort: "this saved state is cut short, or something follows it"
            case .changed: "this saved state is damaged: its hash does not fit"
            }
        }
    }

    private static let mark = Array("TDSTATE1".utf8)

    /// Little-endian: mark, version, sequence, four lengths with their bytes, SHA-256 of all
    /// before.
    package var encoded: [UInt8] {
        var out = Self.mark
        Self.append(UInt64(stateVersion), to: &out)
        Self.append(sequence, to: &out)
        for part in [Array(plugin.utf8), Array(pluginVersion.utf8), Array(parameters.utf8), bytes] {
            Self.append(UInt64(part.count), to: &out)
            out += part
        }
        return out + SHA256.hash(out).bytes
    }

    package init(decoding encoded: [UInt8]) throws(Damage) {
        guard encoded.starts(with: Self.mark) else { throw .notAState }
        guard encoded.count >= Self.mark.count + 6 * 8 + 32 else { throw .cutShort }
        let body = encoded.count - 32
        guard SHA256.hash(Array(encoded[..<body])).bytes == Array(encoded[body...]) else {
            throw .changed
        }
        var place = Self.mark.count
        func number() throws(Damage) -> UInt64 {
            guard place + 8 <= body else { throw .cutShort }
            defer { place += 8 }
            return encoded[place..<place + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        func part() throws(Damage) -> [UInt8] {
            guard let length = Int(exactly: try number()), length <= body - place else {
                throw .cutShort
            }
            defer { place += length }
            return Array(encoded[place..<place + length])
        }
        guard let version = UInt32(exactly: try number()) else { throw .changed }
        stateVersion = version
        sequence = try number()
        plugin = String(decoding: try part(), as: UTF8.self)
        pluginVersion = String(decoding: try part(), as: UTF8.self)
        parameters = String(decoding: try part(), as: UTF8.self)
        bytes = try part()
        guard place == body else { throw .cutShort }
    }

    private static func append(_ number: UInt64, to out: inout [UInt8]) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            out.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }
}
