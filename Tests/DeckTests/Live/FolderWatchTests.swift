import Dispatch
import Foundation
import Market
import Synchronization
import TestGround
import Testing

@testable import Deck

/// A folder is watched by what its files hold.
struct FolderWatchTests {
    let folder = ScratchFolder()

    /// What was told, and a way to wait for it.
    final class Told: Sendable {
        private let changes = Mutex<[String]>([])
        private let more = DispatchSemaphore(value: 0)

        func note(_ path: String, _ change: FolderWatch.Change) {
            let word =
                switch change {
                case .appeared(let digest): "appeared \(digest.description.prefix(8))"
                case .changed(let digest): "changed \(digest.description.prefix(8))"
                case .gone: "gone"
                }
            changes.withLock { $0.append((path.split(separator: "/").last ?? "") + " " + word) }
            more.signal()
        }

        /// The next `count` things; fewer when they do not come.
        func next(_ count: Int) -> [String] {
            var next: [String] = []
            while next.count < count, more.wait(timeout: .now() + 30) == .success {
                next.append(changes.withLock { $0.removeFirst() })
            }
            return next
        }
    }

    private func watch(_ told: Told, quiet: UInt64 = 20) throws -> FolderWatch {
        let watch = try FolderWatch([folder.path], quietMilliseconds: quiet) {
            $0.hasSuffix(".so")
        } tell: {
            told.note($0, $1)
            return true
        }
        watch.start()
        return watch
    }

    private func digest(_ text: String) -> String {
        String(SHA256.hash(Array(text.utf8)).description.prefix(8))
    }

    @Test func `what was there is known; what comes, changes and goes is told once`() throws {
        folder.write("one", "old.so")
        let told = Told()
        let watch = try watch(told)
        defer { watch.stop() }
        folder.write("two", "new.so")
        #expect(told.next(1) == ["new.so appeared \(digest("two"))"])
        folder.write("three", "old.so")
        #expect(told.next(1) == ["old.so changed \(digest("three"))"])
        folder.write("four", "part")
        #expect(rename(folder.file("part"), folder.file("old.so")) == 0)
        #expect(told.next(1) == ["old.so changed \(digest("four"))"])
        unlink(folder.file("new.so"))
        #expect(told.next(1) == ["new.so gone"])
        // The same bytes with another time stamp are no change: the next thing told is another
        // file's.
        folder.write("four", "old.so")
        folder.write("end", "end.so")
        #expect(told.next(1) == ["end.so appeared \(digest("end"))"])
    }

    @Test func `a file that is written in many pieces is told when it is whole`() throws {
        let told = Told()
        let watch = try watch(told, quiet: 50)
        defer { watch.stop() }
        let file = open(folder.file("big.so"), O_CREAT | O_WRONLY, 0o644)
        let piece = [UInt8](repeating: 7, count: 1000)
        for _ in 0..<3_000 { #expect(write(file, piece, piece.count) == 1000) }
        close(file)
        let whole = SHA256.hash([UInt8](repeating: 7, count: 3_000_000)).description.prefix(8)
        #expect(told.next(1).last?.hasSuffix(String(whole)) == true)
    }

    @Test func `ten thousand events at once lose no file`() throws {
        let told = Told()
        let watch = try watch(told)
        defer { watch.stop() }
        for number in 0..<10_000 { folder.write("\(number)", "f\(number % 50).so") }
        var last: [String: String] = [:]
        while last.count < 50
            || (0..<50).contains(where: { last["f\($0).so"] != digest("\(9_950 + $0)") })
        {
            let some = told.next(1)
            guard !some.isEmpty else { break }
            for words in some.map({ $0.split(separator: " ") }) {
                last[String(words[0])] = String(words[2])
            }
        }
        #expect((0..<50).allSatisfy { last["f\($0).so"] == digest("\(9_950 + $0)") })
    }

    @Test func `what came when the system's queue was full is found by a look at everything`()
        throws
    {
        folder.write("one", "old.so")
        folder.write("one", "gone.so")
        let told = Told()
        let isTold = Mutex(false)
        let mayGoOn = DispatchSemaphore(value: 0)
        let watch = try FolderWatch([folder.path], quietMilliseconds: 20) {
            $0.hasSuffix(".so")
        } tell: {
            told.note($0, $1)
            // The first time it stays here and reads nothing more.
            let isFirst = isTold.withLock { told in
                defer { told = true }
                return !told
            }
            if isFirst { mayGoOn.wait() }
            return true
        }
        watch.start()
        defer { watch.stop() }
        folder.write("first", "first.so")
        #expect(told.next(1) == ["first.so appeared \(digest("first"))"])
        let text = try String(
            contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8)
        let most = try #require(Int(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        // A file that comes and goes is at least two notices.
        for _ in 0..<most {
            folder.write("", "noise")
            unlink(folder.file("noise"))
        }
        folder.write("two", "old.so")
        folder.write("three", "new.so")
        unlink(folder.file("gone.so"))
        mayGoOn.signal()
        #expect(
            Set(told.next(3)) == [
                "old.so changed \(digest("two"))", "new.so appeared \(digest("three"))",
                "gone.so gone",
            ])
    }
}
