import Deck
import Feeds
import Journal
import Kernel
import Market

/// Rows of a CSV file on their way to the disk.
struct CSVTable {
    private let file: OutputFile
    private var bytes: [UInt8]
    private var written = 0

    init(_ file: OutputFile, header: String) {
        self.file = file
        bytes = Array((header + "\n").utf8)
    }

    mutating func add(_ trip: RoundTrip, of slot: SlotIdentity, _ instrument: RunInstrument) {
        text(slot.name)
        text(instrument.symbol)
        text(trip.side > 0 ? "long" : "short")
        number(trip.quantity.rawValue, instrument.quantityExponent)
        time(trip.entryTime)
        number(trip.entryPrice.rawValue, instrument.priceExponent)
        time(trip.exitTime)
        number(trip.exitPrice.rawValue, instrument.priceExponent)
        text(trip.exitReason.words)
        let net = Money(trip.gross.rawValue - trip.costs.rawValue)
        let decimals = instrument.moneyExponent ?? slot.currency.exponent
        for amount in [trip.gross, trip.costs, net, trip.worst, trip.best] {
            number(amount.rawValue, -decimals)
        }
        number(Int64(trip.bars), 0)
        text(instrument.currency)
        // A rate of units of money, which may differ in size.
        text(
            "\(trip.rate * PowerOfTen.double(decimals) / PowerOfTen.double(slot.currency.exponent))"
        )
        money(trip.inBase(net), slot)
        text(slot.currency.code, isLast: true)
    }

    mutating func add(_ sample: EquitySample, of slot: SlotIdentity) {
        text(slot.name)
        time(sample.time)
        for amount in [sample.equity, sample.cash, sample.exposure] { money(amount, slot) }
        text(slot.currency.code, isLast: true)
    }

    mutating func writeIfFull() throws(FeedError) {
        if bytes.count >= 1 << 20 { try write() }
    }

    mutating func finish() throws(FeedError) {
        try write()
        try file.finish(size: written, isDurable: false)
    }

    private mutating func write() throws(FeedError) {
        try file.write(bytes, at: written)
        written += bytes.count
        bytes.removeAll(keepingCapacity: true)
    }

    private mutating func text(_ text: String, isLast: Bool = false) {
        bytes += CSVTable.field(text).utf8
        bytes.append(isLast ? UInt8(ascii: "\n") : UInt8(ascii: ","))
    }

    private mutating func number(_ count: Int64, _ exponent: Int) {
        DecimalText.append(count, exponent: exponent, decimals: .trimmed, to: &bytes)
        bytes.append(UInt8(ascii: ","))
    }

    private mutating func money(_ amount: Money, _ slot: SlotIdentity) {
        number(amount.rawValue, -slot.currency.exponent)
    }

    private mutating func time(_ time: Timestamp) {
        TimeText.append(time, to: &bytes)
        bytes.append(UInt8(ascii: ","))
    }

    /// Quoted where a reader would take it for something else.
    static func field(_ text: String) -> String {
        guard text.contains(where: { ",\"\r\n".contains($0) }) else { return text }
        return "\""
            + text.split(separator: "\"", omittingEmptySubsequences: false).joined(
                separator: "\"\"") + "\""
    }
}
