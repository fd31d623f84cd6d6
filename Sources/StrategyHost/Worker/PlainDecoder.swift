/// Reads what `PlainEncoding` wrote.
enum PlainDecoding {
    struct Damage: Error {}

    static func value<T: Decodable>(_ type: T.Type, from bytes: [UInt8]) throws -> T {
        var place = 0
        let node = try read(bytes, &place)
        return try Decoding(node: node).take(type)
    }

    private static func read(_ bytes: [UInt8], _ place: inout Int) throws -> PlainNode {
        guard place < bytes.count else { throw Damage() }
        let kind = bytes[place]
        place += 1
        let node = PlainNode()
        switch kind {
        case 0: break
        case 1: node.content = .word(try word(bytes, &place))
        case 2: node.content = .text(try text(bytes, &place))
        case 5: node.content = .bytes(try Self.bytes(of: bytes, &place))
        case 3:
            var list: [PlainNode] = []
            for _ in 0..<(try word(bytes, &place)) { list.append(try read(bytes, &place)) }
            node.content = .list(list)
        case 4:
            var fields: [(name: String, node: PlainNode)] = []
            for _ in 0..<(try word(bytes, &place)) {
                fields.append((try text(bytes, &place), try read(bytes, &place)))
            }
            node.content = .fields(fields)
        default: throw Damage()
        }
        return node
    }

    private static func word(_ bytes: [UInt8], _ place: inout Int) throws -> UInt64 {
        guard bytes.count - place >= 8 else { throw Damage() }
        defer { place += 8 }
        return bytes[place..<place + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func text(_ bytes: [UInt8], _ place: inout Int) throws -> String {
        String(decoding: try Self.bytes(of: bytes, &place), as: UTF8.self)
    }

    private static func bytes(of bytes: [UInt8], _ place: inout Int) throws -> [UInt8] {
        guard let length = Int(exactly: try word(bytes, &place)), length <= bytes.count - place
        else { throw Damage() }
        defer { place += length }
        return Array(bytes[place..<place + length])
    }

    private struct Decoding: Decoder {
        let node: PlainNode
        var codingPath: [any CodingKey] { [] }
        var userInfo: [CodingUserInfoKey: Any] { [:] }

        func take<T: Decodable>(_ type: T.Type) throws -> T {
            let found: Any?
            switch node.content {
            case .text(let text) where type == String.self: found = text
            case .bytes(let bytes) where type == [UInt8].self: found = bytes
            case .word(let word) where type == Bool.self: found = word != 0
            case .word(let word) where type == Double.self: found = Double(bitPattern: word)
            case .word(let word):
                guard let integer = type as? any FixedWidthInteger.Type else {
                    return try T(from: self)
                }
                found = integer.init(truncatingIfNeeded: word)
            default: return try T(from: self)
            }
            guard let found = found as? T else { throw Damage() }
            return found
        }

        func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key>
        {
            guard case .fields(let fields) = node.content else { throw Damage() }
            return KeyedDecodingContainer(Fields<Key>(fields: fields))
        }
        func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
            guard case .list(let list) = node.content else { throw Damage() }
            return List(list: list)
        }
        func singleValueContainer() -> any SingleValueDecodingContainer { Single(node: node) }
    }

    private struct Fields<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let fields: [(name: String, node: PlainNode)]
        var codingPath: [any CodingKey] { [] }
        var allKeys: [Key] { fields.compactMap { Key(stringValue: $0.name) } }

        private func find(_ key: Key) throws -> PlainNode {
            guard let field = fields.first(where: { $0.name == key.stringValue }) else {
                throw Damage()
            }
            return field.node
        }
        func contains(_ key: Key) -> Bool { fields.contains { $0.name == key.stringValue } }
        func decodeNil(forKey key: Key) throws -> Bool { Single(node: try find(key)).decodeNil() }
        func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
            try Decoding(node: try find(key)).take(type)
        }
        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type, forKey key: Key
        ) throws -> KeyedDecodingContainer<Nested> {
            try Decoding(node: try find(key)).container(keyedBy: type)
        }
        func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
            try Decoding(node: try find(key)).unkeyedContainer()
        }
        func superDecoder() throws -> any Decoder { throw Damage() }
        func superDecoder(forKey key: Key) throws -> any Decoder { Decoding(node: try find(key)) }
    }

    private struct List: UnkeyedDecodingContainer {
        let list: [PlainNode]
        var currentIndex = 0
        var codingPath: [any CodingKey] { [] }
        var count: Int? { list.count }
        var isAtEnd: Bool { currentIndex >= list.count }

        init(list: [PlainNode]) { self.list = list }

        private mutating func next() throws -> PlainNode {
            guard !isAtEnd else { throw Damage() }
            defer { currentIndex += 1 }
            return list[currentIndex]
        }
        mutating func decodeNil() throws -> Bool {
            guard !isAtEnd, Single(node: list[currentIndex]).decodeNil() else { return false }
            currentIndex += 1
            return true
        }
        mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
            try Decoding(node: try next()).take(type)
        }
        mutating func nestedContainer<Key: CodingKey>(
            keyedBy type: Key.Type
        ) throws -> KeyedDecodingContainer<Key> {
            try Decoding(node: try next()).container(keyedBy: type)
        }
        mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
            try Decoding(node: try next()).unkeyedContainer()
        }
        mutating func superDecoder() throws -> any Decoder { Decoding(node: try next()) }
    }

    private struct Single: SingleValueDecodingContainer {
        let node: PlainNode
        var codingPath: [any CodingKey] { [] }

        func decodeNil() -> Bool { if case .nothing = node.content { true } else { false } }
        func decode<T: Decodable>(_ type: T.Type) throws -> T {
            try Decoding(node: node).take(type)
        }
    }
}
