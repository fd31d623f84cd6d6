/// A value as a tree of names and words: what `Codable` makes, without a text format between.
final class PlainNode {
    enum Content {
        case nothing
        case word(UInt64)
        case text(String)
        case bytes([UInt8])
        case list([PlainNode])
        case fields([(name: String, node: PlainNode)])
    }
    var content = Content.nothing

    func child(_ name: String) -> PlainNode {
        let node = PlainNode()
        if case .fields(var fields) = content {
            fields.append((name, node))
            content = .fields(fields)
        } else {
            content = .fields([(name, node)])
        }
        return node
    }

    func next() -> PlainNode {
        let node = PlainNode()
        if case .list(var list) = content {
            list.append(node)
            content = .list(list)
        } else {
            content = .list([node])
        }
        return node
    }
}

/// Writes a `Codable` value as bytes for the other process of the same build.
enum PlainEncoding {
    static func bytes(_ value: some Encodable) throws -> [UInt8] {
        let node = PlainNode()
        try Encoding(node: node).put(value)
        var out: [UInt8] = []
        write(node, to: &out)
        return out
    }

    private static func write(_ node: PlainNode, to out: inout [UInt8]) {
        switch node.content {
        case .nothing: out.append(0)
        case .word(let word):
            out.append(1)
            append(word, to: &out)
        case .text(let text):
            out.append(2)
            append(text, to: &out)
        case .bytes(let bytes):
            out.append(5)
            append(UInt64(bytes.count), to: &out)
            out += bytes
        case .list(let list):
            out.append(3)
            append(UInt64(list.count), to: &out)
            for node in list { write(node, to: &out) }
        case .fields(let fields):
            out.append(4)
            append(UInt64(fields.count), to: &out)
            for (name, node) in fields {
                append(name, to: &out)
                write(node, to: &out)
            }
        }
    }

    private static func append(_ word: UInt64, to out: inout [UInt8]) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            out.append(UInt8(truncatingIfNeeded: word >> shift))
        }
    }

    private static func append(_ text: String, to out: inout [UInt8]) {
        append(UInt64(text.utf8.count), to: &out)
        out += text.utf8
    }

    private struct Encoding: Encoder {
        let node: PlainNode
        var codingPath: [any CodingKey] { [] }
        var userInfo: [CodingUserInfoKey: Any] { [:] }

        func put<T: Encodable>(_ value: T) throws {
            switch value {
            case let value as String: node.content = .text(value)
            // An empty array casts to an array of anything.
            case let value as [UInt8] where T.self == [UInt8].self:
                node.content = .bytes(value)
            case let value as Bool: node.content = .word(value ? 1 : 0)
            case let value as Double: node.content = .word(value.bitPattern)
            case let value as any FixedWidthInteger:
                node.content = .word(UInt64(truncatingIfNeeded: value))
            default: try value.encode(to: self)
            }
        }

        func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
            // A case without values has no fields, and still is one.
            node.content = .fields([])
            return KeyedEncodingContainer(Fields<Key>(node: node))
        }
        func unkeyedContainer() -> any UnkeyedEncodingContainer {
            node.content = .list([])
            return List(node: node)
        }
        func singleValueContainer() -> any SingleValueEncodingContainer { Single(node: node) }
    }

    private struct Fields<Key: CodingKey>: KeyedEncodingContainerProtocol {
        let node: PlainNode
        var codingPath: [any CodingKey] { [] }

        func encodeNil(forKey key: Key) { _ = node.child(key.stringValue) }
        func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
            try Encoding(node: node.child(key.stringValue)).put(value)
        }
        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type, forKey key: Key
        ) -> KeyedEncodingContainer<Nested> {
            Encoding(node: node.child(key.stringValue)).container(keyedBy: type)
        }
        func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
            Encoding(node: node.child(key.stringValue)).unkeyedContainer()
        }
        func superEncoder() -> any Encoder { Encoding(node: node.child("super")) }
        func superEncoder(forKey key: Key) -> any Encoder {
            Encoding(node: node.child(key.stringValue))
        }
    }

    private struct List: UnkeyedEncodingContainer {
        let node: PlainNode
        var codingPath: [any CodingKey] { [] }
        var count: Int { if case .list(let list) = node.content { list.count } else { 0 } }

        func encodeNil() { _ = node.next() }
        func encode<T: Encodable>(_ value: T) throws { try Encoding(node: node.next()).put(value) }
        func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key>
        {
            Encoding(node: node.next()).container(keyedBy: type)
        }
        func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
            Encoding(node: node.next()).unkeyedContainer()
        }
        func superEncoder() -> any Encoder { Encoding(node: node.next()) }
    }

    private struct Single: SingleValueEncodingContainer {
        let node: PlainNode
        var codingPath: [any CodingKey] { [] }

        func encodeNil() { node.content = .nothing }
        func encode<T: Encodable>(_ value: T) throws { try Encoding(node: node).put(value) }
    }
}
