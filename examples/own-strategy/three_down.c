/* Buys after some closes in a row below the one before, and sells after some bars or at the first close above the
 * entry's. Plain C over tapedeck.h. */
#include "tapedeck.h"

#include <stdlib.h>
#include <string.h>

TD_MANIFEST_JSON({
  "schema": 1,
  "id": "org.example.three-down",
  "name": "Three down",
  "version": "1.0.0",
  "vendor": "Me",
  "license": "MIT",
  "description": "Buys after falls in a row, sells at the first gain or after some bars.",
  "abi": {"major": 1, "minor": 0},
  "kind": "strategy",
  "subscribes": ["bars"],
  "parameters": [
    {"id": 1, "name": "falls", "type": "int", "default": 3, "min": 1, "max": 100, "unit": "bars",
     "doc": "Closes in a row that fall, before it buys."},
    {"id": 2, "name": "hold", "type": "int", "default": 12, "min": 1, "max": 10000, "unit": "bars",
     "doc": "Bars after which it sells in any case."}
  ],
  "warm_up": {"bars": "falls"},
  "history": {"bars": 0}
});

typedef struct {
  const td_host *host;
  td_context *context;
  int64_t falls, hold, fallen, held;
  double last, bought, position, in_flight;
} strategy;

static td_status create(const td_host *host, td_context *context, const td_setup *setup, void **self,
                        td_error *error) {
  const td_parameter *p = setup->parameters;
  *self = NULL;
  if (setup->instrument_count != 1 || setup->parameter_count != 2 || p[0].id != 1 || p[1].id != 2) {
    static const char text[] = "parameters or instruments differ from those of the manifest";
    error->length = sizeof text - 1;
    memcpy(error->text, text, sizeof text - 1);
    return TD_E_INVALID;
  }
  strategy *s = calloc(1, sizeof *s);
  if (!s) return TD_E_LIMIT;
  s->host = host;
  s->context = context;
  s->falls = p[0].integer;
  s->hold = p[1].integer;
  *self = s;
  return TD_OK;
}

/* Of its own: what stands in the table must point into this library. */
static void destroy(void *self) { free(self); }

static td_status start(void *self, const td_start *start, td_error *error) {
  (void)self, (void)start, (void)error;
  return TD_OK;
}

static td_status stop(void *self, uint32_t reason, td_error *error) {
  (void)self, (void)reason, (void)error;
  return TD_OK;
}

/* Asked only after something that may have changed it. */
static void learn_position(strategy *s, uint16_t instrument) {
  td_position position = {.struct_size = sizeof position};
  if (s->host->position(s->context, instrument, &position) != TD_OK) return;
  s->position = position.quantity;
  s->in_flight = position.in_flight;
}

static void trade(strategy *s, uint16_t instrument, double quantity, uint32_t flags) {
  td_order order = {.struct_size = sizeof order, .instrument = instrument, .type = TD_ORDER_MARKET};
  uint64_t number;
  order.quantity = quantity;
  order.flags = flags;
  (void)s->host->submit(s->context, &order, &number); /* a refusal comes back as an order event */
  learn_position(s, instrument);
}

/* True when it acted: the run must end with this event. */
static int on_bar(strategy *s, const td_event *event) {
  double close = event->bar.close;
  s->fallen = s->last > 0 && close < s->last ? s->fallen + 1 : 0;
  s->last = close;
  if ((event->flags & TD_FLAG_WARM_UP) || s->in_flight != 0) return 0;
  if (s->position == 0) {
    if (s->fallen < s->falls) return 0;
    s->bought = close;
    s->held = 0;
    trade(s, event->instrument, 1, TD_ORDER_SIZED); /* long, as much as the operator's sizing says */
    return 1;
  }
  s->held++;
  if (close <= s->bought && s->held < s->hold) return 0;
  trade(s, event->instrument, -s->position, 0);
  return 1;
}

/* Prices come raw: at a split those that are kept are restated. */
static void restate(strategy *s, const td_split *split) {
  double share = (double)split->denominator / (double)split->numerator;
  s->last *= share;
  s->bought *= share;
}

static td_status on_events(void *self, const td_event *events, uint64_t count, uint64_t *consumed,
                           td_error *error) {
  strategy *s = self;
  (void)error;
  for (uint64_t i = 0; i < count; i++) {
    *consumed = i + 1; /* before anything else: it tells the host which event this is about */
    if (events[i].type == TD_EVENT_BAR) {
      if (on_bar(s, &events[i])) break;
    } else if (events[i].type == TD_EVENT_SPLIT) {
      restate(s, &events[i].split);
      learn_position(s, events[i].instrument);
    } else if (events[i].type == TD_EVENT_FILL || events[i].type == TD_EVENT_ORDER) {
      learn_position(s, events[i].instrument);
    }
  }
  return TD_OK;
}

const td_plugin *tapedeck_plugin_v1(void) {
  static const td_plugin table = {
    .struct_size = sizeof(td_plugin),
    .abi_major = TD_ABI_MAJOR,
    .abi_minor = TD_ABI_MINOR,
    .create = create,
    .destroy = destroy,
    .start = start,
    .stop = stop,
    .on_events = on_events,
  };
  return &table;
}
