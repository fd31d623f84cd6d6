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
        let widths = columns.indices.map { column in
            max(columns[column].title.seenWidth, rows.map { $0[column].seenWidth }.max() ?? 0)
        }
        func line(_ cells: [String]) -> String {
            var text = ""
            for (column, cell) in cells.enumerated() {
                let space = String(repeating: " ", count: widths[column] - cell.seenWidth)
                if column > 0 { text += "  " }
                text += columns[column].alignment == .right ? space + cell : cell + space
            }
            while text.last == " " { text.removeLast() }
            return text
        }
        return [style(line(columns.map(\.title)))] + rows.map(line)
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
