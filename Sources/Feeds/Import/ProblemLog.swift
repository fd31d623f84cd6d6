/// A file with one line for every problem, in the order in which pieces are read.
final class ProblemLog: Sendable {
    private let file: OutputFile
    // Written in turns, like the batches it tells of.
    private nonisolated(unsafe) var size = 0

    init(_ path: String) throws(FeedError) { file = try OutputFile(replacing: path) }

    func write(_ problems: ProblemTally, behind line: Int, path: String) throws(FeedError) {
        guard !problems.kept.isEmpty else { return }
        var text: [UInt8] = []
        for var problem in problems.kept.sorted(by: Problem.precedes) {
            problem.line += line
            text += Array(problem.text(path).utf8) + [10]
        }
        try file.write(text, at: unsafe size)
        unsafe size += text.count
    }

    func finish() throws(FeedError) { try file.finish(size: unsafe size, isDurable: false) }
}
