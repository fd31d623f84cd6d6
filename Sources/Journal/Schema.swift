/// The journal's tables. Prices, quantities and money are the kernel's exact integers;
/// `instruments` and `slots` give their exponents, and the views give them as decimals.
enum Schema {
    static let version: Int64 = 1

    static let tables = """
        CREATE TABLE runs (
          id INTEGER PRIMARY KEY, kind TEXT NOT NULL, status TEXT NOT NULL,
          started INTEGER NOT NULL, finished INTEGER, first_event INTEGER, last_event INTEGER, events INTEGER,
          configuration_path TEXT, configuration TEXT NOT NULL, configuration_sha256 TEXT NOT NULL,
          source TEXT NOT NULL, tape_digest TEXT NOT NULL, is_synthetic INTEGER NOT NULL,
          seed INTEGER NOT NULL, version TEXT NOT NULL, digest TEXT, result TEXT);
        CREATE TABLE slots (
          run INTEGER NOT NULL, slot INTEGER NOT NULL, name TEXT NOT NULL, plugin TEXT NOT NULL,
          plugin_version TEXT NOT NULL, plugin_sha256 TEXT NOT NULL, parameters TEXT NOT NULL,
          currency TEXT NOT NULL, money_exponent INTEGER NOT NULL, cash INTEGER NOT NULL, digest TEXT,
          PRIMARY KEY (run, slot)) WITHOUT ROWID;
        CREATE TABLE instruments (
          run INTEGER NOT NULL, instrument INTEGER NOT NULL, symbol TEXT NOT NULL, currency TEXT NOT NULL,
          calendar TEXT NOT NULL, price_exponent INTEGER NOT NULL, quantity_exponent INTEGER NOT NULL,
          multiplier INTEGER NOT NULL, is_synthetic INTEGER NOT NULL,
          PRIMARY KEY (run, instrument)) WITHOUT ROWID;
        CREATE TABLE orders (
          run INTEGER, slot INTEGER, sequence INTEGER, time INTEGER, "order" INTEGER, state TEXT, reason INTEGER,
          instrument INTEGER, kind TEXT, time_in_force TEXT, quantity INTEGER, filled INTEGER, limit_price INTEGER,
          stop_price INTEGER, expires INTEGER, parent INTEGER, oco INTEGER, tag INTEGER, flags INTEGER);
        CREATE TABLE fills (
          run INTEGER, slot INTEGER, sequence INTEGER, time INTEGER, "order" INTEGER, instrument INTEGER,
          quantity INTEGER, price INTEGER, cash INTEGER, fee INTEGER, realised INTEGER, cash_after INTEGER,
          position_after INTEGER, reason INTEGER, tag INTEGER, is_maker INTEGER, is_ambiguous INTEGER);
        CREATE TABLE ledger (
          run INTEGER, slot INTEGER, sequence INTEGER, time INTEGER, kind TEXT, instrument INTEGER,
          amount INTEGER, cash_after INTEGER);
        CREATE TABLE round_trips (
          run INTEGER, slot INTEGER, instrument INTEGER, side INTEGER, quantity INTEGER,
          entry_sequence INTEGER, entry_time INTEGER, entry_price INTEGER,
          exit_sequence INTEGER, exit_time INTEGER, exit_price INTEGER, exit_reason INTEGER,
          gross INTEGER, costs INTEGER, net INTEGER, worst INTEGER, best INTEGER, bars INTEGER);
        CREATE TABLE equity (
          run INTEGER, slot INTEGER, sequence INTEGER, time INTEGER, equity INTEGER, cash INTEGER, exposure INTEGER);
        CREATE TABLE breaches (
          run INTEGER, slot INTEGER, sequence INTEGER, time INTEGER, rule TEXT, action TEXT, instrument INTEGER,
          measured REAL, allowed REAL);
        CREATE TABLE faults (
          run INTEGER, slot INTEGER, sequence INTEGER, time INTEGER, text TEXT);
        CREATE VIEW ledger_lines AS
          SELECT run, slot, sequence, time, kind, instrument, amount FROM ledger
          UNION ALL SELECT run, slot, sequence, time, 'trade', instrument, cash FROM fills
          UNION ALL SELECT run, slot, sequence, time, 'commission', instrument, -fee FROM fills WHERE fee <> 0;
        """

    /// What later versions added; an earlier one passes over it.
    static let additions = """
        CREATE TABLE IF NOT EXISTS commands (
          run INTEGER, slot INTEGER, sequence INTEGER, time INTEGER, at INTEGER, who TEXT, command TEXT,
          answer TEXT, is_done INTEGER);
        CREATE TABLE IF NOT EXISTS walls (
          run INTEGER, slot INTEGER, isolation TEXT NOT NULL, walls TEXT NOT NULL,
          PRIMARY KEY (run, slot)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS processes (
          run INTEGER PRIMARY KEY, number INTEGER NOT NULL, began INTEGER NOT NULL, boot TEXT NOT NULL);
        CREATE TABLE IF NOT EXISTS money_exponents (
          run INTEGER NOT NULL, instrument INTEGER NOT NULL, exponent INTEGER NOT NULL,
          PRIMARY KEY (run, instrument)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS trip_rates (
          run INTEGER NOT NULL, slot INTEGER NOT NULL, instrument INTEGER NOT NULL,
          exit_sequence INTEGER NOT NULL, rate REAL NOT NULL,
          PRIMARY KEY (run, slot, instrument, exit_sequence)) WITHOUT ROWID;
        """

    /// Made when a run ends, so that the writer never keeps them up to date row by row.
    static let indices = [
        "orders", "fills", "ledger", "round_trips", "equity", "breaches", "faults",
    ]
    .map { "CREATE INDEX IF NOT EXISTS \($0)_of_run ON \($0) (run, slot);" }
    .joined(separator: "\n")
}
