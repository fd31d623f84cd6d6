// Follows the trend of the longer bars and enters at pullbacks of the shorter ones: long while the last long close is
// above its average, in when a short close falls below its own, out when it is above again or the trend is over.
#include "tapedeck.hpp"
#include "tapedeck_indicators.hpp"

TD_MANIFEST_JSON({
  "schema": 1,
  "id": "org.example.pullback",
  "name": "Pullback",
  "version": "1.0.0",
  "vendor": "Me",
  "license": "MIT",
  "description": "Buys pullbacks of short bars in the trend of long ones.",
  "abi": {"major": 1, "minor": 0},
  "kind": "strategy",
  "subscribes": ["bars"],
  "timeframes": {"min": 2, "max": 2},
  "parameters": [
    {"id": 1, "name": "trend", "type": "int", "default": 10, "min": 2, "max": 1000, "unit": "bars",
     "doc": "Long bars of the trend's average."},
    {"id": 2, "name": "pullback", "type": "int", "default": 12, "min": 2, "max": 1000, "unit": "bars",
     "doc": "Short bars of the pullback's average."},
    {"id": 3, "name": "stop_loss", "type": "float", "default": 0.01, "min": 0, "max": 0.5, "unit": "fraction",
     "doc": "Stop loss below the entry's close; 0 for none."}
  ],
  "warm_up": {"bars": {"max_of": ["trend", "pullback"]}},
  "history": {"bars": 0}
});

struct pullback : tapedeck::strategy {
  // Time frames come in ascending order, whatever the order in the configuration.
  explicit pullback(const tapedeck::setup &setup)
      : long_bars(setup.timeframe_at(1)),
        trend(setup.integer("trend")),
        recent(setup.integer("pullback")),
        stop_loss(setup.number("stop_loss")) {}

  void on_bar(const td_bar &bar, tapedeck::context &context) {
    if (context.event().timeframe == long_bars) {
      trend.update(bar.close);
      rises = trend.ready() && bar.close > trend.value();
      return;
    }
    recent.update(bar.close);
    if (!recent.ready() || context.is_warm_up() || context.in_flight() != 0) return;
    if (context.quantity() == 0) {
      if (!rises || bar.close >= recent.value()) return;
      tapedeck::protection exits;
      if (stop_loss > 0) exits.stop_loss = bar.close * (1 - stop_loss);
      context.enter(1, 0, exits);
    } else if (!rises || bar.close > recent.value()) {
      context.close();
    }
  }

  void on_split(const td_split &split, tapedeck::context &) {
    trend.restate(split);
    recent.restate(split);
  }

  uint32_t long_bars;
  tapedeck::sma trend, recent;
  double stop_loss;
  bool rises = false;
};

TAPEDECK_STRATEGY(pullback)
