/// Problems of one piece of work: all are counted, the first of each kind are kept.
package struct ProblemTally: Hashable, Sendable {
    /// How many of each kind are kept.
    let keep: Int
    private(set) var kept: [Problem] = []
    private var counts = [Int](repeating: 0, count: ProblemKind.allCases.count * actionCount)
    private var keptOfKind = [Int](repeating: 0, count: ProblemKind.allCases.count)

    private static let actionCount = ProblemAction.allCases.count

    package init(keep: Int) { self.keep = keep }

    mutating func record(
        _ kind: ProblemKind, _ action: ProblemAction, line: Int, column: Int,
        _ message: @autoclosure () -> String
    ) {
        let index = kind.index
        counts[index * Self.actionCount + Self.place(action)] += 1
        guard keptOfKind[index] < keep else { return }
        keptOfKind[index] += 1
        kept.append(Problem(kind, action, line: line, column: column, message: message()))
    }

    /// Adds another piece's problems, whose lines start behind `line`.
    mutating func add(_ other: ProblemTally, behind line: Int) {
        for index in counts.indices { counts[index] += other.counts[index] }
        for var problem in other.kept {
            let index = problem.kind.index
            guard keptOfKind[index] < keep else { continue }
            keptOfKind[index] += 1
            problem.line += line
            kept.append(problem)
        }
    }

    package func count(_ kind: ProblemKind, _ action: ProblemAction) -> Int {
        counts[kind.index * Self.actionCount + Self.place(action)]
    }

    package func count(_ kind: ProblemKind) -> Int {
        ProblemAction.allCases.reduce(0) { $0 + count(kind, $1) }
    }

    package func count(_ action: ProblemAction) -> Int {
        ProblemKind.allCases.reduce(0) { $0 + count($1, action) }
    }

    var isEmpty: Bool { counts.allSatisfy { $0 == 0 } }

    mutating func removeAll() {
        kept.removeAll(keepingCapacity: true)
        for index in counts.indices { counts[index] = 0 }
        for index in keptOfKind.indices { keptOfKind[index] = 0 }
    }

    private static func place(_ action: ProblemAction) -> Int {
        switch action {
        case .rejected: 0
        case .dropped: 1
        case .repaired: 2
        case .noted: 3
        }
    }
}
