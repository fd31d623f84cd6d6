import Deck

/// What limits over all strategies have seen and done, for the report.
struct OverallLines {
    let result: OverallResult

    /// Label, and text; the first is what is known, the others what happened.
    var texts: [String] {
        var texts = [
            "all strategies together, \(FigureText.count(result.checks, "look")): gross exposure up to "
                + "\(FigureText.percent(result.largestGross)), net \(FigureText.percent(result.largestNet)), drawdown "
                + FigureText.percent(result.drawdown)
        ]
        if let late = result.lateChecks {
            texts.append(
                "at \(FigureText.count(late, "look")) a strategy was late and counted with its last known figures"
            )
        }
        texts += result.breaches.prefix(Self.most).map(Self.words)
        // However much came before it: this one ended all trading.
        let end = result.breaches.dropFirst(Self.most).last { $0.action == .kill }
        let more = result.breachCount - Self.most - (end == nil ? 0 : 1)
        if more > 0 { texts.append("and \(FigureText.count(more)) more") }
        if let end { texts.append(Self.words(end)) }
        if let correlation = result.correlation { texts.append(Self.words(correlation)) }
        return texts
    }

    private static let most = 3

    private static func words(_ breach: OverallResult.Breach) -> String {
        "\(RunReport.minute(breach.time)) \(breach.rule.rawValue): \(FigureText.percent(breach.measured)) of "
            + "\(FigureText.percent(breach.allowed)): \(words(breach.action))"
    }

    private static func words(_ action: OverallLimits.Action) -> String {
        switch action {
        case .hold: "nothing new was opened until it was kept again"
        case .flatten: "every position was closed"
        case .kill: "every position was closed, and trading was over"
        }
    }

    private static func words(_ correlation: OverallResult.Correlation) -> String {
        var text =
            "returns of \(correlation.every), the last \(correlation.window): correlation "
            + "\(FigureText.ratio(correlation.average)) on average, at most "
            + "\(FigureText.ratio(correlation.largestAverage)) "
            + "(\(RunReport.minute(correlation.largestAt)))"
        if let pair = closest(correlation) {
            text += "; closest are \(pair.one) and \(pair.other), \(FigureText.ratio(pair.value))"
        }
        return text
    }

    private static func closest(
        _ correlation: OverallResult.Correlation
    ) -> (one: String, other: String, value: Double)? {
        var found: (one: String, other: String, value: Double)?
        for one in correlation.names.indices {
            for other in correlation.names.indices where other > one {
                guard let value = correlation.matrix[one][other], value > found?.value ?? -2 else {
                    continue
                }
                found = (correlation.names[one], correlation.names[other], value)
            }
        }
        return found
    }
}
