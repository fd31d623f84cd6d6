import Foundation
import Synchronization
import TestGround

/// Modules of hostile.c, compiled when a test needs them, and kept for the next run.
enum HostileModule {
    struct Failure: Error, CustomStringConvertible { var description: String }

    private static let compiler = Mutex(())

    /// The path of the module that does `name`.
    static func path(_ name: String) throws -> String {
        let source = Checkout.path("Tests/HostilePlugins/hostile.c")
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "tapedeck-hostile-\(getuid())"
        ).path
        let arguments = [
            "-shared", "-fPIC", "-fvisibility=hidden", "-Wall", "-Wextra", "-Werror", "-O1",
            "-std=gnu11",
            "-I\(Checkout.path("sdk/include"))",
            "-Wl,--version-script=\(Checkout.path("sdk/plugin.map"))",
            "-Wl,-z,now", "-Wl,-z,relro", "-Wl,-z,defs", "-Wl,-z,noexecstack", "-DCASE=\(name)",
            source,
        ]
        var key = arguments.joined(separator: "\0")
        for file in [source, Checkout.path("sdk/include/tapedeck.h")] {
            key += try String(contentsOfFile: file, encoding: .utf8)
        }
        let hash = key.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01B3
        }
        let file = "\(folder)/\(name)-\(String(hash, radix: 36)).so"
        return try compiler.withLock { _ in
            if FileManager.default.fileExists(atPath: file) { return file }
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
            // A name of its own, then a rename: another test process may build the same.
            let draft = "\(file).\(getpid())"
            let built = try run("/usr/bin/env", ["gcc"] + arguments + ["-o", draft])
            guard built.status == 0 else { throw Failure(description: built.error) }
            guard rename(draft, file) == 0 else {
                throw Failure(description: "cannot rename \(draft)")
            }
            return file
        }
    }
}
