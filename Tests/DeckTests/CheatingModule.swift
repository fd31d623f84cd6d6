import Foundation
import Synchronization
import TestGround

/// Strategies of `Tests/Fixtures/plugins/peeks.c`, compiled once for all tests of a run.
enum CheatingModule {
    private static let folder = ScratchFolder()
    private static let built = Mutex<Set<String>>([])

    /// - Parameter define: the cheat, a macro of the fixture.
    static func path(_ define: String) throws -> String {
        try built.withLock { built in
            let path = folder.file("peeks-\(define.lowercased()).so")
            if built.contains(define) { return path }
            let compiler = try run(
                "/usr/bin/env",
                [
                    "gcc", "-shared", "-fPIC", "-O1", "-std=c11", "-D_DEFAULT_SOURCE", "-I",
                    "sdk/include", "-I",
                    "Tests/Fixtures/plugins", "-D\(define)", "Tests/Fixtures/plugins/peeks.c", "-o",
                    path,
                ], in: Checkout.root.path)
            guard compiler.status == 0 else { throw NotBuilt(reason: compiler.error) }
            built.insert(define)
            return path
        }
    }

    struct NotBuilt: Error { var reason: String }
}
