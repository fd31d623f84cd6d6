// Volatility breakout: buys a close that stands out of the average by more than the usual range.
//
// Flat and close > average + k * ATR: long, with a stop `stop_atr` ATRs below the close. Long and close
// below the average: close. Decides from the second bar on which both indicators have a value.
#include "tapedeck.hpp"

TD_MANIFEST_JSON({
  "schema": 1,
  "id": "org.tapedeck.atr-breakout",
  "name": "ATR breakout",
  "version": "1.1.0",
  "vendor": "Tapedeck",
  "license": "MIT",
  "description": "Buys a close above the average by a multiple of the average true range.",
  "abi": {"major": 1, "minor": 0},
  "kind": "strategy",
  "subscribes": ["bars"],
  "instruments": {"min": 1, "max": 4096},
  "timeframes": {"min": 1, "max": 1},
  "parameters": [
    {"id": 1, "name": "length", "type": "int", "default": 14, "min": 2, "max": 10000, "unit": "bars",
     "doc": "Length of the average and of the ATR."},
    {"id": 2, "name": "k", "type": "float", "default": 1.0, "min": 0, "max": 100, "unit": "ATRs",
     "doc": "How far above the average the close must be."},
    {"id": 3, "name": "stop_atr", "type": "float", "default": 2.0, "min": 0, "max": 100, "unit": "ATRs",
     "doc": "Distance of the stop loss below the signal bar's close; 0 for none."},
    {"id": 10, "name": "quantity", "type": "float", "default": 0, "min": 0, "max": 1e12, "unit": "units",
     "live": true,
     "doc": "Units of an entry; 0 leaves the size to the sizing of the configuration."},
    {"id": 20, "name": "regime", "type": "enum", "default": "off", "values": ["off", "trend", "range"],
     "doc": "Enter in any market (off), only in a trend (ADX at or above regime_adx), or only in a range (below it)."},
    {"id": 21, "name": "regime_length", "type": "int", "default": 14, "min": 2, "max": 10000, "unit": "bars",
     "doc": "Length of the regime's ADX and ATR."},
    {"id": 22, "name": "regime_adx", "type": "float", "default": 25, "min": 0, "max": 100,
     "doc": "The ADX that parts a trend from a range."},
    {"id": 23, "name": "regime_volatility", "type": "float", "default": 0, "min": 0, "max": 1000, "unit": "percent",
     "doc": "Highest ATR, in percent of the close, at which to enter; 0 for any."}
  ],
  "warm_up": {"bars": {"sum_of": ["length", 1]}},
  "history": {"bars": 0},
  "state": {"version": 2, "reads": [2], "max_bytes": 16777216},
  "needs": {"threads": false, "files": false, "network": false},
  "deterministic": true,
  "unload": "clean",
  "sdk": {"language": "cpp", "version": "1.0"}
});

struct atr_breakout : tapedeck::strategy {
  struct lane {
    tapedeck::sma average;
    tapedeck::atr range;
    tapedeck::regime_filter regime;
    lane(int64_t length, const tapedeck::regime_rule &rule) : average(length), range(length), regime(rule) {}
  };

  explicit atr_breakout(const tapedeck::setup &setup)
      : k(setup.number("k")),
        stop_atr(setup.number("stop_atr")),
        quantity(setup.number("quantity")),
        // One more for events of a foreign instrument.
        lanes(setup.instrument_count() + 1, lane(setup.integer("length"), tapedeck::regime_rule(setup))) {}

  void on_bar(const td_bar &bar, tapedeck::context &context) {
    lane &own = lanes[context.place()];
    bool decides = own.range.ready();
    own.average.update(bar.close);
    own.range.update(bar);
    own.regime.update(bar);
    if (!decides || context.is_warm_up() || context.in_flight() != 0) return;
    double average = own.average.value(), range = own.range.value();
    if (context.quantity() == 0) {
      if (bar.close <= average + k * range || !own.regime.allows_entry()) return;
      double stop = stop_atr > 0 ? bar.close - stop_atr * range : 0;
      context.enter(1, quantity, {.stop_loss = std::max(stop, 0.0)});
    } else if (context.quantity() > 0 && bar.close < average) {
      context.close();
    }
  }

  void on_split(const td_split &split, tapedeck::context &context) {
    lane &own = lanes[context.place()];
    own.average.restate(split);
    own.range.restate(split);
    own.regime.restate(split);
  }

  void parameter_changed(const td_parameter &change) {
    if (change.id == 10) quantity = change.number;
  }

  void save(tapedeck::state_writer &writer) const {
    for (size_t i = 0; i + 1 < lanes.size(); i++) lanes[i].average.save(writer), lanes[i].range.save(writer), lanes[i].regime.save(writer);
  }

  void load(tapedeck::state_reader &reader) {
    for (size_t i = 0; i + 1 < lanes.size(); i++) lanes[i].average.load(reader), lanes[i].range.load(reader), lanes[i].regime.load(reader);
  }

  double k, stop_atr, quantity;
  std::vector<lane> lanes;
};

TAPEDECK_STRATEGY(atr_breakout)
