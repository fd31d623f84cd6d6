import Foundation
import Testing

/// The rules of the house, held against every file of the tree.
struct HouseTests {
    let repository: Repository

    init() throws { repository = try Repository.here.get() }

    private func expectNone(_ findings: [Finding]) {
        for finding in findings.sorted() { Issue.record("\(finding)") }
    }

    @Test func `the tree was read`() {
        #expect(repository["Package.swift"] != nil)
        #expect(repository.files.filter { $0.room == "Market" }.count > 1)
    }

    @Test func `imports point down, and each library has one door`() {
        expectNone(repository.files.flatMap(ImportRule.findings))
    }

    @Test func `names say what a thing is`() {
        expectNone(repository.files.flatMap(NameRule.findings))
    }

    @Test func `pure rooms only compute`() {
        expectNone(repository.files.flatMap(PureRoomRule.findings))
    }

    @Test func `what should not be there becomes less`() throws {
        let file = try #require(repository[Ratchet.listPath])
        let tree = CountedRules.ratchet(repository.files)
        let (list, unreadable) = Ratchet.read(file)
        expectNone(unreadable + Ratchet.findings(tree: tree, list: list))
        guard tree.counts != list.counts else { return }
        let copy = Repository.root.appendingPathComponent(".build/allow-list.txt")
        let heading = file.text.prefix { $0 != "\n" }
        try Data("\(heading)\n\(tree.text)".utf8).write(to: copy)
        print("the list as the tree is now: \(copy.path)")
    }

    @Test func `links between documents lead somewhere`() {
        expectNone(LinkRule.findings(repository))
    }

    @Test func `every example is built by a test`() {
        expectNone(ExampleRule.findings(repository))
    }

    @Test func `every key of a configuration is explained`() {
        expectNone(ConfigurationRule.findings(repository))
    }
}
