/// What the names of columns mean, whoever wrote them.
enum ColumnNames {
    /// Lower case, letters and digits only: `<Adj Close>` becomes `adjclose`.
    static func plain(_ name: String) -> String {
        String(
            decoding: name.lowercased().utf8.filter { 97...122 ~= $0 || 48...57 ~= $0 },
            as: UTF8.self)
    }

    /// Names that say when; `date` and `time` may be two halves of one stamp.
    static let times: Set<String> = [
        "time", "timestamp", "ts", "t", "datetime", "date", "unix", "unixtimestamp", "unixtime",
        "opentime",
        "begin", "start", "starttime", "opentimestamp", "tsms", "tsus", "tsns", "epoch", "gmttime",
        "localtime",
        "utc", "utctime", "dateutc", "datetimeutc", "timeutc", "eventtime", "transacttime", "day",
        "day1",
        "tradetime", "timems", "timeperiodstart", "candlebegintime", "price date", "pricedate",
        "tradedate",
        "calctime", "fundingtime",
    ]
    static let closeTimes: Set<String> = [
        "closetime", "end", "endtime", "timeperiodend", "closetimestamp",
    ]
    static let clocks: Set<String> = ["time", "timeofday", "hour"]

    static let roles: [String: CSVColumn.Role] = {
        var roles: [String: CSVColumn.Role] = [:]
        for (role, names) in groups { for name in names { roles[name] = role } }
        return roles
    }()

    private static let groups: [(CSVColumn.Role, [String])] = [
        (
            .symbol,
            ["symbol", "ticker", "tic", "instrument", "asset", "pair", "sym", "name", "stock", "s"]
        ),
        (.open, ["open", "o", "openprice", "first", "priceopen"]),
        (.high, ["high", "h", "max", "highprice", "pricehigh"]),
        (.low, ["low", "l", "min", "lowprice", "pricelow"]),
        (.close, ["close", "c", "last", "closeprice", "closelast", "priceclose", "lastprice"]),
        (
            .volume,
            [
                "volume", "v", "vol", "basevolume", "tickvolume", "tickvol", "volumetraded",
                "totalvolume",
            ]
        ),
        (.dividend, ["dividend", "dividends", "exdividend", "divcash", "dividendamount"]),
        (
            .split,
            ["split", "splits", "splitratio", "stocksplits", "splitfactor", "splitcoefficient"]
        ),
        (.price, ["price", "p", "px", "tradeprice"]),
        (.quantity, ["qty", "quantity", "size", "amount", "q", "lastsize", "tradesize", "sz"]),
        (.side, ["side", "takerside", "aggressor", "tks", "direction", "takerorderside"]),
        (.level, ["level", "lvl", "depthlevel", "position"]),
        (.fundingRate, ["fundingrate", "lastfundingrate", "funding"]),
        (.markPrice, ["markprice", "mark"]),
        (.standing, ["standing"]), (.cash, ["cash", "cashperunit"]),
        (.successor, ["successor", "newsymbol"]), (.ratio, ["ratio"]),
        (.id, ["id", "tradeid", "aggid", "aggtradeid", "i"]),
        (
            .buyerIsMaker,
            ["isbuyermaker", "buyerismaker", "buyermaker", "m", "wasthebuyerthemaker"]
        ),
        (.bid, ["bid", "bidprice", "bp", "bestbid", "bestbidprice", "b"]),
        (.ask, ["ask", "askprice", "ap", "bestask", "bestaskprice", "offer", "a"]),
        (
            .bidQuantity,
            ["bidsize", "bs", "bidqty", "bidquantity", "bidvolume", "bestbidqty", "bestbidsize"]
        ),
        (
            .askQuantity,
            ["asksize", "as", "askqty", "askquantity", "askvolume", "bestaskqty", "bestasksize"]
        ),
        (.bidOpen, ["bidopen", "openbid"]), (.bidHigh, ["bidhigh", "highbid"]),
        (.bidLow, ["bidlow", "lowbid"]), (.bidClose, ["bidclose", "closebid"]),
        (.askOpen, ["askopen", "openask"]), (.askHigh, ["askhigh", "highask"]),
        (.askLow, ["asklow", "lowask"]), (.askClose, ["askclose", "closeask"]),
    ]

    /// Columns that are known and not used: adjusted prices, turnover, counts and the like.
    static let unused: Set<String> = [
        "adjclose", "adjustedclose", "adjopen", "adjhigh", "adjlow", "adjvolume", "adj",
        "quotevolume",
        "quoteassetvolume", "turnover", "value", "n", "tradecount", "trades", "numberoftrades",
        "numtrades",
        "count", "openint", "openinterest", "oi", "per", "period", "vwap", "vw", "weightedprice",
        "spread",
        "takerbuybaseassetvolume", "takerbuyquoteassetvolume", "takerbuybasevolume",
        "takerbuyquotevolume",
        "takerbuyvolume", "takerbuyquote", "ignore", "unused", "index", "change", "changepercent",
        "changep",
        "recvns", "recv", "quoteqty", "quotequantity", "bestpricematch", "isbestmatch",
        "firsttradeid",
        "lasttradeid", "exchange", "conditions", "tape", "x", "z",
    ]
}
