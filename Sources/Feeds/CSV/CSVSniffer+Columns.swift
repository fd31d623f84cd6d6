import Market

/// Which column is what.
extension CSVSniffer {
    mutating func findColumns() throws(FeedError) -> [CSVColumn] {
        let width = rows[0].count
        if let given = hints.columns {
            guard given.count == width else {
                throw FeedError(
                    .badSettings, path,
                    "\(given.count) columns are given and the file has \(width)",
                    line: skippedLines + 1,
                    hint: "give a role for each, `ignored` for what is not needed")
            }
            explain("columns as given")
            return given.enumerated().map { CSVColumn(hasHeader ? header[$0] : "", $1) }
        }
        return hasHeader ? namedColumns() : try unnamedColumns()
    }

    private mutating func namedColumns() -> [CSVColumn] {
        let names = header.map(ColumnNames.plain)
        var roles = names.map { name -> CSVColumn.Role in
            ColumnNames.times.contains(name) ? .time : ColumnNames.roles[name] ?? .ignored
        }
        settleTimes(names, &roles)
        settlePrices(names, &roles)
        settleVolumes(names, &roles)
        settleStandings(&roles)
        settleCloses(names, &roles)
        var columns: [CSVColumn] = []
        for (index, role) in roles.enumerated() {
            // Of two columns with one role the first is used.
            let isRepeated = role != .closeOfSymbol && columns.contains { $0.role == role }
            columns.append(CSVColumn(header[index], isRepeated ? .ignored : role))
        }
        return columns
    }

    /// Of several columns that say when, a count since 1970 beats a written date; `date` and `time`
    /// together are one stamp.
    private mutating func settleTimes(_ names: [String], _ roles: inout [CSVColumn.Role]) {
        var candidates = roles.indices.filter { roles[$0] == .time }
        if candidates.isEmpty {
            for index in names.indices where ColumnNames.closeTimes.contains(names[index]) {
                roles[index] = .time
                candidates.append(index)
            }
        }
        guard candidates.count > 1 else { return }
        for index in candidates { roles[index] = .ignored }
        if let epoch = candidates.first(where: { isEpoch(column: $0) }) {
            roles[epoch] = .time
            return
        }
        let clock = candidates.first {
            ColumnNames.clocks.contains(names[$0]) && isClock(column: $0)
        }
        let date = candidates.first { $0 != clock } ?? candidates[0]
        roles[date] = .time
        if let clock { roles[clock] = .timeOfDay }
    }

    /// `Price` beside open, high and low is the close.
    private func settlePrices(_ names: [String], _ roles: inout [CSVColumn.Role]) {
        let hasRange = roles.contains(.open) && roles.contains(.high) && roles.contains(.low)
        guard hasRange else {
            // One-letter names that mean a bar's prices elsewhere, and a volume beside a single
            // price.
            if roles.contains(.price), !roles.contains(.quantity),
                let volume = roles.firstIndex(of: .volume)
            {
                roles[volume] = .quantity
            }
            return
        }
        if !roles.contains(.close), let price = roles.firstIndex(of: .price) {
            roles[price] = .close
        }
        for (index, role) in roles.enumerated() {
            switch role {
            case .price, .side, .id, .buyerIsMaker, .bid, .ask, .bidQuantity, .askQuantity:
                roles[index] = .ignored
            case .quantity: roles[index] = roles.contains(.volume) ? .ignored : .volume
            default: break
            }
        }
    }

    /// `Volume BTC`, `Volume USD`: the first is in units of what is traded.
    private func settleVolumes(_ names: [String], _ roles: inout [CSVColumn.Role]) {
        guard roles.contains(.close), !roles.contains(.volume) else { return }
        if let index = names.firstIndex(where: { $0.hasPrefix("volume") || $0.hasPrefix("vol") }) {
            roles[index] = .volume
        }
    }

    /// `Cash` and `Ratio` are symbols as well: such columns mean something beside a standing only.
    private func settleStandings(_ roles: inout [CSVColumn.Role]) {
        guard !roles.contains(.standing) else { return }
        for (index, role) in roles.enumerated() where [.cash, .successor, .ratio].contains(role) {
            roles[index] = .ignored
        }
    }

    /// A time and nothing known besides: each column is a symbol's close.
    private func settleCloses(_ names: [String], _ roles: inout [CSVColumn.Role]) {
        let known = roles.contains {
            ![.ignored, .time, .timeOfDay, .symbol, .volume].contains($0)
        }
        let isOnlyClose = roles.filter { $0 == .close }.count == 1 && !roles.contains(.open)
        guard !known || isOnlyClose, !roles.contains(.symbol) else { return }
        for index in roles.indices where roles[index] == .ignored || roles[index] == .close {
            if ColumnNames.unused.contains(names[index]) { continue }
            if isOnlyClose, roles[index] == .ignored { continue }
            let values = rows.prefix(300).compactMap { number($0[index]) }
            if !values.isEmpty, values.allSatisfy({ $0 > 0 }) { roles[index] = .closeOfSymbol }
        }
    }

    func number(_ field: [UInt8]) -> Double? {
        NumberText.read(field, point: decimalPoint.byte, isQuoted: true).value
    }

    private func isEpoch(column: Int) -> Bool {
        rows.prefix(50).allSatisfy { row in
            row[column].count >= 9 && number(row[column]) != nil
                && TimeField.read(row[column], .compact) == nil
        }
    }

    private func isClock(column: Int) -> Bool {
        rows.prefix(50).allSatisfy { TimeField.read($0[column], nil) != nil }
    }

    func layout(of columns: [CSVColumn]) throws(FeedError) -> CSVDialect.Layout {
        let roles = Set(columns.map(\.role))
        guard roles.contains(.time) else { throw unknown("no column says when") }
        if roles.contains(.standing) { return .standings }
        if roles.isSuperset(of: [.open, .high, .low, .close]) { return .bars }
        if roles.isSuperset(of: [
            .bidOpen, .bidHigh, .bidLow, .bidClose, .askOpen, .askHigh, .askLow, .askClose,
        ]) {
            return .quoteBars
        }
        if roles.isSuperset(of: [.bid, .ask]) { return .quotes }
        if roles.isSuperset(of: [.side, .level, .price, .quantity]) { return .depth }
        if roles.isSuperset(of: [.price, .quantity]) { return .trades }
        if roles.contains(.fundingRate) { return .funding }
        if roles.contains(.closeOfSymbol) { return .closes }
        throw unknown("no column is known as a price")
    }

    func unknown(_ what: String) -> FeedError {
        let names =
            hasHeader ? header.joined(separator: ", ") : "\(rows[0].count) columns without names"
        return FeedError(
            .unknownLayout, path, "\(what) (\(names))", line: skippedLines + 1,
            hint: "give the columns: time, open, high, low, close, volume, ...")
    }

    mutating func explainColumns(_ dialect: CSVDialect) {
        let roles = dialect.layout.roles
        let used = dialect.columns.enumerated().filter { roles.contains($1.role) }.map {
            index, column in
            let place = column.name.isEmpty ? "\(index + 1)" : "\"\(column.name)\""
            return "\(column.role.rawValue) = \(place)"
        }
        explain(
            "\(dialect.name): \(dialect.layout.rawValue), separated by \(dialect.separator.rawValue), "
                + (dialect.hasHeader ? "with a header" : "without a header"))
        explain("columns: " + used.joined(separator: ", "))
        let unused = dialect.columns.filter { !roles.contains($0.role) && !$0.name.isEmpty }.map(
            \.name)
        if !unused.isEmpty { explain("not used: " + unused.joined(separator: ", ")) }
        if dialect.layout == .quoteBars { explain("each price is the middle of bid and ask") }
    }
}
