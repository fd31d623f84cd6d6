import Glibc

/// Which file lies at a path, and when it was last touched: another stamp is a reason to read it.
struct FileStamp: Hashable {
    private let device: dev_t
    private let inode: ino_t
    private let size: off_t
    private let written: Int64
    private let changed: Int64

    init(_ status: stat) {
        func nanoseconds(_ time: timespec) -> Int64 {
            Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
        }
        device = status.st_dev
        inode = status.st_ino
        size = status.st_size
        written = nanoseconds(status.st_mtim)
        changed = nanoseconds(status.st_ctim)
    }

    /// Of what a path leads to, through any links; nil when that is nothing.
    init?(of path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    /// Whatever has been written there since.
    func isSameFile(as other: FileStamp?) -> Bool {
        other.map { $0.device == device && $0.inode == inode } ?? false
    }
}
