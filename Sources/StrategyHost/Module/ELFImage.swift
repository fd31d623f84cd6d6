/// A 64-bit shared object, taken apart without running any of it. Whatever the bytes are, the
/// answer is an image or a refusal that says what is wrong where.
struct ELFImage {
    struct Segment: Hashable {
        var type: UInt32
        var flags: UInt32
        var offset: Int
        var address: UInt64
        var fileSize: Int
        var memorySize: UInt64
        var alignment: UInt64

        var isExecutable: Bool { flags & 1 != 0 }
        var isWritable: Bool { flags & 2 != 0 }
    }

    /// Segment types of the System V and GNU specifications.
    enum SegmentType {
        static let load: UInt32 = 1
        static let dynamic: UInt32 = 2
        static let interpreter: UInt32 = 3
        static let note: UInt32 = 4
        static let threadLocal: UInt32 = 7
        static let stack: UInt32 = 0x6474_E551
        static let readOnlyAfterRelocation: UInt32 = 0x6474_E552
    }

    /// The most address space that an image may take.
    static let largestImage: UInt64 = 1 << 32

    let file: String
    let contents: ELFBytes
    let segments: [Segment]

    init(_ bytes: [UInt8], file: String) throws(PluginRefusal) {
        self.file = file
        contents = ELFBytes(bytes: bytes)
        try Self.checkHeader(contents, file)
        segments = try Self.segments(contents, file)
        try checkSegments()
        try checkSections()
    }

    /// Bytes that the image takes when it is loaded.
    var memorySize: UInt64 {
        let loads = segments(of: SegmentType.load)
        guard let first = loads.map(\.address).min(),
            let end = loads.map({ $0.address + $0.memorySize }).max()
        else { return 0 }
        return end - first
    }

    func segments(of type: UInt32) -> [Segment] { segments.filter { $0.type == type } }

    /// The place in the file of `length` bytes that will stand at `address`.
    func offset(ofAddress address: UInt64, length: Int = 1) -> Int? {
        for segment in segments(of: SegmentType.load) where address >= segment.address {
            let within = address - segment.address
            if let within = Int(exactly: within), within <= segment.fileSize,
                length <= segment.fileSize - within
            {
                return segment.offset + within
            }
        }
        return nil
    }

    func refusal(
        _ cause: PluginRefusal.Cause, _ what: String, _ advice: String = ""
    ) -> PluginRefusal {
        PluginRefusal(file: file, cause: cause, what: what, advice: advice)
    }

    private static func checkHeader(_ contents: ELFBytes, _ file: String) throws(PluginRefusal) {
        func refusal(
            _ cause: PluginRefusal.Cause, _ what: String, _ advice: String = ""
        ) -> PluginRefusal {
            PluginRefusal(file: file, cause: cause, what: what, advice: advice)
        }
        let rebuild = "build it as a shared library for this machine (sdk/build does)"
        guard contents.bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]) else {
            throw refusal(
                .notELF,
                "is not a Linux shared library: it begins with "
                    + "\(shown(contents.bytes.prefix(8)))", rebuild)
        }
        guard contents.count >= 64 else {
            throw refusal(
                .cutShort, "is cut short: \(contents.count) bytes, and its header alone has 64",
                "copy or build it again")
        }
        guard contents.bytes[4] == 2 else {
            throw refusal(
                .not64Bit, "is a 32-bit library (class \(contents.bytes[4]) at byte 4)", rebuild)
        }
        guard contents.bytes[5] == 1 else {
            throw refusal(
                .bigEndian, "is for a big-endian machine (byte 5 is \(contents.bytes[5]))", rebuild)
        }
        let type = contents.u16(16) ?? 0
        guard type == 3 else {
            let kinds: [UInt16: String] = [1: "an object file", 2: "a program", 4: "a core dump"]
            throw refusal(
                .notSharedObject, "is \(kinds[type] ?? "of type \(type)"), not a shared library",
                "link it with -shared -fPIC (sdk/build does)")
        }
        let machine = contents.u16(18) ?? 0
        guard machine == Machine.ours else {
            throw refusal(
                .otherMachine,
                "is for \(Machine.name(machine)); this machine is "
                    + Machine.name(Machine.ours), rebuild)
        }
    }

    private static func shown(_ bytes: ArraySlice<UInt8>) -> String {
        let isText = bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
        if isText { return "\"\(String(decoding: bytes, as: UTF8.self))\"" }
        return bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
    }

    private static func segments(
        _ contents: ELFBytes, _ file: String
    ) throws(PluginRefusal) -> [Segment] {
        let count = Int(contents.u16(56) ?? 0)
        let entry = Int(contents.u16(54) ?? 0)
        guard count > 0, count <= 128, entry == 56, let table = contents.place(32) else {
            throw PluginRefusal(
                file: file, cause: .damaged,
                what:
                    "its header is damaged: \(count) program headers of \(entry) bytes (bytes 32 to 57)",
                advice: "build it again")
        }
        guard contents.holds(table, count * entry) else {
            throw PluginRefusal(
                file: file, cause: .cutShort,
                what: "is cut short: its program headers end at byte \(table &+ count * entry), "
                    + "the file has \(contents.count)",
                advice: "copy or build it again")
        }
        var segments: [Segment] = []
        for index in 0..<count {
            let at = table + index * entry
            guard let type = contents.u32(at), let flags = contents.u32(at + 4),
                let offset = contents.place(at + 8), let address = contents.u64(at + 16),
                let fileSize = contents.place(at + 32), let memorySize = contents.u64(at + 40),
                let alignment = contents.u64(at + 48)
            else {
                throw PluginRefusal(
                    file: file, cause: .damaged,
                    what: "program header \(index) (byte \(at)) is damaged",
                    advice: "build it again")
            }
            segments.append(
                Segment(
                    type: type, flags: flags, offset: offset, address: address, fileSize: fileSize,
                    memorySize: memorySize, alignment: alignment))
        }
        return segments
    }

    private func checkSegments() throws(PluginRefusal) {
        let types = [
            SegmentType.load, SegmentType.dynamic, SegmentType.note, SegmentType.threadLocal,
        ]
        for (index, segment) in segments.enumerated() where types.contains(segment.type) {
            guard contents.holds(segment.offset, segment.fileSize) else {
                throw refusal(
                    .cutShort,
                    "is cut short: segment \(index) ends at byte "
                        + "\(segment.offset.addingReportingOverflow(segment.fileSize).partialValue), "
                        + "the file has \(contents.count)", "copy or build it again")
            }
        }
        let loads = segments(of: SegmentType.load)
        guard !loads.isEmpty else {
            throw refusal(.damaged, "has nothing to load", "build it again")
        }
        for segment in loads {
            guard UInt64(segment.fileSize) <= segment.memorySize,
                segment.memorySize <= Self.largestImage,
                segment.address <= Self.largestImage
            else {
                throw refusal(
                    .damaged,
                    "a segment of \(segment.fileSize) bytes wants \(segment.memorySize) "
                        + "bytes of memory at \(segment.address)", "build it again")
            }
        }
        for (a, b) in zip(loads, loads.dropFirst()) where a.address + a.memorySize > b.address {
            throw refusal(.damaged, "its segments overlap or are out of order", "build it again")
        }
    }

    /// Sections are not needed to load it, but their table stands last in the file: where it is
    /// missing, so is more.
    private func checkSections() throws(PluginRefusal) {
        guard let table = contents.u64(40), table != 0, let entry = contents.u16(58),
            let count = contents.u16(60)
        else { return }
        let size = Int(entry) * Int(count)
        guard let place = Int(exactly: table), contents.holds(place, size) else {
            throw refusal(
                .cutShort,
                "is cut short: its section table lies beyond byte \(contents.count), "
                    + "where the file ends", "copy or build it again")
        }
    }
}

/// Processor architectures by their ELF numbers.
enum Machine {
    #if arch(x86_64)
    static let ours: UInt16 = 62
    #elseif arch(arm64)
    static let ours: UInt16 = 183
    #endif

    static func name(_ number: UInt16) -> String {
        switch number {
        case 3: "i386"
        case 40: "ARM"
        case 62: "x86_64"
        case 183: "aarch64"
        case 243: "RISC-V"
        default: "machine \(number)"
        }
    }
}
