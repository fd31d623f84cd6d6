import CTapedeck
import Feeds
import Glibc
import Market
import TestGround

/// A folder of its own for one test, with a small tape; removed with its contents at the end.
final class DeckFolder {
    private let folder = ScratchFolder()

    /// The strategies that are shipped, as `scripts/plugins` builds them.
    static let shippedPlugins = Checkout.plugins

    /// Two of them, in a folder of their own: reading all takes a debug build a second.
    var plugins: String { file("plugins") }

    /// What is given to a configuration whose test is not about workers: its strategies run inside
    /// the test.
    static let inHost = ["defaults.isolation=host"]

    init() {
        mkdir(plugins, 0o755)
        for name in ["sma-cross.so", "buy-and-hold.so"] {
            symlink("\(Self.shippedPlugins)/\(name)", "\(plugins)/\(name)")
        }
    }

    var path: String { folder.path }
    func file(_ name: String) -> String { folder.file(name) }
    @discardableResult func write(_ text: String, _ name: String) -> String {
        folder.write(text, name)
    }

    /// A file's content in a new one.
    func copy(_ from: String, to name: String) {
        unlink(file(name))
        folder.write(bytes(of: from), name)
    }

    static func instrument(
        _ id: UInt16, _ symbol: String, currency: String = "USD", calendar: String = "24/7"
    ) -> Instrument {
        Instrument(
            id: id, symbol: symbol, currency: Currency(code: currency, exponent: 6),
            calendar: calendar,
            priceExponent: -2, quantityExponent: -2, priceStep: Price(1), quantityStep: Quantity(1))
    }

    /// One-minute bars of AAA and BBB in dollars, and hourly ones of EEE in euros.
    @discardableResult func writeTape(
        _ name: String = "small.tape", bars: Int = 100
    ) throws -> TapeFile {
        let writer = try TapeWriter(.file(file(name)), isDurable: false)
        var events: [Event] = []
        for minute in 1...bars {
            let time = Timestamp(seconds: 1_700_000_040 + Int64(minute) * 60)
            for id in 0..<2 as Range<UInt16> {
                let price = 100 + Double((minute * Int(id + 1)) % 17)
                events.append(
                    .bar(
                        id, .minutes(1), closes: time,
                        Bar(
                            open: price, high: price + 1, low: price - 1, close: price + 0.5,
                            volume: 1000)))
            }
            if minute % 60 == 0 {
                events.append(
                    .bar(
                        2, .hours(1), closes: time,
                        Bar(
                            open: 10, high: 11, low: 9, close: 10, volume: 5)))
            }
        }
        try writer.append(events)
        return try writer.finish(
            TapeContents(
                instruments: [
                    Self.instrument(0, "AAA"), Self.instrument(1, "BBB"),
                    Self.instrument(2, "EEE", currency: "EUR"),
                ], stamps: [.open, .open, .open], source: "test"))
    }
}
