package import Market

extension Books {
    /// The open result at the mark, in the instrument's currency.
    package func unrealised(of instrument: InstrumentID) -> Money {
        Money(positions[Int(instrument)].unrealised)
    }

    /// What the position is worth at its mark, signed, in its currency; of a future its notional.
    package func marketValue(of instrument: InstrumentID) -> Money {
        let position = positions[Int(instrument)]
        return Money(position.value &+ position.taken)
    }

    /// Average price of the open quantity in units of the price, nearest double but for one
    /// rounding; nil when flat.
    @inline(__always)
    package func averagePrice(of instrument: InstrumentID) -> Double? {
        // By field: a position is large.
        let id = Int(instrument)
        let quantity = positions[id].quantity
        guard quantity != 0 else { return nil }
        let (numerator, denominator) = (
            positions[id].scale.numerator, positions[id].scale.denominator
        )
        let fraction = 0x1p-48 * (Double(denominator) / Double(numerator))
        return Double(wide: positions[id].fineCost) * fraction / Double(quantity)
    }

    /// The nearest price unit to the average; nil when flat.
    package func averageCost(of instrument: InstrumentID) -> Price? {
        let position = positions[Int(instrument)]
        guard position.quantity != 0 else { return nil }
        let scale = position.scale
        let quantity = Int128(position.quantity) * Int128(scale.numerator)
        let (fine, overflow) = position.fineCost.multipliedReportingOverflow(
            by: Int128(scale.denominator))
        let (fineQuantity, tooLarge) = quantity.multipliedReportingOverflow(
            by: 1 << Int128(BooksPosition.fractionBits))
        let cost = Int128(position.cost) * Int128(scale.denominator)
        let average =
            overflow || tooLarge
            ? Rounding.halfEven.quotient(cost, quantity)
            : Rounding.halfEven.quotient(fine, fineQuantity)
        return average.map { Price($0) }
    }

    /// Money paid in, less what was taken out, in the base currency.
    package var deposits: Money { total { $0.deposits } }
    /// Closed results, gross of fees, in the base currency at the rates of their time.
    package var realised: Money { total { $0.realised } }
    /// In the base currency at the rates of their time.
    package var fees: Money { total { $0.fees } }
    /// Dividends and the like, less their taxes, in the base currency at the rates of their time.
    package var income: Money { total { $0.income } }

    private func total(_ part: (BooksLedger) -> Int64) -> Money {
        var sum = part(ledger)
        for other in foreign { sum &+= part(other.inBase) }
        return Money(sum)
    }

    /// Open results of all positions at their marks, in the base currency.
    package var unrealised: Money {
        if foreign.isEmpty { return Money(ledger.value &- ledger.cost) }
        var sum = ledger.value &- ledger.cost
        for other in foreign {
            sum &+= (try? other.rate.convert(other.ledger.value &- other.ledger.cost)) ?? 0
        }
        return Money(sum)
    }

    /// What changes of rates brought: the part of equity that nothing else explains. Zero with one
    /// currency.
    package var currencyResult: Money {
        if foreign.isEmpty { return .zero }
        let explained =
            deposits.rawValue &+ realised.rawValue &+ unrealised.rawValue &- fees.rawValue
            &+ income.rawValue
        return Money(equity.rawValue &- explained)
    }

    /// Sums of the positions' worth at their marks, of magnitudes and signed, in the base currency;
    /// of magnitudes the largest there is where it does not fit.
    package var exposure: (gross: Money, net: Money) {
        // What is long and priced above zero is worth what the ledger says.
        if isPlain, shortPositions == 0 { return (Money(ledger.value), Money(ledger.value)) }
        var gross: Int64 = 0
        var net: Int64 = 0
        for id in positions.indices where positions[id].quantity != 0 {
            let worth = inBase(positions[id].value &+ positions[id].taken, positions[id].currency)
            let (sum, isTooLarge) = gross.addingReportingOverflow(Int64(clamping: worth.magnitude))
            gross = isTooLarge ? .max : sum
            net &+= worth
        }
        return (Money(gross), Money(net))
    }

    /// An amount of an instrument's currency in the base currency; zero while the rate is not
    /// known, the largest there is where it does not fit.
    package func inBase(_ amount: Money, of instrument: InstrumentID) -> Money {
        Money(inBase(amount.rawValue, positions[Int(instrument)].currency))
    }

    /// An amount of the base currency in an instrument's, cut toward zero; nil while the rate is
    /// not known.
    package func fromBase(_ amount: Money, of instrument: InstrumentID) -> Money? {
        let currency = Int(positions[Int(instrument)].currency)
        if currency == 0 { return amount }
        let rate = foreign[currency - 1].rate
        guard rate.isKnown else { return nil }
        let product = Int128(amount.rawValue) * Int128(rate.denominator)
        return Rounding.towardZero.quotient(product, Int128(rate.numerator)).map { Money($0) }
    }

    /// When the present round trip began; nil when flat.
    package func entryTime(of instrument: InstrumentID) -> Timestamp? {
        positions[Int(instrument)].quantity == 0 ? nil : trips[Int(instrument)].entryTime
    }

    func inBase(_ amount: Int64, _ currency: UInt8) -> Int64 {
        if currency == 0 { return amount }
        do throws(Fault) {
            return try foreign[Int(currency) - 1].rate.convert(amount)
        } catch {
            guard error == .overflow else { return 0 }
            return amount < 0 ? -Self.largestAmount : Self.largestAmount
        }
    }
}
