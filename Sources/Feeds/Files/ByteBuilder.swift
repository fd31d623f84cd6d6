/// Builds little-endian tables byte by byte.
struct ByteBuilder {
    private(set) var bytes: [UInt8] = []

    var count: Int { bytes.count }

    mutating func append(_ value: some FixedWidthInteger) {
        for shift in stride(from: 0, to: value.bitWidth, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    mutating func append(bytes more: [UInt8]) { bytes.append(contentsOf: more) }

    /// UTF-8 in a field of `size` bytes, filled up with zeros. The caller has checked that it fits.
    mutating func append(_ text: String, in size: Int) {
        let utf8 = Array(text.utf8.prefix(size))
        bytes.append(contentsOf: utf8)
        bytes.append(contentsOf: repeatElement(0, count: size - utf8.count))
    }

    /// Zeros up to the next multiple of `alignment`.
    mutating func align(to alignment: Int) {
        bytes.append(
            contentsOf: repeatElement(0, count: (alignment - count % alignment) % alignment))
    }
}

/// Reads what `ByteBuilder` wrote. The caller has checked that enough bytes are there.
struct ByteParser {
    let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8], at position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    mutating func integer<T: FixedWidthInteger>(_: T.Type = T.self) -> T {
        var value: T = 0
        for shift in stride(from: 0, to: T.bitWidth, by: 8) {
            value |= T(truncatingIfNeeded: bytes[position]) << T(shift)
            position += 1
        }
        return value
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    /// The text of a field filled up with zeros; nil when it is not UTF-8.
    mutating func text(in size: Int) -> String? {
        String(validating: bytes(size).prefix { $0 != 0 }, as: UTF8.self)
    }

    mutating func skip(_ count: Int) { position += count }
}
