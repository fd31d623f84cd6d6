import Foundation
import Testing

@testable import StrategyHost

@Suite struct PluginStoreTests {
    @Test func `one file is opened once, whatever its path`() throws {
        let path = try Fixture.module("refused.c")
        try Fixture.withFolder { folder in
            let copy = folder.appending(path: "copy.so").path
            try FileManager.default.copyItem(atPath: path, toPath: copy)
            let store = PluginStore(probe: nil)
            let image = try store.open(path)
            #expect(try store.open(copy) === image)
            #expect(store.open.count == 1)
            #expect(store.close(image).isGone)
            #expect(store.open.isEmpty)
        }
    }

    @Test func `an image that left is nowhere in the process, and can be opened again`() throws {
        let path = try Fixture.module("refused.c")
        let store = PluginStore(probe: nil)
        for _ in 0..<3 {
            let image = try store.open(path)
            #expect(image.range.isLoaded)
            #expect(!MemoryMap.lines(image.sealed.mappedName, or: 0..<0).isEmpty)
            let name = image.sealed.mappedName
            let report = store.close(image)
            #expect(report.description.hasSuffix("unloaded, and proven gone"))
            #expect(report.residentBytes == 0)
            #expect(MemoryMap.lines(name, or: 0..<0).isEmpty)
            #expect(store.pinned.isEmpty)
        }
    }

    @Test func `the author's file can be overwritten, cut and removed while it is open`() throws {
        try Fixture.withFolder { folder in
            let path = folder.appending(path: "mine.so").path
            try FileManager.default.copyItem(atPath: Fixture.module("refused.c"), toPath: path)
            let store = PluginStore(probe: nil)
            let image = try store.open(path)
            let handle = try FileHandle(forWritingTo: URL(filePath: path))
            try handle.write(contentsOf: Data(repeating: 0xCC, count: 16_384))
            try handle.truncate(atOffset: 0)
            try handle.close()
            try FileManager.default.removeItem(atPath: path)
            #expect(image.table.pointee.struct_size == 80)
            #expect(store.close(image).isGone)
        }
    }

    @Test func `a copy cannot be written to or resized`() throws {
        let store = PluginStore(probe: nil)
        let image = try store.open(Fixture.module("refused.c"))
        #expect(write(image.sealed.descriptor, "x", 1) == -1)
        #expect(errno == EPERM)
        #expect(ftruncate(image.sealed.descriptor, 10) == -1)
        let again = open(image.sealed.path, O_RDWR)
        #expect(again < 0 || write(again, "x", 1) == -1)
        if again >= 0 { close(again) }
        #expect(store.close(image).isGone)
    }

    @Test(
        arguments: [
            (
                "SHORT_TABLE", .table,
                "its table says that it has 72 bytes; ABI 1.0 has 80 - set struct_size to sizeof(td_plugin)"
            ),
            (
                "OTHER_TABLE_MAJOR", .table,
                "its table is of ABI 2.0, but its entry of ABI 1 - set abi_major to TD_ABI_MAJOR"
            ),
            (
                "NULL_DESTROY", .table,
                "has no destroy in its table, but every strategy must - write it, or correct the manifest"
            ),
            (
                "NULL_ON_EVENTS", .table,
                "has no on_events in its table, but every strategy must - write it, or correct the manifest"
            ),
            (
                "CLAIMS_STATE", .table,
                "has no save in its table, but its manifest says that it keeps state - write it, or correct the manifest"
            ),
            (
                "CLAIMS_LIVE", .table,
                "has no set_parameter in its table, but its manifest has live parameters - write it, or correct the manifest"
            ),
            ("ENTRY_NULL", .table, "tapedeck_plugin_v1 answers with null"),
            (
                "ENTRY_ON_HEAP", .table,
                "its table is not part of the library - return the address of a static table"
            ),
            (
                "ENTRY_CHANGES", .table,
                "tapedeck_plugin_v1 answers with another table each time - return one static table"
            ),
            (
                "UNDEFINED_SYMBOL", .notOpened,
                "cannot be opened: nothing defines td_submit_order - the host exports no "
                    + "functions; call it through the td_host table that create is given"
            ),
            (
                "CLAIMS_WORKER", .workerOnly,
                "cannot run inside the host: its manifest says so - link it with "
                    + "-static-stdlib or build it as Embedded Swift (sdk/build does)"
            ),
        ] as [(String, PluginRefusal.Cause, String)])
    func `a module that offers something wrong is refused when it is opened`(
        define: String, cause: PluginRefusal.Cause, text: String
    ) throws {
        let path = try Fixture.module("refused.c", [define])
        let error = #expect(throws: PluginRefusal.self) { try PluginStore(probe: nil).open(path) }
        #expect(error?.cause == cause)
        #expect(error?.description == "\(path): \(text)")
    }

    @Test func `a function of another library is refused in the table`() throws {
        let path = try Fixture.module("refused.c", ["FOREIGN_DESTROY"])
        let error = #expect(throws: PluginRefusal.self) { try PluginStore(probe: nil).open(path) }
        #expect(
            error?.what.hasPrefix("destroy in its table points out of the library (into ") == true)
        #expect(error?.what.contains("libc.so.6") == true)
    }

    @Test func `a library that is not installed is named`() throws {
        try Fixture.withFolder { folder in
            let library = try Fixture.module(
                "refused.c", ["NO_MANIFEST"], flags: ["-Wl,-soname,libnowhere.so.9"])
            let named = folder.appending(path: "libnowhere.so").path
            try FileManager.default.copyItem(atPath: library, toPath: named)
            let path = try Fixture.module(
                "refused.c", flags: ["-Wl,--no-as-needed", "-L\(folder.path)", "-lnowhere"])
            let error = #expect(throws: PluginRefusal.self) {
                try PluginStore(probe: nil).open(path)
            }
            #expect(
                error?.description
                    == "\(path): needs libnowhere.so.9, which is not installed - install it, or link it statically"
            )
        }
    }

    @Test func `C++ statics that are unique in the process pin an image, which stays usable`()
        throws
    {
        let path = try Fixture.module("unique.cpp")
        let store = PluginStore(probe: nil)
        let image = try store.open(path)
        let report = store.close(image)
        guard case .pinned(let reasons) = report.outcome else {
            Issue.record("not pinned: \(report)")
            return
        }
        #expect(reasons.count == 1)
        #expect(reasons[0].hasPrefix("it has "))
        #expect(reasons[0].hasSuffix("...; build with -fno-gnu-unique)"))
        #expect(report.residentBytes > 4096)
        #expect(store.pinned == [report])
        #expect(try store.open(path) === image)
        // A second try changes nothing and is not counted twice.
        #expect(store.close(image).outcome == report.outcome)
        #expect(store.pinned.count == 1)
    }

    @Test func `the same without unique symbols leaves`() throws {
        let store = PluginStore(probe: nil)
        let image = try store.open(Fixture.module("unique.cpp", flags: ["-fno-gnu-unique"]))
        let report = store.close(image)
        #expect(report.isGone, "\(report)")
    }

    @Test func `a handler for a signal that is left behind keeps the image`() throws {
        let store = PluginStore(probe: nil)
        let image = try store.open(Fixture.module("leaves.c", ["HANDLER"]))
        #expect(store.close(image).outcome == .pinned(["it left a handler for signal \(SIGURG)"]))
        signal(SIGURG, SIG_DFL)
        #expect(store.close(image).isGone)
    }
}
