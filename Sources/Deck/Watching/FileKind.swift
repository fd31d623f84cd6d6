import Glibc

/// What lies at a path.
enum FileKind {
    static func isFolder(_ path: String) -> Bool { kind(of: path) == S_IFDIR }
    static func isFile(_ path: String) -> Bool { kind(of: path) == S_IFREG }

    private static func kind(of path: String) -> mode_t? {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
    }
}
