// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target is held to the same rules; see docs/ARCHITECTURE.md.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// The pure rooms and those on an event's way: one call across modules must cost what one inside
/// costs.
let optimised: [SwiftSetting] = [
    .unsafeFlags(
        ["-cross-module-optimization", "-enforce-exclusivity=unchecked"],
        .when(configuration: .release))
]
let hot: [SwiftSetting] = strict + optimised

func room(
    _ name: String, _ dependencies: [Target.Dependency], _ settings: [SwiftSetting] = strict
) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

let testing: [SwiftSetting] = [.swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny")]

/// What several test targets share.
func support(_ name: String, _ dependencies: [Target.Dependency], _ folder: String) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Tests/Support/\(folder)",
        swiftSettings: testing)
}

func tests(
    _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], path: String? = nil
) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, path: path, exclude: exclude, swiftSettings: testing
    )
}

/// `TAPEDECK_TESTS=KernelTests,DeckTests` leaves the other tests out of a build: what one room's
/// work needs.
let chosenTests = Context.environment["TAPEDECK_TESTS"]?.split(separator: ",").map(String.init)

let package = Package(
    name: "Tapedeck",
    products: [.executable(name: "tapedeck", targets: ["tapedeck"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: [
        .systemLibrary(name: "CTapedeck", path: "sdk/include"),
        .systemLibrary(
            name: "CYaml", path: "Sources/CYaml", pkgConfig: "yaml-0.1",
            providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(
            name: "CSQLite", path: "Sources/CSQLite", pkgConfig: "sqlite3",
            providers: [.apt(["libsqlite3-dev"])]),

        .systemLibrary(name: "CLinux", path: "Sources/CLinux"),
        .target(name: "CSandbox", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
        .target(name: "CTrial", dependencies: ["CSandbox"], path: "Sources/CTrial"),

        room("Market", ["CTapedeck"], hot),
        room("Kernel", ["Market", "CTapedeck"], hot),
        room("Analysis", [], hot),
        room("Feeds", ["Market", "CTapedeck"], hot),
        room(
            "StrategyHost", ["Kernel", "Market", "CTapedeck", "CLinux", "CSandbox", "CTrial"], hot),
        room("Journal", ["Kernel", "Market", "CSQLite"]),
        room(
            "Deck",
            [
                "Feeds", "StrategyHost", "Journal", "Analysis", "Kernel", "Market", "CTapedeck",
                "CYaml", "CLinux",
            ], hot),
        .executableTarget(
            name: "tapedeck",
            dependencies: [
                "Deck", "Feeds", "StrategyHost", "Journal", "Analysis", "Kernel", "Market",
                "CTapedeck",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),

        // What runs a stranger's strategy: started by tapedeck, found beside it.
        .executableTarget(
            name: "tapedeck-worker", dependencies: ["StrategyHost"], swiftSettings: strict),

        // Paired with the C limit by scripts/bench.
        .executableTarget(
            name: "tapedeck-bench",
            dependencies: [
                "Deck", "Feeds", "StrategyHost", "Journal", "Analysis", "Kernel", "Market",
                "CTapedeck",
            ],
            path: "Benchmarks", exclude: ["idle"],
            swiftSettings: [.swiftLanguageMode(.v6)] + optimised),

        // The author's Swift helper, built here as an ordinary module so that its indicators meet
        // the goldens.
        .target(
            name: "TapedeckSDK", dependencies: ["CTapedeck"], path: "sdk/swift/Sources",
            swiftSettings: [.swiftLanguageMode(.v6)]),

        support("TestGround", [], "Ground"),
        support("TestBacktests", ["TestGround", "Kernel", "Market", "CTapedeck"], "Backtests"),

        tests("MarketTests", ["TestGround", "Market", "CTapedeck"]),
        tests("KernelTests", ["TestBacktests", "TestGround", "Kernel", "Market", "CTapedeck"]),
        tests("AnalysisTests", ["TestGround", "Analysis"]),
        tests("FeedsTests", ["TestGround", "Feeds", "Market", "CTapedeck"]),
        tests(
            "StrategyHostTests",
            [
                "TestGround", "StrategyHost", "Kernel", "Market", "CTapedeck", "CLinux", "tapedeck",
                "tapedeck-worker",
            ]),
        tests("JournalTests", ["TestGround", "Journal", "Kernel", "Market"]),
        .target(name: "CAllocations", path: "Tests/Support/Allocations"),
        tests(
            "DeckTests",
            [
                "TestBacktests", "TestGround", "Deck", "Feeds", "StrategyHost", "Journal",
                "Analysis", "Kernel", "Market",
                "CTapedeck", "CAllocations", "tapedeck-worker",
            ]),
        tests("TapedeckTests", ["TestGround", "tapedeck", "tapedeck-worker", "Deck"]),
        tests(
            "HostilePluginTests",
            [
                "TestGround", "Deck", "StrategyHost", "Journal", "Market", "tapedeck",
                "tapedeck-worker",
            ], exclude: ["hostile.c"], path: "Tests/HostilePlugins"),
        tests("SDKTests", ["TestGround", "TapedeckSDK", "CTapedeck"]),
        tests("HouseTests", [], exclude: ["allow-list.txt"]),
    ]
)

if let chosenTests {
    package.targets.removeAll { $0.type == .test && !chosenTests.contains($0.name) }
}
