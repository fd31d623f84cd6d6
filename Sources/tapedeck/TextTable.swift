/// Columns of text for a terminal. Widths count what is seen, not the colour codes.
struct TextTable {
    enum Alignment { case left, right }

    private let columns: [(title: String, alignment: Alignment)]
    private var rows: [[String]] = []

    init(_ columns: [(title: String, alignment: Alignment)]) { self.columns = columns }

    mutating func add(_ cells: [String]) {
        precondition(cells.count == columns.count, "a row needs one cell a column")
        rows.append(cells)
    }

    func lines(header style: (String) -> String = { $0 }) -> [String] {
        let widths = self.widths
        return [style(line(columns.map(\.title), widths))] + rows.map { line($0, widths) }
    }

    /// The same, where the last column is broken between words so that nothing is wider than
    /// `width`; where too little is left for it, it stands below the rest of its row.
    func lines(within width: Int, header style: (String) -> String = { $0 }) -> [String] {
        var widths = self.widths
        let before = widths.dropLast().reduce(0) { $0 + $1 + 2 }
        guard before + (widths.last ?? 0) > width else { return lines(header: style) }
        let isBelow = width - before < Self.leastRoom
        let room = isBelow ? width - Self.indent : width - before
        if isBelow { widths.removeLast() } else { widths[widths.count - 1] = 0 }
        var lines = [style(line(columns.map(\.title), widths))]
        for row in rows {
            let parts = (row.last ?? "").wrapped(to: room).filter { !$0.isEmpty }
            let first = isBelow ? "" : parts.first ?? ""
            lines.append(line(row.dropLast() + [first], widths))
            let margin = String(repeating: " ", count: isBelow ? Self.indent : before)
            lines += (isBelow ? parts : Array(parts.dropFirst())).map { margin + $0 }
        }
        return lines
    }

    private static let leastRoom = 24
    private static let indent = 4

    private var widths: [Int] {
        columns.indices.map { column in
            max(columns[column].title.seenWidth, rows.map { $0[column].seenWidth }.max() ?? 0)
        }
    }

    /// Cells that have no width are left out.
    private func line(_ cells: [String], _ widths: [Int]) -> String {
        var text = ""
        for ((column, cell), width) in zip(cells.enumerated(), widths) {
            let space = String(repeating: " ", count: max(0, width - cell.seenWidth))
            if column > 0 { text += "  " }
            text += columns[column].alignment == .right ? space + cell : cell + space
        }
        while text.last == " " { text.removeLast() }
        return text
    }
}

extension String {
    /// Characters on the screen: colour codes take none.
    var seenWidth: Int {
        var count = 0
        var isInCode = false
        for character in self {
            if isInCode {
                isInCode = character != "m"
            } else if character == "\u{1B}" {
                isInCode = true
            } else {
                count += 1
            }
        }
        return count
    }
}
