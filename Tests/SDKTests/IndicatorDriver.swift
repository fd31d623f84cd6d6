import TestGround

/// `Tests/Fixtures/indicators.cpp`, compiled: the C++ helper's indicators over a file of bars.
enum IndicatorDriver {
    static func build(in scratch: ScratchFolder) throws -> String {
        let driver = scratch.file("indicators")
        let built = try run(
            "/usr/bin/env",
            [
                "g++", "-std=c++20", "-O2", "-Wall", "-Wextra", "-Werror", "-I",
                Checkout.path("sdk/include"),
                "-I", Checkout.path("sdk/cpp"), Checkout.path("Tests/Fixtures/indicators.cpp"),
                "-o", driver,
            ])
        guard built.status == 0 else { throw NotBuilt(reason: built.error) }
        return driver
    }

    struct NotBuilt: Error { let reason: String }
}
