package import CTapedeck
package import Market

/// One strategy's cash, positions and orders: the state machine that decides every fill.
///
/// It returns what happened and never calls anybody. Orders sent at event i are live from event i+1
/// on.
package struct Portfolio: ~Copyable {
    /// Added to the time frame of an instrument whose trades, quotes and levels are matched instead
    /// of its bars.
    package static let ticks: UInt32 = 1 << 31

    package let settings: PortfolioSettings
    package let instruments: [Instrument]
    /// The number of the slot that operators' commands address; commands to slot zero are for
    /// everybody.
    package let slot: UInt64
    package internal(set) var books: Books
    /// Private events for the strategy, oldest first, since they were last cleared.
    package internal(set) var told = EventList(capacity: 16)
    package internal(set) var records = Records()
    package internal(set) var digest = Digest()
    /// Time of the last event that was marked or advanced.
    package internal(set) var now = Timestamp(nanoseconds: 0)
    /// An operator or a risk rule forbade new positions; what reduces one is still accepted.
    package internal(set) var isPaused = false
    /// A limit over all slots forbids new positions.
    package internal(set) var isHeldBack = false
    /// An operator or a risk rule ended trading; nothing is accepted any more.
    package internal(set) var isDisabled = false

    // What is asked at every event, apart from the settings, which are large.
    let execution: ExecutionSettings
    let leverage: Rate
    let allowsShort: Bool
    let shrinksOrders: Bool
    let sizer: Sizer
    var risk: RiskRules
    let hasNoLimits: Bool
    let watchesMargin: Bool
    /// Most orders may go the short way. Without it they go the long way, to the same end.
    package var isPlain = false
    /// Orders take their time to the venue.
    let hasLatency: Bool
    /// Changes of orders that are under way.
    var requests = ContiguousArray<OrderRequest>()
    /// Something is charged by the day.
    let chargesDays: Bool
    /// By instrument when its next funding falls due; `.min` before the first event.
    var fundingDue: ContiguousArray<Int64>
    /// The first of them; `.max` for none.
    var nextFunding = Int64.max
    /// Instruments that something happened to since bands were made.
    var touched = TouchedBands.all
    /// Some order was ever given a time to end at.
    var hasExpiring = false
    /// A fill came after the rules that look at marks had looked: the next event is not quiet.
    var riskIsDue = false
    /// Never set. A struct with a weak reference is handed on by its address; without one, every
    /// method that only asks would be given a copy of it, a kilobyte.
    private weak var anchor: AnyObject?
    var orders: RestingOrders
    var listings: ContiguousArray<Listing>
    /// What quotes, levels and trades have shown of each instrument.
    var markets: ContiguousArray<ShownMarket>
    var bands: ContiguousArray<QuietBand>
    var clocks: ContiguousArray<SessionClock>
    /// Some instrument is matched on shorter bars than its strategy sees.
    let readsDetail: Bool
    /// Longer bars that orders met because there were none of the shorter ones that should have
    /// decided.
    package internal(set) var barsWithoutDetail = 0
    /// Volumes and spreads are looked at: there is a volume limit, or slippage asks for them.
    let readsVolume: Bool
    /// Trades, quotes or levels may come of some instrument.
    let readsTicks: Bool
    var timers = Timers()
    var curve: EquityCurve
    var commissions: Commissions
    let slippage: ContiguousArray<SlippageModel>
    var statistics: BarStatistics
    var committed = CommittedPower()
    var filledOrders = FilledOrders()
    var numbers: Xoshiro256StarStar
    /// What chance decides here and not in the strategy, which may draw in another process.
    var ownNumbers: Xoshiro256StarStar
    /// The tape's number of the last event, and its flags.
    var sequence: UInt64 = 0
    var flags: UInt8 = 0
    var nextOrder: UInt64 = 1
    let currencyCode: CurrencyCode
    /// Events from this time on are not quiet.
    var deadline = Int64.min
    /// The end of the present UTC day.
    var dayEnds = Int64.min
    /// A pause that ends with the session in which a rule began it.
    var resumesNextSession = false

    /// - Parameters:
    ///   - calendars: per instrument the number that `td_session.calendar` carries on the tape.
    ///   - matching: per instrument the time frame in seconds of the bars that orders are matched
    ///     against and positions marked with; zero for every bar, trade and quote. With `ticks`
    ///     added its trades, quotes and levels do both, and those bars are only counted for
    ///     statistics.
    ///   - coarse: per instrument the time frame of longer bars that take their place where there
    ///     were none of
    ///     them since the last longer one; zero for none.
    package init(
        settings: PortfolioSettings, instruments: [Instrument], calendars: [UInt32] = [],
        matching: [UInt32] = [], coarse: [UInt32] = [], slot: UInt64 = 0
    ) {
        self.settings = settings
        self.instruments = instruments
        self.slot = slot
        execution = settings.execution
        leverage = settings.leverage
        allowsShort = settings.allowShort
        shrinksOrders = settings.partial
        sizer = Sizer(
            settings: settings, instruments: instruments,
            matching: matching.map { $0 & ~Self.ticks })
        risk = RiskRules(settings: settings, instruments: instruments)
        hasNoLimits = settings.risk == RiskSettings()
        hasLatency = settings.latencies.contains { !$0.isNone }
        watchesMargin = settings.risk.maintenanceMargin != nil
        let isBorrowing = settings.carries.contains { $0.borrow != .zero }
        chargesDays = isBorrowing || settings.interest != InterestSettings()
        fundingDue = ContiguousArray(repeating: .min, count: settings.carries.count)
        if settings.carries.contains(where: { $0.fundingInterval > 0 }) { nextFunding = .min }
        books = Books(settings: settings, instruments: instruments, matching: matching)
        orders = RestingOrders(instruments: instruments.count)
        commissions = Commissions(settings: settings, instruments: instruments)
        slippage = ContiguousArray(
            instruments.map { SlippageModel(settings.execution.slippage, $0) })
        statistics = BarStatistics(BarStatistics.Windows(settings), instruments: instruments.count)
        bands = ContiguousArray(repeating: QuietBand(), count: instruments.count)
        markets = ContiguousArray(repeating: ShownMarket(), count: instruments.count)
        clocks = []
        listings = []
        listings.reserveCapacity(instruments.count)
        for (place, instrument) in instruments.enumerated() {
            let calendar = place < calendars.count ? calendars[place] : 0
            var clock = clocks.firstIndex { $0.calendar == calendar }
            if clock == nil {
                clocks.append(SessionClock(calendar: calendar))
                clock = clocks.count - 1
            }
            listings.append(
                Listing(
                    units: OrderUnits(instrument), scale: ValueScale(instrument),
                    minimumNotional: instrument.minimumNotional.rawValue,
                    moneyUnits: PowerOfTen.double(instrument.currency.exponent), clock: clock ?? 0,
                    matching: place < matching.count ? matching[place] : 0,
                    coarse: place < coarse.count ? coarse[place] : 0))
        }
        readsTicks = listings.map(\.matchesTicks).contains(true)
        readsDetail = coarse.contains { $0 != 0 }
        readsVolume =
            settings.execution.volumeLimit != nil || settings.execution.slippage.readsVolume
        curve = EquityCurve(settings.equitySampling)
        numbers = Xoshiro256StarStar(seed: settings.seed)
        ownNumbers = Xoshiro256StarStar(seed: settings.seed ^ 0x5EED_0F_1A7E_2C7)
        currencyCode = CurrencyCode(settings.currency.code)
        isPlain = Self.isPlain(settings, books)
    }

    /// Why this portfolio has stopped; nil while it works.
    package var fault: Fault? { books.fault }

    /// Orders that may still be filled, held ones among them.
    package var workingOrders: Int { orders.count }

    /// The number of the newest order; zero before the first.
    package var lastOrder: UInt64 { nextOrder - 1 }

    /// 64 bits from this portfolio's own generator.
    package mutating func random() -> UInt64 { numbers.next() }

    /// A copy of what was told.
    package var updates: ContiguousArray<Event> { told.all }

    /// A timer event is put into `told` at the first event at or after `time`; the same `id`
    /// again moves it, a time of zero ends it.
    package mutating func setTimer(_ id: UInt64, at time: Timestamp) -> td_status {
        let isSet = timers.set(id, due: time.rawValue)
        settle()
        return td_status(isSet ? TD_OK : TD_E_LIMIT)
    }

    /// Hands over what happened since the last call, and keeps the given arrays' storage for what
    /// comes.
    package mutating func takeRecords(into drained: inout Records) {
        drained.removeAll()
        swap(&drained, &records)
    }

    /// Takes an empty list for the one that holds what was told.
    @inline(__always) package mutating func swapTold(with list: inout EventList) {
        swap(&told, &list)
    }

    @inline(__always) package mutating func clearUpdates() { told.removeAll() }
}

extension ExecutionSettings.Slippage {
    /// Whether it depends on what an event shows beside its price.
    var readsVolume: Bool {
        switch self {
        case .none, .ticks, .proportional: false
        case .spreadShare, .volumeImpact: true
        }
    }
}
