import Market
import StrategyHost

/// A block of keys of which each is one of `Key`: others are reported, with what was probably
/// meant.
package struct ConfigurationSection<Key: RawRepresentable & CaseIterable & Hashable>
where Key.RawValue == String {
    package let reader: ConfigurationReader
    private let entries: [YAMLNode.Entry]

    /// Nil when it is not a block of keys.
    package init?(_ reader: ConfigurationReader, _ keys: Key.Type = Key.self) {
        guard case .mapping(let entries) = reader.node.content else {
            reader.refuse(expected: "a block of keys such as \(Self.examples)")
            return nil
        }
        self.reader = reader
        self.entries = entries
        let known = Key.allCases.map(\.rawValue)
        for entry in entries where Key(rawValue: entry.key) == nil {
            let hint = Suggestion.clause(for: entry.key, among: known)
            let rest = hint.isEmpty ? "; known are \(known.joined(separator: ", "))" : hint
            reader.problems.report(
                "unknown key \"\(entry.key)\" in \(reader.name)\(rest)", at: entry.keyPosition)
        }
    }

    private static var examples: String {
        Key.allCases.prefix(3).map { "\($0.rawValue):" }.joined(separator: ", ")
    }

    /// The value of a key that is written, even if nothing stands behind it.
    package subscript(key: Key) -> ConfigurationReader? {
        entries.first { $0.key == key.rawValue }.map { reader.reader(of: $0.value, named: $0.key) }
    }

    /// The value of a key that must be there.
    package func required(_ key: Key) -> ConfigurationReader? {
        if let value = self[key] { return value }
        reader.report("\(reader.name) needs the key \"\(key.rawValue)\"")
        return nil
    }

    /// Sets `target` from the key where it is written and right.
    package func read<Value>(
        _ key: Key, into target: inout Value, _ decode: (ConfigurationReader) -> Value?
    ) {
        if let reader = self[key], let value = decode(reader) { target = value }
    }

    package func read<Value>(
        _ key: Key, into target: inout Value?, _ decode: (ConfigurationReader) -> Value?
    ) {
        if let reader = self[key], let value = decode(reader) { target = value }
    }

    /// The keys that are written, in the order of `Key`.
    package var written: [Key] {
        Key.allCases.filter { key in entries.contains { $0.key == key.rawValue } }
    }
}
