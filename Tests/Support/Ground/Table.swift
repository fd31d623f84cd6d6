import Foundation

/// A comma-separated file: a head and its rows, read by the columns' names.
package struct Table {
    package let columns: [String]
    package let rows: [[String]]
    private let name: String

    package init(_ url: URL) throws {
        let text = try String(contentsOf: url, encoding: .utf8)
        var lines = text.split(whereSeparator: \.isNewline)
            .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
        name = url.lastPathComponent
        guard !lines.isEmpty else { throw BadTable("\(name) is empty") }
        columns = lines.removeFirst()
        rows = lines
    }

    package var count: Int { rows.count }

    package func column(_ name: String) throws -> Int {
        guard let place = columns.firstIndex(of: name) else {
            throw BadTable("\(self.name) has no column \(name)")
        }
        return place
    }

    package func text(_ row: Int, _ column: String) throws -> String {
        rows[row][try self.column(column)]
    }

    package func number(_ row: Int, _ column: String) throws -> Double {
        let text = try text(row, column)
        guard let number = Double(text) else {
            throw BadTable("\(name) row \(row): \(column) is \"\(text)\"")
        }
        return number
    }

    package func whole(_ row: Int, _ column: String) throws -> Int { Int(try number(row, column)) }

    /// All columns as text, each from the first row to the last.
    package var byColumn: [String: [String]] {
        Dictionary(
            columns.indices.map { place in (columns[place], rows.map { $0[place] }) },
            uniquingKeysWith: { first, _ in first })
    }
}

package struct BadTable: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}
