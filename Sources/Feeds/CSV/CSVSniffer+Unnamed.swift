import Market

/// Files without a header: known by the shape of their columns.
extension CSVSniffer {
    private typealias Role = CSVColumn.Role

    mutating func unnamedColumns() throws(FeedError) -> [CSVColumn] {
        if let known = knownShape() { return known.map { CSVColumn("", $0) } }
        var roles = [Role](repeating: .ignored, count: rows[0].count)
        var index = 0
        if isText(column: 0) {
            roles[0] = .symbol
            index = 1
        }
        guard index < roles.count, isTime(column: index) else {
            throw unknown("column \(index + 1) says no time")
        }
        roles[index] = .time
        index += 1
        if index < roles.count, isClock(column: index) {
            roles[index] = .timeOfDay
            index += 1
        }
        try assign(numbers(from: index), &roles)
        return roles.map { CSVColumn("", $0) }
    }

    private func numbers(from index: Int) -> [Int] {
        Array(
            (index..<rows[0].count).prefix { column in
                rows.prefix(50).allSatisfy { number($0[column]) != nil }
            })
    }

    /// Shapes of exchanges' archives.
    private func knownShape() -> [Role]? {
        let width = rows[0].count
        let first = rows[0]
        func isFlag(_ index: Int) -> Bool {
            SideText.takerWhenBuyerIsMaker(first[index]) != nil && number(first[index]) == nil
        }
        func isCount(_ index: Int) -> Bool {
            first[index].count >= 12 && number(first[index]) != nil
        }
        switch width {
        case 12 where isCount(0) && isCount(6):
            return [.time, .open, .high, .low, .close, .volume]
                + Array(repeating: .ignored, count: 6)
        case 8 where isCount(5) && isFlag(6):
            return [.id, .price, .quantity, .ignored, .ignored, .time, .buyerIsMaker, .ignored]
        case 7 where isCount(4) && isFlag(5):
            return [.id, .price, .quantity, .ignored, .time, .buyerIsMaker, .ignored]
        case 6 where isCount(4) && isFlag(5):
            return [.id, .price, .quantity, .ignored, .time, .buyerIsMaker]
        default: return nil
        }
    }

    private func assign(_ numbers: [Int], _ roles: inout [Role]) throws(FeedError) {
        let orders: [[Role]] = [
            [.open, .high, .low, .close], [.low, .high, .open, .close],
            [.open, .close, .high, .low],
        ]
        if numbers.count >= 4, let order = orders.first(where: { isRange($0, numbers) }) {
            for (column, role) in zip(numbers, order) { roles[column] = role }
            if numbers.count > 4 { roles[numbers[4]] = .volume }
            return
        }
        // Ticks have a time of day.
        guard numbers.count >= 2, hasClock(roles) else { throw unknown("no prices found") }
        let isSpread = rows.prefix(300).allSatisfy { row in
            guard let a = number(row[numbers[0]]), let b = number(row[numbers[1]]), a > 0 else {
                return false
            }
            return b >= a * 0.99 && b < a * 1.05
        }
        roles[numbers[0]] = isSpread ? .bid : .price
        roles[numbers[1]] = isSpread ? .ask : .quantity
        if isSpread, numbers.count >= 4 {
            roles[numbers[2]] = .bidQuantity
            roles[numbers[3]] = .askQuantity
        }
        if !isSpread, let next = roles.indices.dropFirst(numbers[1] + 1).first,
            rows.prefix(50).allSatisfy({ SideText.side($0[next]) != nil })
        {
            roles[next] = .side
        }
    }

    private func hasClock(_ roles: [Role]) -> Bool {
        guard !roles.contains(.timeOfDay), let column = roles.firstIndex(of: .time) else {
            return true
        }
        return rows.prefix(50).contains { row in
            // A date without separators is a number as well.
            let isDate = TimeField.read(row[column], .compact).map { !$0.hasTime } ?? false
            return !isDate
                && TimestampFormat.allCases.contains {
                    TimeField.read(row[column], $0)?.hasTime ?? false
                }
        }
    }

    /// Whether high and low hold open and close when the columns are read in this order.
    private func isRange(_ order: [Role], _ numbers: [Int]) -> Bool {
        rows.prefix(300).allSatisfy { row in
            var values: [Role: Double] = [:]
            for (column, role) in zip(numbers, order) { values[role] = number(row[column]) }
            guard let open = values[.open], let high = values[.high], let low = values[.low],
                let close = values[.close]
            else { return false }
            return low <= min(open, close) && high >= max(open, close)
        }
    }

    private func isText(column: Int) -> Bool {
        rows.prefix(50).allSatisfy { !$0[column].isEmpty && !Self.isNumberOrTime($0[column]) }
    }

    private func isTime(column: Int) -> Bool {
        rows.prefix(50).allSatisfy { row in
            TimestampFormat.allCases.contains { TimeField.read(row[column], $0) != nil }
        }
    }

    /// With colons; or six digits, which may as well be a price, where the prices begin behind
    /// them.
    private func isClock(column: Int) -> Bool {
        let texts = rows.prefix(50).map { $0[column] }
        guard texts.allSatisfy({ TimeField.read($0, nil) != nil }) else { return false }
        if texts.allSatisfy({ $0.contains(UInt8(ascii: ":")) }) { return true }
        let order: [Role] = [.open, .high, .low, .close]
        let with = numbers(from: column), without = numbers(from: column + 1)
        return texts.allSatisfy { $0.count == 6 } && without.count >= 4 && isRange(order, without)
            && !isRange(order, with)
    }
}

/// Who writes files like this, for people.
enum CSVOrigin {
    static func name(_ columns: [CSVColumn], header: [String], hasHeader: Bool) -> String {
        guard hasHeader else {
            switch columns.count {
            case 12: return "Binance klines"
            case 6...8 where columns[0].role == .id: return "Binance trades"
            case 6 where columns[1].role == .low: return "Coinbase candles"
            default: return "plain rows"
            }
        }
        let names = header.map(ColumnNames.plain)
        if names.contains("adjclose"), names.first == "date" { return "Yahoo" }
        if header.first?.hasPrefix("<") == true { return "Stooq" }
        if names.prefix(6) == ["t", "o", "h", "l", "c", "v"] { return "Alpaca" }
        if names.first == "opentime", names.contains("closetime") { return "Binance klines" }
        if names.first == "unix", names.contains("symbol") { return "CryptoDataDownload" }
        if names.prefix(5) == ["start", "low", "high", "open", "close"] {
            return "Coinbase candles"
        }
        if names.contains("exdividend") { return "Quandl" }
        if header.first == "Date", names == ["date", "open", "high", "low", "close", "volume"] {
            return "Stooq"
        }
        return "CSV"
    }
}
