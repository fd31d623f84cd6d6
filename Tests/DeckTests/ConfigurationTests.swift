import Deck
import Kernel
import Market
import StrategyHost
import Testing

struct ConfigurationTests {
    let folder = DeckFolder()

    init() throws { try folder.writeTape() }

    private func load(
        _ text: String, overrides: [String] = [], environment: [String: String] = [:]
    ) -> Result<DeckConfiguration, ConfigurationProblems> {
        DeckConfiguration.load(
            text: text, path: folder.file("c.yaml"), overrides: overrides,
            environment: { environment[$0] })
    }

    /// The problems, a line each, without the folder.
    private func problems(
        _ text: String, overrides: [String] = [], environment: [String: String] = [:]
    ) -> String {
        switch load(text, overrides: overrides, environment: environment) {
        case .success: ""
        case .failure(let problems):
            problems.description.replacing(folder.path + "/", with: "")
                .replacing(/\(its parameters are [^)]*\)/, with: "(...)")
        }
    }

    /// A configuration with one strategy to which lines are added.
    private func one(
        _ lines: String, feed: String = "{ source: tape, path: small.tape }", top: String = ""
    ) -> String {
        """
        feed: \(feed)
        plugins: { folder: plugins }
        \(top)
        strategies:
          - name: a
            plugin: org.tapedeck.sma-cross
            symbols: [AAA]
            timeframe: 5m
        \(lines)
        """
    }

    @Test func `a small configuration is read with its defaults`() throws {
        let configuration = try load(one("    params: { fast: 3, slow: 8 }")).get()
        let slot = try #require(configuration.slots.first)
        #expect(configuration.slots.count == 1)
        #expect(slot.name == "a")
        #expect(slot.plugin.manifest.id == "org.tapedeck.sma-cross")
        #expect(slot.instruments == [0])
        #expect(slot.timeFrames == [300])
        #expect(slot.parameters["fast"] == .int(3))
        #expect(slot.parameters["slow"] == .int(8))
        #expect(slot.settings.cash == Money(100_000_000_000))
        #expect(slot.settings.currency.code == "USD")
        #expect(slot.settings.execution == ExecutionSettings())
        #expect(slot.settings.risk == RiskSettings())
        #expect(slot.settings.equitySampling == .session)
        #expect(configuration.feed.source == .tape(folder.file("small.tape")))
        #expect(configuration.journal == .standard)
        #expect(configuration.lanes == nil)
    }

    @Test func `defaults reach every strategy and give way to its own values`() throws {
        let slots = try load(
            """
            feed: { source: tape, path: small.tape }
            plugins: { folder: plugins }
            assets:
              - symbol: BBB
                commission: 7bps
            defaults:
              cash: 50000 USD
              timeframe: 1m
              execution: { slippage: 5bps, commission: 10bps, fill: instant }
              risk: { max_drawdown: 10%, max_daily_loss: 0.05 }
            strategies:
              - { name: a, plugin: org.tapedeck.sma-cross, symbols: AAA }
              - name: b
                plugin: org.tapedeck.sma-cross
                symbols: BBB
                cash: 1_000
                execution: { fill: next_open }
                risk: { max_drawdown: none, max_positions: 3 }
              - name: c
                plugin: org.tapedeck.sma-cross
                symbols: BBB
                execution: { commission: { per_trade: 1.50 USD, minimum: 2 } }
            """
        ).get().slots
        #expect(
            slots.map(\.settings.cash) == [
                Money(50_000_000_000), Money(1_000_000_000), Money(50_000_000_000),
            ])
        #expect(slots.map(\.settings.execution.fill) == [.instant, .nextOpen, .instant])
        #expect(
            slots.allSatisfy { $0.settings.execution.slippage == .proportional(.basisPoints(5)) })
        #expect(slots[0].settings.commissions[0].rate == .basisPoints(10))
        #expect(slots[1].settings.commissions[1].rate == .basisPoints(7))
        #expect(slots[2].settings.commissions[1].rate == .zero)
        #expect(slots[2].settings.commissions[1].perTrade == Money(1_500_000))
        #expect(slots[2].settings.commissions[1].minimum == Money(2_000_000))
        #expect(
            slots.map(\.settings.risk.maxDrawdown) == [
                .basisPoints(1_000), nil, .basisPoints(1_000),
            ])
        #expect(
            slots.map(\.settings.risk.maxDailyLoss) == Array(repeating: .basisPoints(500), count: 3)
        )
        #expect(slots.map(\.settings.risk.maxPositions) == [nil, 3, nil])
        #expect(Set(slots.map(\.settings.seed)).count == 3)
    }

    @Test func `every problem is told at once, at its place`() {
        #expect(
            problems(
                """
                feed: { source: tape, path: small.tape, sped: max }
                plugins: { folder: plugins }
                defaults:
                  cash: lots
                  risk: { max_drowdown: 10%, max_daily_loss: 5 }
                strategies:
                  - name: a
                    plugin: org.tapedeck.sma-cros
                    symbols: [AAB]
                    timeframe: 5x
                    risk: { max_daily: 5 }
                    execution: { fill: next_opne }
                  - name: a
                    plugin: org.tapedeck.sma-cross
                    cash: 5 USD
                    symbols: [AAA, AAA]
                    isolation: prison
                    timeframe: 30s
                    params: { fsat: 3, slow: eight }
                  - {}
                """) == """
                    c.yaml:1:41: unknown key "sped" in feed; did you mean "speed"?
                    c.yaml:4:9: cash must be an amount of money such as 100000 USD, not "lots"
                    c.yaml:5:11: unknown key "max_drowdown" in risk; did you mean "max_drawdown"?
                    c.yaml:5:46: max_daily_loss must lie between 0.0000001% and 100%, not "5"; did you mean "5%"?
                    c.yaml:8:13: no plug-in "org.tapedeck.sma-cros" in plugins; did you mean "org.tapedeck.sma-cross"?
                    c.yaml:9:15: the feed has no "AAB"; did you mean "AAA"?
                    c.yaml:10:16: timeframe must be a time frame from 1s to 1w such as 5m, 1h or 1d, not "5x"
                    c.yaml:11:13: unknown key "max_daily" in risk; did you mean "max_daily_loss"?
                    c.yaml:12:24: fill cannot be "next_opne"; did you mean "next_open"?
                    c.yaml:13:11: there is already a strategy "a", at 7:11
                    c.yaml:16:20: AAA is there twice
                    c.yaml:17:16: isolation must be one of host, worker, sealed, not "prison"
                    c.yaml:18:16: AAA has bars of 1m; 30s cannot be built from them
                    c.yaml:19:21: fsat: SMA crossover has no such parameter; did you mean "fast"? (...)
                    c.yaml:19:30: slow: "eight" is not a whole number - slow is int from 2 to 20000 bars, default 30: Length of the slow average; above `fast`.
                    c.yaml:20:5: the strategy needs the key "name"
                    c.yaml:20:5: it needs the key "symbols": AAA, BBB, EEE or all
                    c.yaml:20:5: the strategy needs the key "plugin"
                    """)
    }

    @Test(arguments: [
        ("    cash: 0 USD", "cash must be above zero, with at most 6 decimals"),
        ("    cash: 1.0000001 USD", "cash must be above zero, with at most 6 decimals"),
        (
            "    cash: 5 EUR",
            "AAA trades in USD and the cash is in EUR, but the feed has no pair that gives a rate, such as USDEUR; "
                + "add one, or write cash in USD"
        ),
        (
            "    foreign_cash: keep",
            "foreign_cash must be one of convert_at_fill, hold, not \"keep\""
        ),
        (
            "    execution: { commission: { rate: 5bps, tiers: [{ rate: 3bps }] } }",
            "a tier needs the key \"from\""
        ),
        (
            "    execution: { commission: { rate: 5bps, tiers: [{ from: 1e6 }] } }",
            "a tier needs the key \"rate\", or both \"maker\" and \"taker\""
        ),
        (
            "    execution: { commission: { tiers: [{ from: 9, rate: 3bps }, { from: 9, rate: 2bps }] } }",
            "tiers must rise: from must be above that of the tier before"
        ),
        (
            "    execution: { commission: { tiers: [{ from: 9 EUR, rate: 3bps }] } }",
            "from must be in USD, not in EUR"
        ),
        ("    sizing: { risk_per_trade: 2% }", "sizing needs the key \"stop\""),
        (
            "    sizing: { percent: 2%, quantity: 3 }",
            "sizing needs one of quantity, cash, percent, risk_per_trade, volatility, kelly"
        ),
        ("    sizing: { percent: 2%, stop: 5% }", "stop belongs to risk_per_trade only"),
        (
            "    risk: { stop_loss: 2 atr(x) }",
            "stop_loss must be a distance such as 5%, 2 atr(14) or 1.50 USD, not \"2 atr(x)\""
        ),
        (
            "    risk: { min_sharpe: 0.5 }",
            "min_sharpe needs a window: { limit: ..., window: 60 }, counted in sessions"
        ),
        (
            "    risk: { max_positions: 0 }",
            "max_positions must be a whole number from 1 to 65535, not \"0\""
        ),
        (
            "    risk: { max_drawdown: { limit: 10%, action: explode } }",
            "action must be one of reject, flatten, pause_until_next_session, disable, reduce, not \"explode\""
        ),
        (
            "    risk: { max_drawdown: { limit: 10%, action: reduce } }",
            "max_drawdown cannot have the action reduce"
        ),
        (
            "    risk: { maintenance_margin: { limit: 10%, action: reject } }",
            "maintenance_margin cannot have the action reject"
        ),
        (
            "    execution: { latency: { median: 5ms } }",
            "latency needs a time such as 20ms, or at least two of fastest, median, p90, p99, slowest"
        ),
        (
            "    execution: { latency: { median: 5ms, p99: 2ms } }",
            "p99 is shorter than the one before it"
        ),
        (
            "    execution: { latency: 5ms, fill: instant }",
            "fill \"instant\" leaves no time for the latency of AAA"
        ),
        ("    execution: { funding: { every: 8h } }", "funding needs the key \"rate\""),
        ("    interest: { debt: 6% }", "unknown key \"debt\" in interest; did you mean \"debit\"?"),
        (
            "    risk: { trading_windows: [\"10:00-09:00\"] }",
            "trading_windows must be a span of the day such as 09:45-15:45, not \"10:00-09:00\""
        ),
        (
            "    execution: { fill: next_opn }",
            "fill cannot be \"next_opn\"; did you mean \"next_open\"?"
        ),
        (
            "    execution: { slippage: 2 tocks }",
            "slippage must be none, a share such as 5bps, a number of ticks such as \"2 ticks\", or a block, not \"2 tocks\""
        ),
        (
            "    execution: { close_at_end: \"true\" }",
            "close_at_end must be true or false, not \"true\""
        ),
        (
            "    execution: { volume_limit: 0% }",
            "volume_limit must lie between 0.0000001% and 100%, not \"0%\""
        ),
        (
            "    execution: { commission: { per_trade: 1 EUR } }",
            "per_trade must be in USD, not in EUR"
        ),
        (
            "    execution: { commission: { minimum: 5, maximum: 2 } }",
            "commission has a minimum above its maximum"
        ),
        ("    leverage: 0.5", "leverage must lie between 100% and 100000%, not \"0.5\""),
        ("    lots: lifo", "lots cannot be \"lifo\"; did you mean \"fifo\"?"),
        (
            "    schedule: { calendar: XNYZ }",
            "unknown calendar \"XNYZ\"; did you mean \"XNYS\"? (known: 24/7, 24/5, XNYS, XLON, XNSE)"
        ),
        (
            "    schedule: { warm_up: 3 bars }",
            "SMA crossover needs a warm_up of at least 30 bars with these parameters"
        ),
        (
            "    schedule: { warm_up: 3 days }",
            "warm_up must be a number of bars such as \"200 bars\", not \"3 days\""
        ),
        (
            "    on_fault: { restart: -1 }",
            "restart must be a whole number from 0 to 1000000, not \"-1\""
        ),
        ("    on_fault: { then: weep }", "then must be one of stay_out, flatten, not \"weep\""),
        (
            "    limits: { memory: much }",
            "memory must be an amount of memory such as 64MB, 512MB or 2GB, not \"much\""
        ),
        (
            "    isolation: seal",
            "isolation cannot be \"seal\"; did you mean \"sealed\"?"
        ),
        ("    params: [1]", "params must be a block of parameters, not a list"),
        (
            "    params: { fast: 0 }",
            "fast: 0 is below the least value, 1 - fast is int from 1 to 10000 bars, default 10: Length of the fast average."
        ),
        ("    allow_short: yes", "allow_short must be true or false, not \"yes\""),
    ]) func `a wrong value says what it should have been`(line: String, message: String) {
        let found = problems(one(line))
        #expect(
            found.split(separator: "\n").map { $0.drop { $0 != " " }.dropFirst() } == [message[...]]
        )
    }

    @Test(arguments: [
        ("{ source: tape, path: none.tape }", "c.yaml:1:29: none.tape: no such file"),
        ("{ source: tape }", "c.yaml:1:7: feed needs the key \"path\""),
        ("{ source: alpaca }", "c.yaml:1:17: alpaca is not available yet"),
        (
            "{ source: tap, path: x }",
            "c.yaml:1:17: source cannot be \"tap\"; did you mean \"tape\"?"
        ),
        (
            "tape",
            "c.yaml:1:7: feed must be a block of keys such as source:, path:, speed:, not \"tape\""
        ),
        (
            "{ source: tape, path: small.tape, from: 2024-13-01 }",
            "c.yaml:1:47: from must be a date such as 2024-03-01, or a time such as 2024-03-01T09:30:00Z, not \"2024-13-01\""
        ),
        (
            "{ source: tape, path: small.tape, from: 2024-03-01, to: 2024-02-01 }",
            "c.yaml:1:63: to must be after from"
        ),
        (
            "{ source: tape, path: small.tape, speed: fast }",
            "c.yaml:1:48: speed must be max, live, or a multiple such as 60x, not \"fast\""
        ),
        (
            "{ source: tape, path: small.tape, record: small.tape }",
            "c.yaml:1:49: record names the tape that is played"
        ),
    ]) func `a wrong feed is named at its place`(feed: String, problem: String) {
        #expect(problems(one("", feed: feed)).hasPrefix(problem))
    }

    @Test(arguments: [
        ("seed: -1", "seed must be a whole number of at least 0, not \"-1\""),
        ("lanes: many", "lanes must be a whole number from 1 to 1024, not \"many\""),
        ("assets: [CCC]", "the feed has no \"CCC\"; there are AAA, BBB, EEE"),
        ("assets: [AAA, AAA]", "the asset AAA is there twice"),
        (
            "assets: [{ symbol: AAA, price_step: -1 }]",
            "price_step must be a decimal number above zero such as 0.01, not \"-1\""
        ),
        (
            "assets: [{ symbol: AAA, price_step: 0.005, price_decimals: 2 }]",
            "a step of 0.005 needs more decimals than 2"
        ),
        ("metrics: { sampling: weekly }", "sampling must be one of bar, session, not \"weekly\""),
        ("metrics: { benchmark: CCC }", "the feed has no \"CCC\"; there are AAA, BBB, EEE"),
        ("defaults: { name: x }", "name belongs to each strategy, not to the defaults"),
        ("journal: [a]", "journal must be a file, or none, not a list"),
    ]) func `what is wrong outside of the strategies is named too`(line: String, message: String) {
        let found = problems(one("", top: line))
        #expect(
            found.split(separator: "\n").map { $0.drop { $0 != " " }.dropFirst() } == [message[...]]
        )
    }

    @Test func `an untrusted plug-in is refused where a list of trusted ones is kept`() {
        let text = one("    isolation: host").replacing(
            "plugins: {", with: "plugins: { trusted: [{ id: org.other }],")
        #expect(
            problems(text) == """
                c.yaml:9:16: "org.tapedeck.sma-cross" is not in plugins.trusted, so it may not run inside the host; write isolation: worker
                """)
        let wrong = one("    isolation: host").replacing(
            "plugins: {",
            with:
                "plugins: { trusted: [{ id: org.tapedeck.sma-cross, sha256: \(String(repeating: "0", count: 64)) }],"
        )
        #expect(problems(wrong).contains("which plugins.trusted does not have"))
        let right = one("    isolation: host").replacing(
            "plugins: {", with: "plugins: { trusted: [{ id: org.tapedeck.sma-cross }],")
        #expect(problems(right) == "")
    }

    @Test func `without isolation only what is pinned by its hash runs inside the host`() throws {
        func slot(_ plugins: String, _ line: String = "") throws -> SlotPlan {
            try load(one(line).replacing("plugins: {", with: "plugins: { \(plugins)")).get().slots[
                0]
        }
        let plain = try slot("")
        #expect(plain.isolation == .worker && !plain.isPinned)
        #expect(try slot("trusted: [{ id: org.tapedeck.sma-cross }],").isolation == .worker)
        let pinned = try slot(
            "trusted: [{ id: org.tapedeck.sma-cross, sha256: \(plain.plugin.digest) }],")
        #expect(pinned.isolation == .host && pinned.isPinned)
        let asked = try slot("", "    isolation: host")
        #expect(asked.isolation == .host && !asked.isPinned)
        let kept = try slot(
            "trusted: [{ id: org.tapedeck.sma-cross, sha256: \(plain.plugin.digest) }],",
            "    isolation: sealed")
        #expect(kept.isolation == .sealed)
    }

    @Test(arguments: [(256, ""), (257, "isolation: worker"), (257, "isolation: host")])
    func `as many workers as somebody asked for are started`(count: Int, defaults: String) throws {
        #expect(try load(crowd(count, defaults)).get().slots.count == count)
    }

    @Test func `more than 256 workers are not started unasked`() {
        #expect(
            problems(crowd(257, "")) == """
                c.yaml:5:3: 257 strategies would start 257 worker processes, and more than 256 have to be asked for: write \
                isolation: worker into the defaults, share_worker: true to have instances of one module share one, or \
                isolation: host for what you trust
                """)
        #expect(problems(crowd(600, "share_worker: true")) == "")
        #expect(problems(crowd(512, "share_worker: 2")) == "")
        #expect(
            problems(crowd(513, "share_worker: 2")).contains(
                "513 strategies would start 257 worker processes"))
    }

    private func crowd(_ count: Int, _ defaults: String) -> String {
        let lines = (1...count).map {
            "  - { name: s\($0), plugin: org.tapedeck.sma-cross, symbols: AAA, timeframe: 5m }"
        }
        return """
            feed: { source: tape, path: small.tape }
            plugins: { folder: plugins }
            defaults: { \(defaults) }
            strategies:
            \(lines.joined(separator: "\n"))
            """
    }

    @Test func `variables come from the environment and are never shown`() throws {
        let text = one("    params: { fast: \"${FAST}\" }")
        let configuration = try load(text, environment: ["FAST": "7"]).get()
        #expect(configuration.slots[0].parameters["fast"] == .int(7))
        #expect(configuration.text.contains("${FAST}"))
        #expect(
            problems(text)
                == "c.yaml:9:21: fast needs the environment variable FAST, which is not set")
        let secret = one("    cash: \"${SECRET} USD\"")
        #expect(
            problems(secret, environment: ["SECRET": "hunter2"])
                == "c.yaml:9:11: cash must be an amount of money such as 100000 USD, not \"${SECRET} USD\""
        )
        #expect(load(one("    name2: x"), environment: [:]).isFailure)
    }

    @Test func `the command line overrides single values`() throws {
        let configuration = try load(
            one("    params: { fast: 3 }"),
            overrides: [
                "strategies.a.params.fast=5", "strategies.0.params.slow=9",
                "strategies.*.cash=7 USD",
                "strategies.a.risk.max_drawdown=5%", "seed=4", "strategies.a.symbols=[BBB]",
                "feed.from=2023-11-14",
            ]
        ).get()
        let slot = configuration.slots[0]
        #expect(slot.parameters.text.hasPrefix("fast=5 slow=9"))
        #expect(slot.settings.cash == Money(7_000_000))
        #expect(slot.settings.risk.maxDrawdown == .basisPoints(500))
        #expect(slot.instruments == [1])
        #expect(configuration.seed == 4)
        #expect(configuration.feed.from == Timestamp(seconds: 1_699_920_000))
        #expect(configuration.text.hasSuffix("# --set feed.from=2023-11-14"))
        let plain = try load(one("    params: { fast: 3 }")).get()
        #expect(plain.digest != configuration.digest)
    }

    @Test(arguments: [
        (
            "strategies.b.cash=5 USD",
            "--set strategies.b.cash=5 USD: nothing in the list is called \"b\"; did you mean \"a\"?"
        ),
        ("cash", "--set cash: an override is written KEY.KEY=VALUE"),
        ("a..b=1", "--set a..b=1: there is an empty name in \"a..b\""),
        ("seed=", "--set seed=: there is no value behind the ="),
        (
            "seed=[1",
            "--set seed=[1: while parsing a flow sequence: did not find expected ',' or ']'"
        ),
        (
            "strategies.a.name.x=1",
            "--set strategies.a.name.x=1: \"x\" cannot be set inside a single value"
        ),
        (
            "strategies.a.params.fast=x",
            "--set strategies.a.params.fast=x: fast: \"x\" is not a whole number - fast is int from 1 to 10000 bars, default 10: Length of the fast average."
        ),
        ("sed=4", "--set sed=4: unknown key \"sed\" in the configuration; did you mean \"seed\"?"),
    ]) func `a wrong override is named as it was given`(override: String, problem: String) {
        #expect(problems(one(""), overrides: [override]) == problem)
    }
}

extension Result {
    fileprivate var isFailure: Bool { if case .failure = self { true } else { false } }
}
