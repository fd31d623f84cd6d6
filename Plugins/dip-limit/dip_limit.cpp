// Buys the dip: while flat, a buy limit rests below the last close, with a stop loss and a take profit
// of its own. At every bar the order moves with the close. Starts with the second bar.
#include "tapedeck.hpp"

TD_MANIFEST_JSON({
  "schema": 1,
  "id": "org.tapedeck.dip-limit",
  "name": "Dip buyer",
  "version": "1.1.0",
  "vendor": "Tapedeck",
  "license": "MIT",
  "description": "Keeps a buy limit below the last close, protected by a stop loss and a take profit.",
  "abi": {"major": 1, "minor": 0},
  "kind": "strategy",
  "subscribes": ["bars"],
  "instruments": {"min": 1, "max": 4096},
  "timeframes": {"min": 1, "max": 1},
  "parameters": [
    {"id": 1, "name": "dip", "type": "float", "default": 0.01, "min": 0.00001, "max": 0.9,
     "unit": "fraction", "doc": "Distance of the limit below the last close."},
    {"id": 10, "name": "quantity", "type": "float", "default": 0, "min": 0, "max": 1e12, "unit": "units",
     "live": true,
     "doc": "Units of an entry; 0 leaves the size to the sizing of the configuration."},
    {"id": 11, "name": "stop_loss", "type": "float", "default": 0.02, "min": 0, "max": 0.99,
     "unit": "fraction", "doc": "Stop loss below the limit price; 0 for none."},
    {"id": 12, "name": "take_profit", "type": "float", "default": 0.01, "min": 0, "max": 10,
     "unit": "fraction", "doc": "Take profit above the limit price; 0 for none."},
    {"id": 20, "name": "regime", "type": "enum", "default": "off", "values": ["off", "trend", "range"],
     "doc": "Enter in any market (off), only in a trend (ADX at or above regime_adx), or only in a range (below it)."},
    {"id": 21, "name": "regime_length", "type": "int", "default": 14, "min": 2, "max": 10000, "unit": "bars",
     "doc": "Length of the regime's ADX and ATR."},
    {"id": 22, "name": "regime_adx", "type": "float", "default": 25, "min": 0, "max": 100,
     "doc": "The ADX that parts a trend from a range."},
    {"id": 23, "name": "regime_volatility", "type": "float", "default": 0, "min": 0, "max": 1000, "unit": "percent",
     "doc": "Highest ATR, in percent of the close, at which to enter; 0 for any."}
  ],
  "warm_up": {"bars": 1},
  "history": {"bars": 0},
  "state": {"version": 2, "reads": [2], "max_bytes": 1048576},
  "needs": {"threads": false, "files": false, "network": false},
  "deterministic": true,
  "unload": "clean",
  "sdk": {"language": "cpp", "version": "1.0"}
});

struct dip_limit : tapedeck::strategy {
  struct lane {
    bool started = false;
    uint64_t order = 0;
    tapedeck::regime_filter regime;
    explicit lane(const tapedeck::regime_rule &rule) : regime(rule) {}
  };

  explicit dip_limit(const tapedeck::setup &setup)
      : dip(setup.number("dip")),
        quantity(setup.number("quantity")),
        stop_loss(setup.number("stop_loss")),
        take_profit(setup.number("take_profit")),
        lanes(setup.instrument_count() + 1, lane(tapedeck::regime_rule(setup))) {}

  void on_bar(const td_bar &bar, tapedeck::context &context) {
    lane &own = lanes[context.place()];
    bool decides = own.started;
    own.started = true;
    own.regime.update(bar);
    if (!decides || context.is_warm_up() || context.quantity() != 0) return;
    if (own.order) context.cancel(own.order);
    own.order = 0;
    if (!own.regime.allows_entry()) return;
    double price = bar.close * (1 - dip);
    tapedeck::protection exits;
    if (stop_loss > 0) exits.stop_loss = price * (1 - stop_loss);
    if (take_profit > 0) exits.take_profit = price * (1 + take_profit);
    tapedeck::answer answer = context.enter(1, quantity, exits, price);
    own.order = answer.accepted() ? answer.order : 0;
  }

  void on_order(const td_order_update &update, tapedeck::context &context) {
    lane &own = lanes[context.place()];
    bool over = update.state == TD_STATE_FILLED || update.state == TD_STATE_CANCELLED ||
                update.state == TD_STATE_EXPIRED || update.state == TD_STATE_REJECTED;
    if (over && update.order == own.order) own.order = 0;
  }

  /// The resting order is restated by the host.
  void on_split(const td_split &split, tapedeck::context &context) {
    lanes[context.place()].regime.restate(split);
  }

  void parameter_changed(const td_parameter &change) {
    if (change.id == 10) quantity = change.number;
  }

  void save(tapedeck::state_writer &writer) const {
    for (size_t i = 0; i + 1 < lanes.size(); i++) writer.write(lanes[i].started), writer.write(lanes[i].order), lanes[i].regime.save(writer);
  }

  void load(tapedeck::state_reader &reader) {
    for (size_t i = 0; i + 1 < lanes.size(); i++) lanes[i].started = reader.flag(), lanes[i].order = reader.bits(), lanes[i].regime.load(reader);
  }

  double dip, quantity, stop_loss, take_profit;
  std::vector<lane> lanes;
};

TAPEDECK_STRATEGY(dip_limit)
