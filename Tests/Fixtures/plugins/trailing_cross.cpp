// Follows the crossing of two averages; from the close of the entry's bar on a trailing stop protects the
// position, by a share of the price. A crossing down cancels it and closes.
#include "tapedeck.hpp"

TD_MANIFEST_JSON({
  "schema": 1,
  "id": "test.trailing-cross",
  "name": "Trailing cross",
  "version": "1.0.0",
  "license": "MIT",
  "description": "A crossing of averages with a trailing stop.",
  "abi": {"major": 1, "minor": 0},
  "kind": "strategy",
  "subscribes": ["bars"],
  "parameters": [
    {"id": 1, "name": "fast", "type": "int", "default": 10, "min": 1, "max": 1000, "doc": "Length."},
    {"id": 2, "name": "slow", "type": "int", "default": 30, "min": 2, "max": 1000, "doc": "Length."},
    {"id": 3, "name": "trail", "type": "float", "default": 0.1, "min": 0.001, "max": 0.9, "doc": "A share."},
    {"id": 4, "name": "quantity", "type": "float", "default": 1, "min": 0, "max": 1e12, "doc": "Units."}
  ],
  "unload": "clean",
  "sdk": {"language": "cpp", "version": "1.0"}
});

struct trailing_cross : tapedeck::strategy {
  explicit trailing_cross(const tapedeck::setup &setup)
      : fast(setup.integer("fast")),
        slow(setup.integer("slow")),
        trail(setup.number("trail")),
        quantity(setup.number("quantity")) {}

  void on_bar(const td_bar &bar, tapedeck::context &context) {
    double before = fast.value() - slow.value();  // NaN until both are there: compares false
    fast.update(bar.close);
    slow.update(bar.close);
    double now = fast.value() - slow.value();
    if (context.in_flight() != 0) return;
    if (context.quantity() == 0) {
      if (before < 0 && now > 0) context.buy(quantity);
    } else if (before > 0 && now < 0) {
      if (protector) context.cancel(protector);
      context.close();
    } else if (!protector) {
      td_order order = context.ticket(-context.quantity(), {});
      order.type = TD_ORDER_TRAILING_STOP;
      order.trail = trail;
      order.flags = TD_ORDER_TRAIL_PERCENT | TD_ORDER_REDUCE_ONLY;
      protector = context.submit(order).order;
    }
  }

  void on_order(const td_order_update &update, tapedeck::context &) {
    bool over = update.state == TD_STATE_FILLED || update.state == TD_STATE_CANCELLED;
    if (over && update.order == protector) protector = 0;
  }

  tapedeck::sma fast, slow;
  double trail, quantity;
  uint64_t protector = 0;
};

TAPEDECK_STRATEGY(trailing_cross)
