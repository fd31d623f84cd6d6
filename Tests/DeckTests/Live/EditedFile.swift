import Foundation
import TestGround

/// The ways in which a file comes to hold something else.
enum Edit: String, CaseIterable {
    /// Cut to nothing, and written.
    case inPlace
    /// The same in two parts, with the first on disk before the second.
    case inParts
    /// Written over, and cut to its length at the end.
    case overwritten
    /// Written beside it, and renamed.
    case renamed
    /// Deleted, and written anew.
    case deleted
    /// A link in its place, to a file elsewhere.
    case linked
    /// Through memory.
    case mapped
    /// Another folder in the place of its own.
    case inAnotherFolder
    /// A link in the place of its folder's content: what mounts of clusters do.
    case throughLinks
}

/// A file in a folder, and ways to change it.
final class EditedFile: @unchecked Sendable {
    /// The folder, and where others wait for their turn.
    let ground = ScratchFolder()
    let name: String
    private var count = 0

    var folder: String { ground.file("watched") }
    var path: String { folder + "/" + name }

    init(_ name: String, holds text: String) throws {
        self.name = name
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try write(text, path)
    }

    func edit(_ how: Edit, to text: String) throws {
        count += 1
        switch how {
        case .inPlace: try write(text, path)
        case .inParts:
            let file = try handle(O_WRONLY | O_CREAT | O_TRUNC)
            let half = Array(text.utf8).count / 2
            put(Array(text.utf8.prefix(half)), file)
            fsync(file)
            put(Array(text.utf8.dropFirst(half)), file)
            close(file)
        case .overwritten:
            let file = try handle(O_WRONLY | O_CREAT)
            put(Array(text.utf8), file)
            ftruncate(file, off_t(text.utf8.count))
            close(file)
        case .renamed:
            try write(text, path + ".new")
            try move(path + ".new", path)
        case .deleted:
            unlink(path)
            try write(text, path)
        case .linked:
            let target = ground.file("target-\(count)")
            try write(text, target)
            unlink(path)
            symlink(target, path)
        case .mapped: try writeMapped(text)
        case .inAnotherFolder: try replaceFolder(text)
        case .throughLinks: try turnLink(text)
        }
    }

    private func writeMapped(_ text: String) throws {
        let file = try handle(O_RDWR | O_CREAT)
        defer { close(file) }
        let size = text.utf8.count
        ftruncate(file, off_t(size))
        let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
        guard let memory, memory != MAP_FAILED else { throw CocoaError(.fileWriteUnknown) }
        memory.copyMemory(from: Array(text.utf8), byteCount: size)
        msync(memory, size, Int32(MS_SYNC))
        munmap(memory, size)
    }

    private func replaceFolder(_ text: String) throws {
        let (next, old) = (ground.file("next-\(count)"), ground.file("old-\(count)"))
        try FileManager.default.createDirectory(atPath: next, withIntermediateDirectories: true)
        try write(text, next + "/" + name)
        try move(folder, old)
        try move(next, folder)
    }

    private func turnLink(_ text: String) throws {
        let next = "..\(count)"
        try FileManager.default.createDirectory(
            atPath: folder + "/" + next, withIntermediateDirectories: true)
        try write(text, folder + "/" + next + "/" + name)
        symlink(next, folder + "/..tmp")
        try move(folder + "/..tmp", folder + "/..data")
        if readlinkText(path) != "..data/" + name {
            symlink("..data/" + name, path + ".link")
            try move(path + ".link", path)
        }
    }

    private func readlinkText(_ path: String) -> String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) ?? ""
    }

    private func handle(_ flags: Int32) throws -> Int32 {
        let file = open(path, flags | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw CocoaError(.fileWriteUnknown) }
        return file
    }

    private func put(_ bytes: [UInt8], _ file: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    private func write(_ text: String, _ path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw CocoaError(.fileWriteUnknown) }
        put(Array(text.utf8), file)
        close(file)
    }

    private func move(_ from: String, _ to: String) throws {
        guard rename(from, to) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }
}

/// Writes into a file, again and again, as a journal is written, until it is told to end.
final class Noise: @unchecked Sendable {
    private let isOver = DispatchSemaphore(value: 0)
    private let thread: Thread

    init(_ path: @escaping @Sendable () -> String) {
        let (isOver, ended) = (isOver, ended)
        thread = Thread {
            while isOver.wait(timeout: .now() + .milliseconds(1)) == .timedOut {
                let file = open(path(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
                if file >= 0 {
                    write(file, "noise", 5)
                    close(file)
                }
            }
            ended.signal()
        }
        thread.start()
    }

    private let ended = DispatchSemaphore(value: 0)

    func end() {
        isOver.signal()
        ended.wait()
    }
}
