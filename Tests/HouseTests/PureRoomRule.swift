/// Market, Kernel and Analysis compute: no clock, thread, lock, log, file or chance.
enum PureRoomRule {
    static let words: [String: String] = [
        "async": "concurrency", "await": "concurrency", "Task": "concurrency",
        "actor": "concurrency",
        "Thread": "concurrency", "DispatchQueue": "concurrency", "pthread_create": "concurrency",
        "Mutex": "a lock", "Atomic": "a lock", "NSLock": "a lock", "pthread_mutex_lock": "a lock",
        "clock_gettime": "a clock", "gettimeofday": "a clock", "localtime": "a clock",
        "ContinuousClock": "a clock", "SuspendingClock": "a clock", "Date": "a clock",
        "print": "a log", "debugPrint": "a log", "dump": "a log", "printf": "a log",
        "fputs": "a log",
        "fopen": "a file", "mmap": "a file", "FileManager": "a file",
        "FileHandle": "a file", "getenv": "a setting", "SystemRandomNumberGenerator": "chance",
        "random": "chance", "shuffled": "chance", "shuffle": "chance", "randomElement": "chance",
        "hashValue": "an order that changes",
    ]
    /// Words of everyday that are only meant when they are called.
    private static let calls: Set = ["print", "dump", "random", "shuffle", "shuffled", "Date"]

    static func findings(_ file: SourceFile) -> [Finding] {
        guard let room = file.room, ImportRule.pure.contains(room) else { return [] }
        let tokens = file.tokens
        return tokens.indices.compactMap { i in
            guard let what = words[tokens[i].text], isUse(tokens, i) else { return nil }
            return Finding(
                path: file.path, line: tokens[i].line,
                message: "\(room) is pure, \(tokens[i].text) is \(what)")
        }
    }

    private static func isUse(_ tokens: [Token], _ i: Int) -> Bool {
        guard calls.contains(tokens[i].text) else { return true }
        let isDeclared = i > 0 && ["func", "case", "let", "var"].contains(tokens[i - 1].text)
        return i + 1 < tokens.count && tokens[i + 1].text == "(" && tokens[i + 1].touchesPrevious
            && !isDeclared
    }
}
