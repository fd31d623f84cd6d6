import CTapedeck
import Glibc

/// Checks what an opened image offers before anything of it is called, the entry excepted.
enum PluginTable {
    private typealias Entry = @convention(c) () -> UnsafePointer<td_plugin>?

    static func check(
        _ handle: UnsafeMutableRawPointer, _ file: PluginFile
    ) throws(PluginRefusal) -> (UnsafePointer<td_plugin>, LoadedRange) {
        func refusal(_ what: String, _ advice: String = "") -> PluginRefusal {
            PluginRefusal(file: file.path, cause: .table, what: what, advice: advice)
        }
        guard let address = unsafe dlsym(handle, "tapedeck_plugin_v1") else {
            throw PluginRefusal(
                file: file.path, cause: .noEntry, what: "does not export tapedeck_plugin_v1")
        }
        guard let range = LoadedRange.image(holding: UInt(bitPattern: address)),
            range.holdsCode(at: UInt(bitPattern: address))
        else { throw refusal("its tapedeck_plugin_v1 is not a function") }
        // It is code of this image, with the signature that the header gives that name.
        let entry = unsafe unsafeBitCast(address, to: Entry.self)
        guard let table = unsafe entry() else {
            throw refusal("tapedeck_plugin_v1 answers with null")
        }
        guard unsafe entry() == table else {
            throw refusal(
                "tapedeck_plugin_v1 answers with another table each time", "return one static table"
            )
        }
        let start = UInt(bitPattern: table)
        guard range.contains(start), range.contains(start + UInt(MemoryLayout<td_plugin>.size) - 1)
        else {
            throw refusal(
                "its table is not part of the library", "return the address of a static table")
        }
        try unsafe check(table.pointee, range, file)
        return unsafe (table, range)
    }

    private static func check(
        _ table: td_plugin, _ range: LoadedRange, _ file: PluginFile
    ) throws(PluginRefusal) {
        func refusal(_ what: String, _ advice: String = "") -> PluginRefusal {
            PluginRefusal(file: file.path, cause: .table, what: what, advice: advice)
        }
        guard table.struct_size >= UInt32(MemoryLayout<td_plugin>.size) else {
            throw refusal(
                "its table says that it has \(table.struct_size) bytes; ABI 1.0 has "
                    + "\(MemoryLayout<td_plugin>.size)", "set struct_size to sizeof(td_plugin)")
        }
        guard table.abi_major == UInt16(TD_ABI_MAJOR) else {
            throw refusal(
                "its table is of ABI \(table.abi_major).\(table.abi_minor), but its entry of ABI 1",
                "set abi_major to TD_ABI_MAJOR")
        }
        guard table.abi_minor >= UInt16(clamping: file.manifest.abi.minor) else {
            throw refusal(
                "its manifest needs ABI \(file.manifest.abi), but its table is of ABI "
                    + "\(table.abi_major).\(table.abi_minor)", "build it with the newer header")
        }
        for function in functions(of: table, file.manifest) {
            guard let address = function.address else {
                if let need = function.need {
                    throw refusal(
                        "has no \(function.name) in its table, but \(need)",
                        "write it, or correct the manifest")
                }
                continue
            }
            guard range.holdsCode(at: address) else {
                throw refusal(
                    "\(function.name) in its table points out of the library (into "
                        + "\(LoadedRange.fileName(holding: address)))",
                    "wrap it in a function of your own")
            }
        }
    }

    private struct Function {
        var name: String
        var address: UInt?
        /// Why it must be there; nil when it may be null.
        var need: String?
    }

    private static func functions(of table: td_plugin, _ manifest: Manifest) -> [Function] {
        // A C function's pointer is one word; null is zero.
        func address<T>(_ pointer: T) -> UInt? {
            let word = unsafe unsafeBitCast(pointer, to: UInt.self)
            return word == 0 ? nil : word
        }
        let always = "every strategy must"
        let state = manifest.state == nil ? nil : "its manifest says that it keeps state"
        let live =
            manifest.parameters.contains(where: \.isLive) ? "its manifest has live parameters" : nil
        return unsafe [
            Function(name: "create", address: address(table.create), need: always),
            Function(name: "destroy", address: address(table.destroy), need: always),
            Function(name: "start", address: address(table.start), need: always),
            Function(name: "stop", address: address(table.stop), need: always),
            Function(name: "on_events", address: address(table.on_events), need: always),
            Function(name: "set_parameter", address: address(table.set_parameter), need: live),
            Function(name: "save", address: address(table.save), need: state),
            Function(name: "load", address: address(table.load), need: state),
            Function(name: "extension", address: address(table.extension), need: nil),
        ]
    }
}
