// Buys when the close rises above its average, sells when it falls below. Change everything.
//
//     ../../build my_strategy.cpp -o my_strategy.so
#include "tapedeck.hpp"

TD_MANIFEST_JSON({
  "schema": 1,
  "id": "org.example.my-strategy-cpp",
  "name": "My strategy in C++",
  "version": "0.1.0",
  "vendor": "Me",
  "license": "MIT",
  "description": "Long above the average, out below it.",
  "abi": {"major": 1, "minor": 0},
  "kind": "strategy",
  "subscribes": ["bars"],
  "parameters": [
    {"id": 1, "name": "length", "type": "int", "default": 20, "min": 2, "max": 1000, "unit": "bars",
     "doc": "Bars of the average."},
    {"id": 2, "name": "quantity", "type": "float", "default": 0, "min": 0, "max": 1000000,
     "unit": "units", "doc": "Units to buy; 0 leaves the size to the sizing of the configuration."}
  ],
  "warm_up": {"bars": "length"},
  "history": {"bars": 0},
  "state": {"version": 1, "reads": [1], "max_bytes": 65536}
});

struct my_strategy : tapedeck::strategy {
  explicit my_strategy(const tapedeck::setup &setup)
      : average(setup.integer("length")), quantity(setup.number("quantity")) {}

  void on_bar(const td_bar &bar, tapedeck::context &context) {
    bool decides = average.ready();
    average.update(bar.close);
    if (!decides || context.is_warm_up() || context.in_flight() != 0) return;
    if (bar.close > average.value()) {
      if (context.quantity() == 0) context.enter(1, quantity);
    } else if (context.quantity() > 0) {
      context.close();
    }
  }

  // Prices come raw, so what is kept of earlier ones is restated at a split.
  void on_split(const td_split &split, tapedeck::context &) { average.restate(split); }

  void save(tapedeck::state_writer &writer) const { average.save(writer); }
  void load(tapedeck::state_reader &reader) { average.load(reader); }

  tapedeck::sma average;
  double quantity;
};

TAPEDECK_STRATEGY(my_strategy)
