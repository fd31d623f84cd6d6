import Foundation
import Synchronization
import TestGround

/// The fixtures `recorder.c`, `says.c` and `wild.c`, compiled once for each set of defines.
enum LiveModules {
    private static let built = Mutex<[String: String]>([:])
    private static let folder = ScratchFolder()

    struct Failure: Error { var text: String }

    static func recorder(_ defines: String...) throws -> String { try module("recorder", defines) }
    static func says(_ defines: String...) throws -> String { try module("says", defines) }

    static func wild() throws -> String { try module("wild", []) }

    private static func module(_ name: String, _ defines: [String]) throws -> String {
        try built.withLock { built in
            let key = ([name] + defines).joined(separator: " ")
            if let path = built[key] { return path }
            let path = folder.file("\(name)-\(built.count).so")
            let arguments =
                ["gcc", "-shared", "-fPIC", "-O1", "-std=c11", "-D_DEFAULT_SOURCE"]
                + ["-I\(Checkout.path("sdk/include"))"] + defines.map { "-D" + $0 }
                + [Checkout.path("Tests/Fixtures/plugins/\(name).c"), "-o", path]
            let compiler = try run("/usr/bin/env", arguments)
            guard compiler.status == 0 else { throw Failure(text: compiler.error) }
            built[key] = path
            return path
        }
    }

    /// The older and the newer version.
    static func versions() throws -> (old: String, new: String) {
        (try recorder(), try recorder("VERSION=\"2.0.0\""))
    }
}
