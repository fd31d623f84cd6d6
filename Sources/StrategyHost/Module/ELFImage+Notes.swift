extension ELFImage {
    struct Note: Hashable {
        var owner: String
        var type: UInt32
        var bytes: ArraySlice<UInt8>
    }

    /// All notes of the file; a damaged note ends its segment's.
    var notes: [Note] {
        segments(of: SegmentType.note).flatMap { segment -> [Note] in
            // Notes are aligned to 4, or to 8 where the segment says so.
            let alignment = segment.alignment == 8 ? 8 : 4
            let end = segment.offset + segment.fileSize
            var notes: [Note] = []
            var at = segment.offset
            while let note = note(at: at, before: end, alignment: alignment) {
                notes.append(note.note)
                at = note.end
            }
            return notes
        }
    }

    private func note(at start: Int, before end: Int, alignment: Int) -> (note: Note, end: Int)? {
        guard end - start >= 12, let nameSize = contents.u32(start),
            let size = contents.u32(start + 4),
            let type = contents.u32(start + 8)
        else { return nil }
        func aligned(_ number: Int) -> Int { (number + alignment - 1) / alignment * alignment }
        let bytesAt = aligned(12 + Int(nameSize))
        guard bytesAt + Int(size) <= end - start,
            let name = contents.slice(start + 12, Int(nameSize)),
            let bytes = contents.slice(start + bytesAt, Int(size))
        else { return nil }
        let owner = String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
        return (Note(owner: owner, type: type, bytes: bytes), start + bytesAt + aligned(Int(size)))
    }

    /// The manifest in the file's note.
    func manifest() throws(PluginRefusal) -> Manifest {
        let found = notes.filter { $0.owner == "TAPEDECK" && $0.type == 1 }
        guard let note = found.first else {
            throw refusal(
                .noManifest,
                "has no manifest (a note with owner TAPEDECK and type 1): it is a shared "
                    + "library, but not a strategy",
                "write one with TD_MANIFEST, once, and link without stripping notes")
        }
        guard found.count == 1 else {
            throw refusal(
                .severalManifests, "has \(found.count) manifests",
                "use TD_MANIFEST in one file only")
        }
        guard note.bytes.count <= ManifestReader.longest else {
            throw refusal(
                .manifest,
                "its manifest has \(note.bytes.count) bytes; the most is "
                    + "\(ManifestReader.longest)", "shorten the texts")
        }
        do {
            return try ManifestReader.read(Array(note.bytes))
        } catch {
            let list = error.problems.map { "\n  \($0)" }.joined()
            throw refusal(
                .manifest, "its manifest is wrong:\(list)",
                "\n  docs/MANIFEST.md says how it is written")
        }
    }
}
