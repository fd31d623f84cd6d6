import CSQLite

/// Why the journal could not do what it was asked.
package struct JournalFailure: Error, Sendable, CustomStringConvertible {
    /// What was tried, what SQLite said, and what to try.
    package let description: String
    package let code: Int32

    init(_ attempt: String, code: Int32, message: String) {
        self.code = code
        let primary = code & 0xff
        let hint =
            switch primary {
            case SQLITE_FULL: "; free some space on that disk"
            case SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM:
                "; check that the folder exists and may be written"
            case SQLITE_CORRUPT, SQLITE_NOTADB:
                "; the file is not a journal or is damaged: move it away"
            case SQLITE_BUSY, SQLITE_LOCKED:
                "; another process is writing to it: wait or use another file"
            default: ""
            }
        description = "journal: \(attempt): \(message)\(hint)"
    }
}

/// One connection. Used by one thread at a time.
@safe final class Database {
    private let handle: OpaquePointer
    let path: String

    init(path: String, readOnly: Bool = false) throws(JournalFailure) {
        self.path = path
        var opened: OpaquePointer?
        let flags = readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        // The pointer is filled by SQLite and closed by deinit or right here.
        let code = unsafe sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK, let handle = unsafe opened else {
            let message =
                unsafe opened.map { unsafe String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            unsafe sqlite3_close(opened)
            throw JournalFailure("cannot open \(path)", code: code, message: message)
        }
        unsafe self.handle = handle
        unsafe sqlite3_busy_timeout(handle, 5_000)
    }

    deinit { unsafe sqlite3_close_v2(handle) }

    func failure(_ attempt: String, _ code: Int32) -> JournalFailure {
        unsafe JournalFailure(attempt, code: code, message: String(cString: sqlite3_errmsg(handle)))
    }

    /// Runs statements that answer nothing.
    func run(_ sql: String) throws(JournalFailure) {
        let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
        if code != SQLITE_OK { throw failure("\(path): cannot run \(sql.prefix(60))", code) }
    }

    func prepare(_ sql: String) throws(JournalFailure) -> Statement {
        var prepared: OpaquePointer?
        let code = unsafe sqlite3_prepare_v3(
            handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard code == SQLITE_OK, let statement = unsafe prepared else {
            throw failure("\(path): cannot prepare \(sql.prefix(60))", code)
        }
        return unsafe Statement(statement, of: self)
    }

    var lastInsertedID: Int64 { unsafe sqlite3_last_insert_rowid(handle) }
}

/// One prepared statement of one connection.
@safe final class Statement {
    private let handle: OpaquePointer
    private let database: Database
    private var next: Int32 = 1

    fileprivate init(_ handle: OpaquePointer, of database: Database) {
        unsafe self.handle = handle
        self.database = database
    }

    deinit { unsafe sqlite3_finalize(handle) }

    /// Binds the next parameter. A bind can only fail for lack of memory or a wrong count, both
    /// bugs here.
    func bind(_ value: Int64) {
        let code = unsafe sqlite3_bind_int64(handle, next, value)
        precondition(code == SQLITE_OK, "more values than parameters")
        next += 1
    }

    func bind(_ value: UInt64) { bind(Int64(bitPattern: value)) }

    func bind(_ value: Double) {
        let code = unsafe sqlite3_bind_double(handle, next, value)
        precondition(code == SQLITE_OK, "more values than parameters")
        next += 1
    }

    func bind(_ value: String?) {
        guard let value else {
            let code = unsafe sqlite3_bind_null(handle, next)
            precondition(code == SQLITE_OK, "more values than parameters")
            next += 1
            return
        }
        // SQLITE_TRANSIENT: SQLite copies the text before the call returns.
        let transient = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        let code = unsafe sqlite3_bind_text(handle, next, value, Int32(value.utf8.count), transient)
        precondition(code == SQLITE_OK, "more values than parameters")
        next += 1
    }

    /// Runs a statement that answers nothing and makes it ready for the next values.
    func execute() throws(JournalFailure) {
        let code = unsafe sqlite3_step(handle)
        let failure =
            code == SQLITE_DONE ? nil : database.failure("\(database.path): cannot write", code)
        reset()
        if let failure { throw failure }
    }

    /// The next row, or false at the end.
    func step() throws(JournalFailure) -> Bool {
        let code = unsafe sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        let failure =
            code == SQLITE_DONE ? nil : database.failure("\(database.path): cannot read", code)
        reset()
        if let failure { throw failure }
        return false
    }

    private func reset() {
        unsafe sqlite3_reset(handle)
        next = 1
    }

    func integer(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(handle, column) }
    func number(_ column: Int32) -> Double { unsafe sqlite3_column_double(handle, column) }
    func text(_ column: Int32) -> String? {
        guard let bytes = unsafe sqlite3_column_text(handle, column) else { return nil }
        let count = Int(unsafe sqlite3_column_bytes(handle, column))
        return unsafe String(
            decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }
}
