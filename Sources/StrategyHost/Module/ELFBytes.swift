/// Numbers and texts at places of an untrusted file; nothing outside of it is ever read.
struct ELFBytes {
    let bytes: [UInt8]

    var count: Int { bytes.count }

    func u8(_ offset: Int) -> UInt8? { holds(offset, 1) ? bytes[offset] : nil }
    func u16(_ offset: Int) -> UInt16? { number(offset) }
    func u32(_ offset: Int) -> UInt32? { number(offset) }
    func u64(_ offset: Int) -> UInt64? { number(offset) }

    /// A file offset or size; nil also where it is beyond any file.
    func place(_ offset: Int) -> Int? { u64(offset).flatMap { Int(exactly: $0) } }

    func holds(_ offset: Int, _ length: Int) -> Bool {
        offset >= 0 && length >= 0 && offset <= bytes.count && length <= bytes.count - offset
    }

    func slice(_ offset: Int, _ length: Int) -> ArraySlice<UInt8>? {
        holds(offset, length) ? bytes[offset..<offset + length] : nil
    }

    /// The text from `offset` to its zero byte, which must come before `end`.
    func text(_ offset: Int, before end: Int) -> String? {
        guard offset >= 0, offset < end, end <= bytes.count,
            let zero = bytes[offset..<end].firstIndex(of: 0)
        else { return nil }
        return String(decoding: bytes[offset..<zero], as: UTF8.self)
    }

    private func number<T: FixedWidthInteger>(_ offset: Int) -> T? {
        guard holds(offset, T.bitWidth / 8) else { return nil }
        var value: T = 0
        for byte in bytes[offset..<offset + T.bitWidth / 8].reversed() {
            value = value << 8 | T(byte)
        }
        return value
    }
}
