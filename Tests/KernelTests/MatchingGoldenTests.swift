import CTapedeck
import Foundation
import Kernel
import Market
import TestBacktests
import TestGround
import Testing

/// `accounting/matching_cases.json`: orders against bars, hand-worked.
@Suite struct MatchingGoldenTests {
    struct Cases: Decodable { let cases: [MatchingCase] }

    @Test func `every hand-worked case of orders against bars fills as written`() throws {
        let cases = try GoldenFolder.json("accounting/matching_cases.json", as: Cases.self).cases
        try #require(!cases.isEmpty, "no matching case found")
        for example in cases {
            if example.each_order_alone == true {
                for order in example.orders { try example.play([order]) }
            } else {
                try example.play(example.orders)
            }
        }
        print("matching cases:", cases.count)
    }
}

struct MatchingCase: Decodable {
    struct Order: Decodable {
        let id: String
        let at: Int
        let type: String
        let side: String
        let qty: String
        let limit: String?
        let stop: String?
        let tif: String?
        let oco: String?
        let trail_percent: String?
        let child_stop: String?
        let child_target: String?
    }
    /// `[bar, order, quantity, price]`.
    struct Fill: Decodable, Hashable {
        let bar: Int
        let order: String
        let quantity: String
        let price: String

        init(bar: Int, order: String, quantity: String, price: String) {
            self.bar = bar
            self.order = order
            self.quantity = quantity
            self.price = price
        }

        init(from decoder: any Decoder) throws {
            var parts = try decoder.unkeyedContainer()
            bar = try parts.decode(Int.self)
            order = try parts.decode(String.self)
            quantity = try parts.decode(String.self)
            price = try parts.decode(String.self)
        }
    }

    let id: String
    let bars: [[String]]
    let orders: [Order]
    let fills: [Fill]
    let cancelled: [String]?
    let position: String?
    let variant: String?
    let fill_percent: String?
    let slip_percent: String?
    let sessions: [Int]?
    let each_order_alone: Bool?

    static let dollar = Currency(code: "USD", exponent: 6)
    static let instrument = Instrument(
        id: 0, symbol: "ABC", currency: dollar, priceExponent: -6, quantityExponent: -6,
        priceStep: Price(1),
        quantityStep: Quantity(1_000_000))

    func settings() throws -> PortfolioSettings {
        var settings = PortfolioSettings(
            cash: Money(1_000_000_000_000), currency: Self.dollar, instrumentCount: 1)
        settings.allowShort = true
        settings.execution.touch = variant == "trade_through" ? .strict : .loose
        settings.execution.stopBeforeOpen = variant != "open_first"
        if variant == "children_next_bar" { settings.execution.entryBarExits = .nextBar }
        if let percent = fill_percent {
            settings.execution.volumeLimit = .basisPoints(try #require(Int64(percent)) * 100)
        }
        if let percent = slip_percent {
            settings.execution.slippage = .proportional(
                .basisPoints(try #require(Int64(percent)) * 100))
            settings.execution.slippageWithinBar = variant == "slip_capped"
        }
        return settings
    }

    func tape() throws -> Tape {
        var tape = Tape([Self.instrument])
        let day = 86_400_000_000_000 as Int64
        let before = position == nil ? 0 : 2
        for (place, values) in (repeatElement(bars[0], count: before) + bars).enumerated() {
            let session = Int64(sessions?[place] ?? 0)
            let closes = session * day + Int64(place + 1) * 60_000_000_000
            let isNewSession = place == 0 || sessions?[place] != sessions?[place - 1]
            if sessions != nil && isNewSession {
                if place > 0 { tape.append(Self.session(TD_EVENT_SESSION_CLOSE, session - 1)) }
                tape.append(Self.session(TD_EVENT_SESSION_OPEN, session))
            }
            let numbers = try values.map { try #require(Double($0)) }
            var event = Event()
            event.type = UInt8(TD_EVENT_BAR)
            event.timeframe = 60
            event.time = closes
            event.bar = Bar(
                open: numbers[0], high: numbers[1], low: numbers[2], close: numbers[3],
                volume: numbers[4])
            tape.append(event)
        }
        return tape
    }

    static func session(_ type: Int, _ number: Int64) -> Event {
        let day = 86_400_000_000_000 as Int64
        var event = Event()
        event.type = UInt8(type)
        let opens = number * day
        let closes = opens + day / 2
        event.time = type == Int(TD_EVENT_SESSION_OPEN) ? opens : closes
        event.session = SessionChange(
            opens: opens, closes: closes, calendar: 0, kind: 0, reserved: (0, 0))
        return event
    }

    func play(_ sent: [Order]) throws {
        var portfolio = Portfolio(settings: try settings(), instruments: [Self.instrument])
        var ids: [UInt64: String] = [:]
        var seen: [Fill] = []
        var records = Records()
        var cancelledIDs: Set<String> = []
        let tape = try tape()
        var bar = position == nil ? -1 : -3
        try tape.withRun { run in
            for index in 0..<run.count {
                portfolio.advance(run, index)
                if tape.events[index].type == TD_EVENT_BAR { bar += 1 }
                portfolio.takeRecords(into: &records)
                for fill in records.fills where bar >= 0 {
                    seen.append(
                        Fill(
                            bar: bar, order: ids[fill.order] ?? "?",
                            quantity: Self.text(fill.quantity.magnitude.rawValue),
                            price: Self.text(fill.price.rawValue)))
                }
                for order in records.orders
                where order.state == .cancelled || order.state == .expired {
                    cancelledIDs.insert(ids[order.order] ?? "?")
                }
                guard tape.events[index].type == TD_EVENT_BAR else { continue }
                if bar == -2, let position { try buy(position, &portfolio) }
                for order in sent where order.at == bar { try send(order, to: &portfolio, &ids) }
            }
        }
        let expected = fills.filter { fill in
            sent.contains { fill.order == $0.id || fill.order.hasPrefix($0.id + ".") }
        }.map {
            Fill(
                bar: $0.bar, order: $0.order, quantity: Self.tidy($0.quantity),
                price: Self.tidy($0.price))
        }
        #expect(seen == expected, "\(id)")
        for name in cancelled ?? [] where sent.contains(where: { $0.id == name }) {
            #expect(cancelledIDs.contains(name), "\(id): \(name) is not cancelled")
        }
        #expect(portfolio.fault == nil)
    }

    /// The position that a case starts with, bought at the open of a bar before the case's first.
    private func buy(_ position: String, _ portfolio: inout Portfolio) throws {
        let answer = portfolio.submit(td_order(0, TD_ORDER_MARKET, try #require(Double(position))))
        #expect(answer.status == TD_OK, "\(id)")
    }

    private func send(
        _ order: Order, to portfolio: inout Portfolio, _ ids: inout [UInt64: String]
    ) throws {
        let types = [
            "market": TD_ORDER_MARKET, "limit": TD_ORDER_LIMIT, "stop": TD_ORDER_STOP,
            "stop_limit": TD_ORDER_STOP_LIMIT, "trail": TD_ORDER_TRAILING_STOP,
        ]
        let forces = ["day": TD_DAY, "ioc": TD_IOC, "fok": TD_FOK]
        let quantity = try #require(Double(order.qty)) * (order.side == "buy" ? 1 : -1)
        func number(_ text: String?) throws -> Double {
            try text.map { try #require(Double($0)) } ?? 0
        }
        let ticket = td_order(
            0, try #require(types[order.type]), quantity, limit: try number(order.limit),
            stop: try number(order.stop),
            trail: try number(order.trail_percent) / 100, stopLoss: try number(order.child_stop),
            takeProfit: try number(order.child_target),
            force: order.tif.flatMap { forces[$0] } ?? TD_GTC,
            flags: order.trail_percent == nil ? 0 : TD_ORDER_TRAIL_PERCENT,
            oco: order.oco == nil ? 0 : 1)
        let answer = portfolio.submit(ticket)
        #expect(answer.status == TD_OK, "\(id) \(order.id): \(answer.reason)")
        ids[answer.order] = order.id
        if order.child_stop != nil { ids[answer.order + 1] = order.id + ".stop" }
        if order.child_target != nil { ids[answer.order + 2] = order.id + ".target" }
    }

    /// Millionths as the shortest decimal.
    private static func text(_ units: Int64) -> String { tidy(String(Double(units) / 1_000_000)) }

    private static func tidy(_ number: String) -> String {
        Double(number).map { $0 == $0.rounded() ? "\(Int64($0))" : "\($0)" } ?? number
    }
}
