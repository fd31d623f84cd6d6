import Kernel

// The words that stand in the journal for the kernel's codes: part of its format.

extension OrderState {
    var name: String {
        switch self {
        case .accepted: "accepted"
        case .rejected: "rejected"
        case .triggered: "triggered"
        case .partlyFilled: "partly_filled"
        case .filled: "filled"
        case .cancelled: "cancelled"
        case .expired: "expired"
        case .replaced: "replaced"
        case .held: "held"
        }
    }
}

extension OrderKind {
    var name: String {
        switch self {
        case .market: "market"
        case .limit: "limit"
        case .stop: "stop"
        case .stopLimit: "stop_limit"
        case .trailingStop: "trailing_stop"
        case .onOpen: "on_open"
        case .onClose: "on_close"
        }
    }
}

extension TimeInForce {
    var name: String {
        switch self {
        case .gtc: "gtc"
        case .day: "day"
        case .gtd: "gtd"
        case .ioc: "ioc"
        case .fok: "fok"
        }
    }
}

extension LedgerRecord.Kind {
    var name: String {
        switch self {
        case .deposit: "deposit"
        case .dividend: "dividend"
        case .splitCash: "split_cash"
        case .borrowFee: "borrow_fee"
        case .interest: "interest"
        case .funding: "funding"
        case .conversion: "conversion"
        }
    }
}

// The way back: a small code of the same type whose word it is.

extension RawRepresentable where RawValue == UInt8 {
    fileprivate init?(_ word: String?, _ name: (Self) -> String) {
        guard
            let found = (0...UInt8(63)).lazy.compactMap(Self.init(rawValue:)).first(where: {
                name($0) == word
            })
        else { return nil }
        self = found
    }
}

extension OrderState {
    init?(named word: String?) { self.init(word, \.name) }
}

extension OrderKind {
    init?(named word: String?) { self.init(word, \.name) }
}

extension TimeInForce {
    init?(named word: String?) { self.init(word, \.name) }
}

extension LedgerRecord.Kind {
    init?(named word: String?) { self.init(word, \.name) }
}
