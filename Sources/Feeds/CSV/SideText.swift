/// The words for the side that took.
enum SideText {
    /// +1 for a buyer, -1 for a seller, 0 for none; nil for any other word.
    static func side(_ text: some Collection<UInt8>) -> Int32? {
        switch word(text) {
        case "buy", "b", "bid", "1", "+1": 1
        case "sell", "s", "ask", "-1": -1
        case "", "0", "none", "null", "n", "unknown": 0
        default: nil
        }
    }

    /// The taker's side where the file says whether the buyer's order rested.
    static func takerWhenBuyerIsMaker(_ text: some Collection<UInt8>) -> Int32? {
        switch word(text) {
        case "true", "1", "t": -1
        case "false", "0", "f": 1
        default: nil
        }
    }

    private static func word(_ text: some Collection<UInt8>) -> String {
        text.count > 8
            ? "?" : String(decoding: text.map { $0 | ($0 &- 65 <= 25 ? 0x20 : 0) }, as: UTF8.self)
    }
}
