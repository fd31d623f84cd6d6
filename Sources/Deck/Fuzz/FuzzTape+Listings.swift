import CTapedeck
import Feeds
import Market

/// What made-up markets have beside prices: futures, other currencies, lots, books of several
/// levels.
extension FuzzTape {
    mutating func diversify(_ random: inout Xoshiro256StarStar) {
        for index in contents.instruments.indices {
            if random.below(5) == 0 {
                contents.instruments[index].kind = .future
                contents.instruments[index].multiplier = random.below(2) == 0 ? 10 : 50
            }
            if random.below(5) == 0 { contents.instruments[index].quantityStep = Quantity(10) }
            if random.below(5) == 0 { contents.instruments[index].priceStep = Price(5) }
            if random.below(6) == 0 {
                contents.instruments[index].minimumNotional = Money(250_000_000)
            }
        }
        if contents.instruments.count > 1, random.below(3) == 0 { addCurrency(&random) }
        for index in contents.instruments.indices where random.below(4) == 0 {
            deepen(InstrumentID(index), from: 0, &random)
        }
    }

    /// One instrument gives a rate, another is quoted in the currency that it leads to.
    private mutating func addCurrency(_ random: inout Xoshiro256StarStar) {
        let count = contents.instruments.count
        let pair = Int(random.below(UInt64(count)))
        let foreign = (pair + 1 + Int(random.below(UInt64(count - 1)))) % count
        let dollars = contents.instruments[pair].currency
        contents.instruments[pair].kind = .spot
        contents.instruments[pair].multiplier = 1
        contents.instruments[pair].symbol = "EUR" + dollars.code
        contents.instruments[foreign].currency = Currency(
            code: "EUR", exponent: random.below(2) == 0 ? dollars.exponent : 4)
    }

    /// Quotes from `place` on become updates of a book of a few levels.
    mutating func deepen(
        _ instrument: InstrumentID, from place: Int, _ random: inout Xoshiro256StarStar
    ) {
        var deeper: [Event] = []
        let unit = contents.instruments[Int(instrument)].priceScale.value(of: 1)
        for (index, event) in events.enumerated() {
            guard index >= place, event.type == TD_EVENT_QUOTE, event.instrument == instrument
            else {
                deeper.append(event)
                continue
            }
            let levels = 1 + Int(random.below(3))
            var update: [Event] = []
            for level in 0..<levels {
                let step = Double(level) * unit * Double(1 + random.below(4))
                update.append(
                    Self.level(event, event.quote.bid - step, event.quote.bid_quantity, 1, level))
                update.append(
                    Self.level(event, event.quote.ask + step, event.quote.ask_quantity, -1, level))
            }
            // A level that goes away.
            if random.below(3) == 0 {
                update[Int(random.below(UInt64(update.count)))].depth.quantity = 0
            }
            for index in update.indices.dropLast() {
                update[index].flags |= UInt8(TD_FLAG_MORE)
            }
            deeper += update
        }
        events = deeper
        settle()
    }

    private static func level(
        _ quote: Event, _ price: Double, _ quantity: Double, _ side: Int32, _ level: Int
    ) -> Event {
        var event = quote
        event.type = UInt8(TD_EVENT_DEPTH)
        event.depth = DepthLevel(
            price: price, quantity: quantity, side: side, level: UInt32(level), reserved: (0, 0))
        return event
    }
}

extension TapeMutation {
    /// The end of a listing, at a price that is told or not.
    func delist(_ tape: inout FuzzTape, _ place: Int, _ random: inout Xoshiro256StarStar) {
        let instrument = InstrumentID(random.below(UInt64(tape.instruments.count)))
        let price = [nil, 0, 12.34][Int(random.below(3))]
        tape.events.append(
            .delisting(instrument, at: tape.events[place].timestamp, price: price))
    }

    /// Another instrument takes over, at a ratio and with cash beside it.
    func succeed(_ tape: inout FuzzTape, _ place: Int, _ random: inout Xoshiro256StarStar) {
        let count = UInt64(tape.instruments.count)
        let (old, new) = (InstrumentID(random.below(count)), InstrumentID(random.below(count)))
        if random.below(2) == 0 {
            // Of the same units, so that positions go on.
            var like = tape.contents.instruments[Int(old)]
            like.id = new
            like.symbol = tape.contents.instruments[Int(new)].symbol
            tape.contents.instruments[Int(new)] = like
        }
        let (numerator, denominator): (Int64, Int64) = [(1, 1), (3, 2), (1, 10)][
            Int(random.below(3))]
        tape.events.append(
            .succession(
                old, by: new, at: tape.events[place].timestamp, numerator: numerator,
                denominator: denominator, cash: random.below(3) == 0 ? 0.35 : 0))
    }
}
