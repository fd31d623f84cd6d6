import Foundation
import StrategyHost
import TestGround
import Testing

/// Every strategy that is shipped passes every check, and the page that describes the checks is
/// true.
@Suite(.serialized) struct ShippedTests {
    static let modules =
        ((try? FileManager.default.contentsOfDirectory(atPath: Checkout.plugins)) ?? [])
        .filter { $0.hasSuffix(".so") }.sorted()

    @Test func `there are modules to check`() {
        #expect(Self.modules.count >= 10, "run scripts/plugins")
    }

    @Test(arguments: modules) func `a shipped strategy passes without a remark`(
        module: String
    ) throws {
        let report = try CheckerTests.check("\(Checkout.plugins)/\(module)")
        let wrong = (report.failures + report.remarks).map { "\($0.check.id): \($0.outcome.words)" }
        #expect(report.hasPassed && wrong.isEmpty, "\(wrong)")
        #expect(
            report.unload == "clean" && report.deterministic == "yes" && report.needs == "nothing")
        #expect(
            report.count(.pass) >= 90,
            "\(report.results.filter { $0.outcome.verdict == .skip }.map(\.check.id))")
    }

    @Test func `a strategy that asks for all passes as well`() throws {
        // The seed is another market: what is true of one must be true of it.
        var check = PluginCheck()
        check.executable = CheckerTests.program
        check.seed = 2026
        let report = try check.run("\(Checkout.plugins)/zscore.so")
        #expect(
            report.hasPassed, "\(report.failures.map { "\($0.check.id): \($0.outcome.words)" })")
        #expect(report["contract.life"]?.words.contains("orders in") == true)
    }

    @Test func `docs/CHECKER.md lists every check with its rule, in order`() throws {
        let listed = try Checkout.text("docs/CHECKER.md").split(separator: "\n").filter {
            $0.hasPrefix("| `")
        }
        #expect(listed.map(String.init) == Check.all.map { "| `\($0.id)` | \($0.title) |" })
    }

    @Test func `ids are of a section, there is no second of one, and each is explained`() {
        #expect(Check.all.count >= 50)
        #expect(Set(Check.all.map(\.id)).count == Check.all.count)
        for check in Check.all {
            #expect(
                Check.Section.allCases.contains { check.id.hasPrefix("\($0.rawValue).") },
                "\(check.id)")
            #expect(
                check.title.count > 10 && check.why.count > 20 && check.advice.count > 5,
                "\(check.id)")
        }
        #expect(Check.matching("state").count == Check.all.filter { $0.section == .state }.count)
        #expect(Check.matching("causality.future").map(\.id) == ["causality.future"])
    }
}
