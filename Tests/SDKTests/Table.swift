import Foundation

/// A comma-separated file with a head, as text.
struct Table {
    let columns: [String]
    let rows: [[Substring]]

    init(_ file: URL) throws {
        let text = try String(contentsOf: file, encoding: .utf8)
        let lines = text.split(whereSeparator: \.isNewline)
        columns = lines[0].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        rows = lines.dropFirst().map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    }

    func place(of column: String) -> Int? { columns.firstIndex(of: column) }
}
