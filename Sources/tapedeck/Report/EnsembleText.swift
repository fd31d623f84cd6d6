import Deck

/// An ensemble and its members for people.
enum EnsembleText {
    /// What it did, and one line for each member's last word.
    static func lines(_ result: EnsembleResult, _ symbols: [String]) -> [String] {
        var text =
            "\(FigureText.count(result.decisions, "decision")), \(FigureText.count(result.divided)) of them "
            + "with members on both sides; \(FigureText.count(result.changes)) changed the position"
        if let periods = result.periods {
            text += "; \(FigureText.count(periods, "period")) in the window"
        }
        text += "; last " + words(result.combined, symbols)
        var lines = [text]
        if let regimes = result.regimes {
            let texts = zip(symbols, zip(regimes, result.best ?? [])).prefix(mostSymbols).map {
                symbol, now in
                (regimes.count > 1 ? "\(symbol) " : "") + regime(now.0)
                    + (now.1.map { ", best is \($0)" } ?? "")
            }
            lines.append("regime: " + texts.joined(separator: "; "))
        }
        return lines + result.members.map { member($0, symbols) }
    }

    private static func regime(_ label: Int?) -> String {
        guard let label else { return "unknown" }
        return label > 0 ? "rising" : label < 0 ? "falling" : "neither rising nor falling"
    }

    private static func member(_ member: EnsembleResult.Member, _ symbols: [String]) -> String {
        var text = "\(member.name): "
        if let silence = member.silence { return text + "no vote, \(silence)" }
        text += "votes by \(member.votesBy), last \(words(member.words, symbols))"
        if let weight = member.weight { text += ", weighs \(FigureText.percent(weight, 0))" }
        return text
    }

    private static let mostSymbols = 4

    private static func words(_ words: [Double?], _ symbols: [String]) -> String {
        let texts = zip(symbols, words).prefix(mostSymbols).map { symbol, word in
            (words.count > 1 ? "\(symbol) " : "") + (word.map { FigureText.ratio($0) } ?? "none")
        }
        return texts.joined(separator: ", ") + (words.count > mostSymbols ? ", ..." : "")
    }
}

/// How a comparison was made.
enum ComparisonText {
    static func method(_ result: ComparisonResult) -> String {
        var parts: [String] = []
        if let statistic = result.tStatistic {
            parts.append(
                "t = \(FigureText.ratio(statistic)) (Newey-West, \(FigureText.count(result.lag, "lag")))"
            )
        }
        if result.chance != nil {
            let noun = result.sampling == "session" ? "day" : "bar"
            parts.append(
                "\(FigureText.count(result.draws)) draws of circular blocks of "
                    + "\(FigureText.count(result.block, noun)), seed \(result.seed)")
        }
        return parts.joined(separator: "; ")
    }
}
