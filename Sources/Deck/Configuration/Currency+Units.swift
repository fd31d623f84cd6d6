package import Market

extension Currency {
    /// Coins are counted in hundred-millionths, everything else in millionths.
    private static let coins: Set<String> = [
        "BTC", "XBT", "ETH", "BNB", "SOL", "XRP", "ADA", "DOGE", "LTC", "BCH", "DOT", "AVAX",
        "LINK", "TRX",
        "XMR", "ETC", "XLM", "ATOM",
    ]

    /// A currency in its usual unit.
    package init(code: String) {
        self.init(code: code, exponent: Self.coins.contains(code) ? 8 : 6)
    }
}
