import Deck
import Glibc
import Journal

extension JournalPlace {
    /// A journal to write to; nil where nothing is kept.
    func open() throws -> OpenJournal? {
        let path: String
        switch self {
        case .none: return nil
        case .untilTablesAreWritten: path = try Self.temporaryFolder() + "/runs.db"
        case .file(let named):
            path = named
            if named == JournalFile.standard { Self.makeFolder(of: named) }
        }
        do {
            return OpenJournal(path: path, sink: JournalSink(try JournalWriter(path: path)))
        } catch {
            throw failed(error)
        }
    }

    /// After the last use of what `open` gave.
    func close(_ journal: OpenJournal?) {
        guard self == .untilTablesAreWritten, let path = journal?.path else { return }
        for suffix in ["", "-wal", "-shm"] { unsafe unlink(path + suffix) }
        unsafe rmdir(String(path.dropLast("/runs.db".count)))
    }

    /// The usual place needs no preparation by hand. When this fails, opening the file says why.
    private static func makeFolder(of path: String) {
        guard let end = path.lastIndex(of: "/") else { return }
        unsafe mkdir(String(path[..<end]), 0o755)
    }

    private static func temporaryFolder() throws -> String {
        let parent = Terminal.variable("TMPDIR") ?? "/tmp"
        var template = Array("\(parent)/tapedeck.XXXXXX".utf8CString)
        // The template's last six characters are replaced in place.
        let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) }.map {
                unsafe String(cString: $0)
            }
        }
        guard let made else {
            throw failed(
                "cannot make a folder in \(parent) for records; set TMPDIR to one that may be written"
            )
        }
        return made
    }
}

/// A journal that a run is written to.
struct OpenJournal {
    let path: String
    let sink: JournalSink

    /// The run's number, once it has begun.
    var run: Int64? { sink.run }
}
