import Analysis
import Deck

/// What results rest on, said once where all slots agree.
struct AssumptionLines {
    private let slots: [SlotResult]
    /// More different ones than this are not listed.
    private static let listed = 4

    init(_ slots: [SlotResult]) { self.slots = slots }

    var rows: [(label: String, texts: [String])] {
        var labels: [String] = []
        for assumption in slots.flatMap(\.assumptions) where !labels.contains(assumption.subject) {
            labels.append(assumption.subject)
        }
        let rows = labels.map { label in
            (
                label,
                merged { slot in
                    slot.assumptions.filter { $0.subject == label }.map(\.text).joined(
                        separator: "; ")
                }
            )
        }
        return rows + [("figures", merged(Self.figures))]
    }

    private func merged(_ text: (SlotResult) -> String) -> [String] {
        var groups: [(text: String, names: [String])] = []
        for slot in slots {
            let text = text(slot)
            if let index = groups.firstIndex(where: { $0.text == text }) {
                groups[index].names.append(slot.name)
            } else {
                groups.append((text, [slot.name]))
            }
        }
        if groups.count == 1 { return [groups[0].text] }
        if groups.count > Self.listed { return ["differ from strategy to strategy: see --detail"] }
        return groups.map { group in
            let names = group.names.prefix(3).joined(separator: ", ")
            let more = group.names.count > 3 ? " and \(group.names.count - 3) more" : ""
            return names + more + ": " + group.text
        }
    }

    /// `of 400 fills 12 decided by the intrabar assumption, in 10 bars; 3 at stale prices; 40 in
    /// thin data`
    static func doubts(_ slots: [SlotResult]) -> String {
        func sum(_ count: (SlotResult.Counts) -> Int) -> Int {
            slots.reduce(0) { $0 + count($1.counts) }
        }
        let ambiguous = sum(\.ambiguousFills)
        var parts: [String] = []
        if ambiguous > 0 {
            parts.append(
                "\(FigureText.count(ambiguous)) could have been others inside their bar, the intrabar assumption decided "
                    + "(\(FigureText.count(sum(\.ambiguousBars), "ambiguous bar")))")
        }
        let (stale, thin) = (sum(\.staleFills), sum(\.thinFills))
        if stale > 0 { parts.append("\(FigureText.count(stale)) at stale prices") }
        if thin > 0 {
            parts.append(
                "\(FigureText.count(thin)) in thin data (no size known, or more than a tenth of a bar's volume)"
            )
        }
        let fills = FigureText.count(sum(\.fills), "fill")
        return parts.isEmpty
            ? "\(fills), none ambiguous, stale or thin"
            : "of \(fills) " + parts.joined(separator: "; ")
    }

    /// `252 periods a year, one per session; risk-free 0 %; deviations divide by n - 1`
    static func figures(_ slot: SlotResult) -> String {
        let year = BreachText.number(slot.conventions.periodsPerYear)
        let rate = BreachText.number(slot.conventions.riskFreeAnnual * 100)
        return
            "\(year) periods a year, one per \(slot.sampling); risk-free \(rate) %; deviations divide by n - 1"
    }
}
