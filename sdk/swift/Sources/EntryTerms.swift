/// How much to enter with and how the position is protected: four parameters that most strategies
/// share, declared in one line. All of them may change live.
struct EntryTerms {
    private(set) var quantity: Double
    private(set) var stopLoss: Double
    private(set) var takeProfit: Double
    private(set) var trailingStop: Double
    private let firstID: Int

    /// Takes the parameter numbers `firstID` to `firstID + 3`.
    init(_ setup: Setup, firstID: Int) {
        self.firstID = firstID
        quantity = setup.number(
            firstID, "quantity", 0, in: 0...1e12, unit: "units", live: true,
            "Units of an entry; 0 leaves the size to the sizing of the configuration.")
        stopLoss = setup.number(
            firstID + 1, "stop_loss", 0, in: 0...0.99, unit: "fraction", live: true,
            "Stop loss as a fraction of the signal bar's close; 0 for none.")
        takeProfit = setup.number(
            firstID + 2, "take_profit", 0, in: 0...10, unit: "fraction", live: true,
            "Take profit as a fraction of the signal bar's close; 0 for none.")
        trailingStop = setup.number(
            firstID + 3, "trailing_stop", 0, in: 0...0.99, unit: "fraction", live: true,
            "Distance of a trailing stop as a fraction of the signal bar's close; 0 for none.")
    }

    /// Enters at the market, +1 long or -1 short, after a signal at this close.
    @discardableResult
    func enter(_ direction: Double, at close: Double, _ context: Context) -> Order {
        context.enter(
            direction, quantity: quantity,
            protection: .fractions(
                of: close, direction: direction, stopLoss: stopLoss, takeProfit: takeProfit,
                trailingStop: trailingStop))
    }

    /// True when the parameter was one of these.
    mutating func take(_ change: ParameterChange) -> Bool {
        switch change.id - firstID {
        case 0: quantity = change.number
        case 1: stopLoss = change.number
        case 2: takeProfit = change.number
        case 3: trailingStop = change.number
        default: return false
        }
        return true
    }
}
