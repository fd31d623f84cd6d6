import Foundation
import TestGround
import Testing

/// Every set-up under `examples` builds and runs as its README says.
@Suite(.serialized) struct ExampleTests {
    static let folder = Checkout.root.appending(path: "examples")

    /// The set-ups found there: folders with a `play`.
    static let names: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter {
            FileManager.default.fileExists(atPath: folder.appending(path: "\($0)/play").path)
        }.sorted()
    }()

    @Test func `there are examples, and every folder is one`() throws {
        print("examples: \(Self.names.count)")
        #expect(Self.names.count >= 4)
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).filter {
            name in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(
                atPath: Self.folder.appending(path: name).path, isDirectory: &isFolder)
                && isFolder.boolValue
        }
        #expect(folders.sorted() == Self.names)
    }

    @Test(arguments: names) func `an example builds and plays to a result`(name: String) throws {
        let place = Self.folder.appending(path: name)
        for file in ["README.md", "strategies.yaml"] {
            #expect(
                FileManager.default.fileExists(atPath: place.appending(path: file).path),
                "\(name) has no \(file)")
        }
        // From elsewhere, as nobody promises where it is called from.
        let workshop = Workshop()
        var program = Program(folder: workshop.folder)
        program.environment["TAPEDECK"] = Program.path
        let ending = try program.start([], program: place.appending(path: "play").path).end(
            within: 180)
        #expect(ending.status == 0, "\(name): \(ending)")
        #expect(ending.errors == "", "\(name): \(ending)")
        #expect(ending.output.contains("Backtest of strategies.yaml"), "\(name): \(ending)")
        #expect(ending.output.contains("\ndigest   "), "\(name): \(ending)")
        #expect(!ending.output.contains(" 0 fills"), "\(name) does not trade: \(ending)")
    }
}
