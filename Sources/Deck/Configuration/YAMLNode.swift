/// A value of a YAML document with the place it was written at.
package struct YAMLNode: Hashable, Sendable {
    package struct Scalar: Hashable, Sendable {
        package var text: String
        /// Written without quotes: only then may `5` be a number and `true` a truth value.
        package var isPlain: Bool
    }

    package struct Entry: Hashable, Sendable {
        package var key: String
        package var keyPosition: SourcePosition
        package var value: YAMLNode
    }

    package enum Content: Hashable, Sendable {
        case scalar(Scalar)
        case sequence([YAMLNode])
        /// In the order of the file; keys are unique.
        case mapping([Entry])
    }

    package var content: Content
    package var position: SourcePosition
    /// Values in this tree, itself included, aliases counted as often as they are used.
    package var weight: Int

    package init(_ content: Content, at position: SourcePosition) {
        self.content = content
        self.position = position
        weight =
            switch content {
            case .scalar: 1
            case .sequence(let items): items.reduce(1) { $0 + $1.weight }
            case .mapping(let entries): entries.reduce(1) { $0 + $1.value.weight }
            }
    }

    /// Nothing was written: `key:`, `key: ~` or `key: null`.
    package var isNull: Bool {
        guard case .scalar(let scalar) = content, scalar.isPlain else { return false }
        return ["", "~", "null"].contains(scalar.text)
    }

    package var kind: String {
        switch content {
        case .scalar: isNull ? "nothing" : "a single value"
        case .sequence: "a list"
        case .mapping: "a block of keys"
        }
    }

    /// What it says, without where and in which style it is written: equal for what means the same.
    var written: String {
        switch content {
        case .scalar(let scalar):
            "\(scalar.isPlain ? "" : "'")\(scalar.text.utf8.count):\(scalar.text)"
        case .sequence(let items): "[" + items.map(\.written).joined(separator: ",") + "]"
        case .mapping(let entries):
            "{"
                + entries.sorted { $0.key < $1.key }.map {
                    "\($0.key.utf8.count):\($0.key)=\($0.value.written)"
                }
                .joined(separator: ",") + "}"
        }
    }

    package subscript(key: String) -> YAMLNode? {
        guard case .mapping(let entries) = content else { return nil }
        return entries.first { $0.key == key }?.value
    }
}
