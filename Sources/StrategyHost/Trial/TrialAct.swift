import CTapedeck
import Market

/// One thing that a strategy did in a trial, as its host saw it.
struct TrialAct: Hashable {
    enum Kind: String, Hashable { case submit, replace, cancel, timer, signal, plot, log }
    var kind: Kind
    /// Of the event at which it was done.
    var sequence: UInt64
    var instrument: UInt16 = 0
    var type: UInt8 = 0
    var flags: UInt32 = 0
    /// The order's or the timer's.
    var number: UInt64 = 0
    /// Bit patterns, so that NaN equals itself: quantity and prices, or what was said.
    var values: [UInt64] = []

    init(_ kind: Kind, at sequence: UInt64, number: UInt64 = 0, values: [Double] = []) {
        self.kind = kind
        self.sequence = sequence
        self.number = number
        self.values = values.map(\.bitPattern)
    }

    init(_ kind: Kind, at sequence: UInt64, number: UInt64, order: td_order) {
        self.kind = kind
        self.sequence = sequence
        self.number = number
        instrument = order.instrument
        type = order.type
        flags = order.flags
        values = [
            order.quantity, order.limit, order.stop, order.trail, order.stop_loss,
            order.take_profit,
            order.trailing_stop, Double(order.expires), Double(order.oco),
            Double(order.time_in_force),
        ].map(\.bitPattern)
    }

    /// `submit 2.5 of instrument 0`.
    var words: String {
        let numbers = values.map { Double(bitPattern: $0) }
        return switch kind {
        case .submit, .replace: "\(kind.rawValue) \(numbers.first ?? 0) of instrument \(instrument)"
        case .cancel: "cancel order \(number)"
        case .timer: "set timer \(number)"
        case .signal, .plot: "\(kind.rawValue) \(numbers.first ?? 0)"
        case .log: "log a line"
        }
    }

    /// Whether it changes what the portfolio will be.
    var isOrder: Bool { kind == .submit || kind == .replace || kind == .cancel }
}

extension [TrialAct] {
    /// What two plays of the same events did first differently; nil when nothing.
    func firstDifference(from other: [TrialAct], _ one: String, _ two: String) -> String? {
        for index in 0..<Swift.max(count, other.count) {
            let a = index < count ? self[index] : nil
            let b = index < other.count ? other[index] : nil
            if a == b { continue }
            func said(_ act: TrialAct?) -> String {
                act.map { "\($0.words) at event \($0.sequence)" } ?? "nothing more"
            }
            return "\(one): \(said(a)); \(two): \(said(b))"
        }
        return nil
    }

    /// One number for all of it.
    var digest: String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func mix(_ number: UInt64) { hash = (hash ^ number) &* 0x100_0000_01B3 ^ (hash >> 29) }
        for act in self {
            act.kind.rawValue.utf8.forEach { mix(UInt64($0)) }
            [act.sequence, UInt64(act.instrument), UInt64(act.type), UInt64(act.flags), act.number]
                .forEach(mix)
            act.values.forEach(mix)
        }
        return String(hash, radix: 16)
    }
}
