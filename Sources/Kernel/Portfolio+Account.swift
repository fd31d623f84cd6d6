package import CTapedeck
package import Market

extension Portfolio {
    /// What a strategy may know of one of its positions; all zeros for an instrument that does not
    /// exist.
    package borrowing func position(of instrument: InstrumentID) -> td_position {
        var answer = td_position()
        position(of: instrument, into: &answer)
        return answer
    }

    /// The same into a place that is all zeros.
    package borrowing func position(
        of instrument: InstrumentID, into answer: inout td_position
    ) {
        answer.struct_size = UInt32(MemoryLayout<td_position>.size)
        answer.instrument = UInt32(instrument)
        let place = Int(instrument)
        guard place < listings.count else { return }
        let units = listings[place].units
        let money = listings[place].moneyUnits
        answer.quantity = units.value(ofQuantity: books.positions[place].quantity)
        answer.mark = units.value(ofPrice: books.positions[place].mark)
        answer.realised = Double(books.positions[place].realised) / money
        if orders.first(of: instrument) >= 0 {
            answer.in_flight = units.value(ofQuantity: pending(of: instrument))
        }
        if let average = books.averagePrice(of: instrument) {
            answer.average_price = units.value(ofPrice: average)
            let unrealised = books.positions[place].unrealised
            answer.unrealised = Double(unrealised) / money
        }
    }

    /// The account in the base currency.
    package borrowing func account() -> td_account {
        var answer = td_account()
        answer.struct_size = UInt32(MemoryLayout<td_account>.size)
        answer.currency = currencyCode.characters
        let money = PowerOfTen.double(settings.currency.exponent)
        answer.cash = Double(books.cash.rawValue) / money
        answer.equity = Double(books.equity.rawValue) / money
        answer.buying_power = Double(buyingPower.rawValue) / money
        answer.peak_equity = Double(books.drawdown.peak.rawValue) / money
        answer.realised = Double(books.realised.rawValue) / money
        answer.unrealised = Double(books.unrealised.rawValue) / money
        answer.fees = Double(books.fees.rawValue) / money
        return answer
    }
}
