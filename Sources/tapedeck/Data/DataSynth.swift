import ArgumentParser
import Deck
import Feeds
import Market

struct DataSynth: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "synth",
        abstract: "Make a tape of a made-up market, to start without a download.",
        discussion: """
            Regimes that switch, jumps, a busy open and close, nights, and symbols that move together; the same \
            options and seed give the same tape on every machine. It is labelled SYNTHETIC wherever it is shown.
            Examples:
              tapedeck data synth -o market.tape
              tapedeck data synth --symbols AAA,BBB:40:0.6 --calendar XNYS --timeframe 5m --sessions 500
              tapedeck data synth --trades --symbols COIN:25000 --seed 7 -o ticks.tape
              tapedeck data synth --timeframe 1d --bars 2500
            """)

    @OptionGroup(title: "The tape: synthetic.tape where not given") var written: TargetArguments
    @Option(
        help: ArgumentHelp(
            "Symbols, each with its first price and its volatility of a year where wanted.",
            valueName: "NAME[:price[:volatility]],..."))
    var symbols = "SYN"
    @Option(help: "The seed; another one, another market.")
    var seed: UInt64 = 1
    @Option(help: "Length of the bars, up to 1d.")
    var timeframe = TimeFrame.minutes(1)
    @Flag(help: "Trades instead of bars.")
    var trades = false
    @Flag(help: "With --trades: a quote before every trade.")
    var quotes = false
    @Option(help: "The first day.")
    var from = "2024-01-01"
    @Option(help: "The day before which it ends; instead of --sessions and --bars.")
    var to: String?
    @Option(help: "How many sessions (days, where the market never shuts).")
    var sessions: Int?
    @Option(help: "At least so many bars of each symbol, in whole sessions.")
    var bars: Int?
    @Option(help: "With --trades: trades of one symbol in an ordinary session.")
    var perSession = 5_000
    @Option(help: "Its calendar: 24/7, XNYS, XLON, XNSE.")
    var calendar = "24/7"
    @Option(help: "Its currency.")
    var currency = "USD"
    @Option(help: "How much symbols move together, from 0 to 1.")
    var correlation = 0.5
    @Option(help: "Decimals of prices.")
    var decimals = 2
    @Option(help: "Decimals of quantities.")
    var quantityDecimals = 0
    @Flag(help: "Answer as JSON.")
    var json = false

    func validate() throws {
        if [to != nil, sessions != nil, bars != nil].filter({ $0 }).count > 1 {
            throw ValidationError("--to, --sessions and --bars exclude each other")
        }
        if let bars, bars < 1 { throw ValidationError("--bars takes a number from 1 on") }
        if bars != nil, trades {
            throw ValidationError("--bars and --trades exclude each other; use --sessions")
        }
        if quotes, !trades { throw ValidationError("--quotes belongs to --trades") }
        for (name, value) in [("--decimals", decimals), ("--quantity-decimals", quantityDecimals)]
        where !(0...12).contains(value) {
            throw ValidationError("\(name) takes a number from 0 to 12")
        }
    }

    func run() throws {
        Interruption.expect()
        let settings = try settings()
        let output = try written.path(else: "synthetic.tape")
        let bar = SharedProgressBar(
            ProgressBar("making \(output)", unit: "sessions", terminal: Terminal()))
        let tape: TapeFile
        do {
            defer { bar.finish() }
            tape = try SyntheticMarket.write(settings, to: .file(output)) { done in
                bar.update(done: done, of: settings.sessions)
            }
        } catch {
            throw ended(error)
        }
        if json { return print(try JSONText.of(TapeDescription(tape, rows: 0))) }
        let terminal = Terminal()
        print(
            terminal.styled("\(output) written", .green)
                + ", \(FigureText.count(tape.count, "event"))")
        print("digest \(tape.header.digest)")
        print(
            terminal.styled("SYNTHETIC", .yellow) + tape.contents.label.dropFirst("SYNTHETIC".count)
        )
    }

    private func settings() throws -> SyntheticSettings {
        var settings = SyntheticSettings()
        settings.seed = seed
        settings.kind = trades ? .trades : .bars
        settings.symbols = try symbols.split(separator: ",", omittingEmptySubsequences: false).map(
            symbol)
        settings.calendar = calendar
        settings.currency = try InstrumentArguments.currency(currency)
        settings.from = try Self.date(from, "--from")
        settings.timeframe = timeframe
        settings.tradesPerSession = Double(perSession)
        settings.hasQuotes = quotes
        settings.correlation = correlation
        settings.sessions = try sessionCount(settings.from)
        return settings
    }

    private func symbol(_ text: Substring) throws -> SyntheticSettings.Symbol {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard (1...3).contains(parts.count), !parts[0].isEmpty else {
            throw ValidationError(
                "--symbols takes NAME, NAME:PRICE or NAME:PRICE:VOLATILITY, not \"\(text)\"")
        }
        var symbol = SyntheticSettings.Symbol(
            parts[0], priceExponent: -decimals, quantityExponent: -quantityDecimals)
        if parts.count > 1 { symbol.price = try Self.number(parts[1], "the price of \(parts[0])") }
        if parts.count > 2 {
            symbol.volatility = try Self.number(parts[2], "the volatility of \(parts[0])")
        }
        return symbol
    }

    private func sessionCount(_ first: CivilDate) throws -> Int {
        if let sessions { return sessions }
        guard to != nil || bars != nil else { return 250 }
        let calendar: TradingCalendar
        do { calendar = try .named(self.calendar) } catch { throw failed(error.description) }
        if let to {
            let end = try Self.date(to, "--to")
            let count = end > first ? calendar.sessionCount(from: first, through: end - 1) : 0
            guard count > 0 else {
                throw ValidationError("there is no session from \(from) to before \(to)")
            }
            return count
        }
        let wanted = bars ?? 0
        let usual = Double(calendar.periodsPerYear(timeframe) / calendar.sessionsPerYear)
        return max(1, Int((Double(wanted) / max(usual, 1)).rounded(.up)))
    }

    private static func number(_ text: String, _ what: String) throws -> Double {
        guard let value = Double(text), value.isFinite else {
            throw ValidationError("\(what) is a number, not \"\(text)\"")
        }
        return value
    }

    private static func date(_ text: String, _ option: String) throws -> CivilDate {
        do { return try TimeText.timestamp(text).date } catch {
            throw ValidationError("\(option) takes a date such as 2024-01-31, not \"\(text)\"")
        }
    }
}
