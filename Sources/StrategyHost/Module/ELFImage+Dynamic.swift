extension ELFImage {
    struct Symbol: Hashable {
        var name: String
        var isDefined: Bool
        var isWeak: Bool
        /// GNU's "one in the whole process": pins the image.
        var isUnique: Bool
        var isFunction: Bool
        var address: UInt64
    }

    /// What the dynamic segment says; empty where the file has none.
    struct Dynamic {
        var needed: [String] = []
        var searchPaths: [String] = []
        var symbols: [Symbol] = []
        var isNoDelete = false
        var isInitFirst = false
        var usesStaticThreadLocals = false
        var hasTextRelocations = false
        var bindsAtOnce = false
        var constructorCount = 0
    }

    /// Entry numbers of the System V and GNU specifications.
    private enum Tag {
        static let needed: UInt64 = 1
        static let hash: UInt64 = 4
        static let strings: UInt64 = 5
        static let symbols: UInt64 = 6
        static let stringsSize: UInt64 = 10
        static let initialize: UInt64 = 12
        static let rpath: UInt64 = 15
        static let textRelocations: UInt64 = 22
        static let bindNow: UInt64 = 24
        static let initializersSize: UInt64 = 27
        static let runpath: UInt64 = 29
        static let flags: UInt64 = 30
        static let gnuHash: UInt64 = 0x6FFF_FEF5
        static let flags1: UInt64 = 0x6FFF_FFFB
    }

    func dynamic() throws(PluginRefusal) -> Dynamic {
        guard let segment = segments(of: SegmentType.dynamic).first else {
            throw refusal(.damaged, "has no dynamic segment", "link it as a shared library")
        }
        var entries: [(tag: UInt64, value: UInt64)] = []
        for at in stride(from: segment.offset, to: segment.offset + segment.fileSize - 15, by: 16) {
            guard let tag = contents.u64(at), let value = contents.u64(at + 8), tag != 0 else {
                break
            }
            entries.append((tag, value))
        }
        func value(_ tag: UInt64) -> UInt64? { entries.first { $0.tag == tag }?.value }
        guard let stringsAddress = value(Tag.strings), let stringsSize = value(Tag.stringsSize),
            let stringsSize = Int(exactly: stringsSize),
            let strings = offset(ofAddress: stringsAddress, length: stringsSize)
        else {
            throw refusal(
                .damaged, "its table of names is missing or outside the file", "build it again")
        }
        let names = strings..<strings + stringsSize

        var dynamic = Dynamic()
        dynamic.needed = try entries.filter { $0.tag == Tag.needed }.map {
            entry throws(PluginRefusal) in
            try name(entry.value, in: names)
        }
        for entry in entries where entry.tag == Tag.rpath || entry.tag == Tag.runpath {
            dynamic.searchPaths += try name(entry.value, in: names).split(separator: ":").map(
                String.init)
        }
        let flags = value(Tag.flags) ?? 0
        let flags1 = value(Tag.flags1) ?? 0
        dynamic.isNoDelete = flags1 & 8 != 0
        dynamic.isInitFirst = flags1 & 0x20 != 0
        dynamic.usesStaticThreadLocals = flags & 0x10 != 0
        dynamic.hasTextRelocations = flags & 4 != 0 || value(Tag.textRelocations) != nil
        dynamic.bindsAtOnce = flags & 8 != 0 || flags1 & 1 != 0 || value(Tag.bindNow) != nil
        dynamic.constructorCount =
            Int(clamping: (value(Tag.initializersSize) ?? 0) / 8)
            + (value(Tag.initialize) ?? 0 != 0 ? 1 : 0)
        if let table = value(Tag.symbols) {
            let count = try symbolCount(
                table: table, strings: stringsAddress, hash: value(Tag.hash),
                gnuHash: value(Tag.gnuHash))
            dynamic.symbols = try symbols(at: table, count: count, names: names)
        }
        return dynamic
    }

    private func name(_ place: UInt64, in names: Range<Int>) throws(PluginRefusal) -> String {
        guard let place = Int(exactly: place), place < names.count,
            let text = contents.text(names.lowerBound + place, before: names.upperBound)
        else {
            throw refusal(.damaged, "a name lies outside of its table of names", "build it again")
        }
        return text
    }

    private func symbols(
        at address: UInt64, count: Int, names: Range<Int>
    ) throws(PluginRefusal) -> [Symbol] {
        guard count <= contents.count / 24,
            let table = offset(ofAddress: address, length: count * 24)
        else {
            throw refusal(
                .damaged, "its table of \(count) symbols is outside the file", "build it again")
        }
        // Entry 0 is always empty.
        return try (1..<max(count, 1)).map { index throws(PluginRefusal) in
            let at = table + index * 24
            let info = contents.u8(at + 4) ?? 0
            return Symbol(
                name: try name(UInt64(contents.u32(at) ?? 0), in: names),
                isDefined: contents.u16(at + 6) ?? 0 != 0, isWeak: info >> 4 == 2,
                isUnique: info >> 4 == 10,
                isFunction: info & 15 == 2, address: contents.u64(at + 8) ?? 0)
        }
    }

    /// The number of symbols stands in no entry: the old hash table has it, the new one implies it.
    private func symbolCount(
        table: UInt64, strings: UInt64, hash: UInt64?, gnuHash: UInt64?
    ) throws(PluginRefusal) -> Int {
        if let hash {
            guard let at = offset(ofAddress: hash, length: 8), let count = contents.u32(at + 4)
            else {
                throw refusal(.damaged, "its symbol hash is outside the file", "build it again")
            }
            return Int(count)
        }
        guard let gnuHash else {
            return strings > table ? Int(clamping: (strings - table) / 24) : 0
        }
        guard let at = offset(ofAddress: gnuHash, length: 16), let buckets = contents.u32(at),
            let first = contents.u32(at + 4), let words = contents.u32(at + 8)
        else { throw refusal(.damaged, "its symbol hash is outside the file", "build it again") }
        let bucketsAt = at + 16 + Int(words) * 8
        guard contents.holds(bucketsAt, Int(buckets) * 4) else {
            throw refusal(.damaged, "its symbol hash is outside the file", "build it again")
        }
        var last: UInt32 = 0
        for index in 0..<Int(buckets) { last = max(last, contents.u32(bucketsAt + index * 4) ?? 0) }
        guard last >= first, last > 0 else { return Int(first) }
        let chains = bucketsAt + Int(buckets) * 4
        // A chain ends at the first odd hash.
        while let hash = contents.u32(chains + Int(last - first) * 4) {
            if hash & 1 == 1 { return Int(last) + 1 }
            last &+= 1
        }
        throw refusal(.damaged, "its symbol hash has no end", "build it again")
    }
}
