import Foundation
import Testing

@testable import StrategyHost

@Suite struct PluginFileTests {
    static func refusal(_ bytes: [UInt8]) -> PluginRefusal? {
        do {
            _ = try PluginFile(bytes: bytes, path: "x.so")
            return nil
        } catch {
            return error
        }
    }

    @Test func `a good module tells what it is without being run`() throws {
        // Its constructor would end this process.
        let path = try Fixture.module("refused.c", ["CONSTRUCTOR_EXITS"])
        let file = try PluginFile.read(path)
        #expect(file.manifest.id == "org.tapedeck.test")
        #expect(file.size == (try Fixture.bytes(path)).count)
        #expect(file.facts.exports == ["tapedeck_plugin_v1"])
        #expect(file.facts.entryMajors == [1])
        #expect(file.facts.neededLibraries == ["libc.so.6"])
        #expect(file.facts.missingLibraries.isEmpty)
        #expect(file.unresolvedNames().isEmpty)
        #expect(file.facts.imports.contains("_exit"))
        #expect(file.facts.pinningReasons.isEmpty)
        #expect(file.facts.constructorCount == 3)
        #expect(!file.facts.hasExecutableStack)
        #expect(!file.facts.hasWritableCode)
        #expect(file.workerOnlyReason == nil)
    }

    @Test func `the hash is that of the file`() throws {
        let path = try Fixture.module("refused.c", ["CONSTRUCTOR_EXITS"])
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/sha256sum")
        process.arguments = [path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(try PluginFile.read(path).digest.description == text.prefix(64))
    }

    @Test func `pinning and hardening facts are seen`() throws {
        let path = try Fixture.module(
            "refused.c",
            flags: [
                "-Wl,-z,nodelete", "-Wl,-z,execstack", "-Wl,-z,lazy", "-Wl,-rpath,/opt/x", "-lm",
                "-Wl,--no-as-needed",
            ])
        let facts = try PluginFile.read(path).facts
        #expect(facts.isNoDelete)
        #expect(facts.pinningReasons == ["it is linked with -z nodelete"])
        #expect(facts.hasExecutableStack)
        #expect(facts.searchPaths == ["/opt/x"])
        #expect(
            facts.hardeningRemarks == [
                "wants an executable stack (link with -z noexecstack)",
                "its tables stay writable (link with -z relro -z now)",
            ])
    }

    @Test func `a name that nothing defines is seen`() throws {
        let file = try PluginFile.read(Fixture.module("refused.c", ["UNDEFINED_SYMBOL"]))
        #expect(file.unresolvedNames() == ["td_submit_order"])
    }

    @Test(
        arguments: [
            ("NO_MANIFEST", .noManifest, "has no manifest"),
            ("NOT_JSON", .manifest, "a comma before the end of the object"),
            ("BAD_ID", .manifest, #"id (line 1, column 21): "../../etc" is not reverse DNS"#),
            ("BAD_PARAMETERS", .manifest, "9 is above the largest value, 5"),
            ("BAD_PARAMETERS", .manifest, "1 is the id of another parameter"),
            ("OTHER_MANIFEST_MAJOR", .manifest, "says ABI 2.0, but it exports an entry for ABI 1"),
            (
                "NEWER_MINOR", .newerABI,
                "needs ABI 1.999; this host has ABI 1.0 - use a newer Tapedeck"
            ),
            ("NO_ENTRY", .noEntry, "does not export tapedeck_plugin_v1"),
            (
                "ENTRY_V2", .otherMajor,
                "is made for ABI 2; this host has ABI 1.0 - use a newer Tapedeck"
            ),
        ] as [(String, PluginRefusal.Cause, String)])
    func `what a module says wrongly is refused before it is opened`(
        define: String, cause: PluginRefusal.Cause, text: String
    ) throws {
        let refusal = Self.refusal(try Fixture.bytes(Fixture.module("refused.c", [define])))
        #expect(refusal?.cause == cause)
        #expect(
            refusal?.description.contains(text) == true, "\(refusal?.description ?? "accepted")")
    }

    @Test func `what is no such file is refused with its reason`() throws {
        try Fixture.withFolder { folder in
            let empty = folder.appending(path: "empty.so")
            try Data().write(to: empty)
            let text = folder.appending(path: "text.so")
            try Data("#!/bin/sh\n".utf8).write(to: text)
            let closed = folder.appending(path: "closed.so")
            try Data("x".utf8).write(to: closed)
            let pipe = folder.appending(path: "pipe.so")
            #expect(mkfifo(pipe.path, 0o600) == 0)
            let huge = folder.appending(path: "huge.so")
            try Data().write(to: huge)
            #expect(truncate(huge.path, FileContents.largest + 1) == 0)
            let cases: [(String, PluginRefusal.Cause, String)] = [
                (folder.appending(path: "none.so").path, .notFound, "there is no such file"),
                (folder.path, .notRegularFile, "is a folder"),
                (empty.path + "/x", .notFound, "there is no such file"),
                ("a\0b", .notFound, "there is no such file"),
                (empty.path, .empty, "is empty"),
                (text.path, .notELF, "is not a Linux shared library: it begins with \"#!/bin/s\""),
                (pipe.path, .notRegularFile, "is not a regular file"),
                (huge.path, .tooLarge, "has 268435457 bytes; the most is 268435456"),
            ]
            for (path, cause, text) in cases {
                let error = #expect(throws: PluginRefusal.self) { try PluginFile.read(path) }
                #expect(error?.cause == cause)
                #expect(error?.what.hasPrefix(text) == true, "\(error?.what ?? "")")
            }
            if getuid() != 0 {
                #expect(chmod(closed.path, 0) == 0)
                let error = #expect(throws: PluginRefusal.self) { try PluginFile.read(closed.path) }
                #expect(error?.cause == .unreadable)
                #expect(error?.what == "cannot be read: Permission denied")
            }
        }
    }

    @Test func `a header of another kind of machine is refused`() throws {
        let good = try Fixture.bytes(Fixture.module("refused.c"))
        func changed(_ offset: Int, _ byte: UInt8) -> PluginRefusal? {
            var bytes = good
            bytes[offset] = byte
            return Self.refusal(bytes)
        }
        #expect(Self.refusal(good) == nil)
        #expect(changed(4, 1)?.cause == .not64Bit)
        #expect(changed(5, 2)?.cause == .bigEndian)
        #expect(changed(16, 2)?.what == "is a program, not a shared library")
        #expect(changed(16, 1)?.what == "is an object file, not a shared library")
        #expect(changed(18, 40)?.what.hasPrefix("is for ARM; this machine is ") == true)
        #expect(changed(54, 32)?.cause == .damaged)
        #expect(changed(56, 0)?.cause == .damaged)
        #expect(changed(56, 200)?.cause == .damaged)
        #expect(changed(39, 0xFF)?.cause == .damaged)
        #expect(changed(36, 0xFF)?.cause == .cutShort)
    }

    @Test func `a file cut short anywhere is refused`() throws {
        let good = try Fixture.bytes(Fixture.module("refused.c"))
        let image = try ELFImage(good, file: "x.so")
        var lengths = Set([1, 3, 4, 63, 64, 65, good.count - 1])
        for segment in image.segments {
            for length in [segment.offset, segment.offset + segment.fileSize] {
                lengths.formUnion([length - 1, length, length + 1])
            }
        }
        for header in 0...image.segments.count {
            lengths.formUnion([64 + header * 56 - 1, 64 + header * 56])
        }
        for length in stride(from: 0, to: good.count, by: 257) { lengths.insert(length) }
        for length in lengths.sorted() where length > 0 && length < good.count {
            let refusal = Self.refusal(Array(good[..<length]))
            #expect(refusal != nil, "accepted at \(length) of \(good.count) bytes")
            if length >= 4 {
                #expect(refusal?.cause == .cutShort, "\(length): \(refusal?.description ?? "")")
            }
        }
    }

    @Test(arguments: 0..<40) func `a file with changed bytes never crashes the reader`(
        seed: UInt64
    ) throws {
        let good = try Fixture.bytes(Fixture.module("refused.c"))
        var random = SeededBytes(seed: seed)
        let image = try ELFImage(good, file: "x.so")
        let dynamic = try #require(image.segments(of: ELFImage.SegmentType.dynamic).first)
        let note = try #require(image.segments(of: ELFImage.SegmentType.note).last)
        // Where it hurts: headers, dynamic entries, symbol tables and notes; and anywhere.
        let places = [
            0..<1024, dynamic.offset..<dynamic.offset + dynamic.fileSize,
            note.offset..<note.offset + note.fileSize, 0..<good.count,
        ]
        for round in 0..<60 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = places[Int.random(in: 0..<places.count, using: &random)]
                let at = Int.random(in: place, using: &random)
                bytes[at] = [0, 0x7F, 0x80, 0xFF, UInt8(truncatingIfNeeded: random.next())]
                    .randomElement(using: &random)!
            }
            if random.next() % 4 == 0 {
                bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
            }
            if let refusal = Self.refusal(bytes) {
                #expect(!refusal.what.isEmpty, "seed \(seed), round \(round)")
            }
        }
    }

    @Test(arguments: 0..<20) func `random bytes behind a good header never crash the reader`(
        seed: UInt64
    ) throws {
        let good = try Fixture.bytes(Fixture.module("refused.c"))
        var random = SeededBytes(seed: seed)
        let bytes = good[..<64] + (0..<4096).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        #expect(Self.refusal(Array(bytes)) != nil, "seed \(seed)")
    }
}
