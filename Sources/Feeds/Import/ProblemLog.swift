import Synchronization

/// A file with one line for every problem, in the order in which pieces are read.
final class ProblemLog: Sendable {
    private let file: OutputFile
    private let size = Mutex(0)

    init(_ path: String) throws(FeedError) { file = try OutputFile(replacing: path) }

    func write(_ problems: ProblemTally, behind line: Int, path: String) throws(FeedError) {
        guard !problems.kept.isEmpty else { return }
        var text: [UInt8] = []
        for var problem in problems.kept.sorted(by: Problem.precedes) {
            problem.line += line
            text += Array(problem.text(path).utf8) + [10]
        }
        let place = size.withLock { size in
            defer { size += text.count }
            return size
        }
        try file.write(text, at: place)
    }

    func finish() throws(FeedError) {
        try file.finish(size: size.withLock { $0 }, isDurable: false)
    }
}
