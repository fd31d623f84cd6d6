/* Buys when the close rises above its average, sells when it falls below. Change everything.
 *
 *     ../../build my_strategy.c -o my_strategy.so
 */
#include "tapedeck.h"

#include <stdlib.h>
#include <string.h>

TD_MANIFEST_JSON({
  "schema": 1,
  "id": "org.example.my-strategy-c",
  "name": "My strategy in C",
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
  "history": {"bars": 0}
});

typedef struct {
  const td_host *host;
  td_context *context;
  double quantity, position, in_flight, sum;
  int length, count, head;
  double closes[1000];
} strategy;

static td_status create(const td_host *host, td_context *context, const td_setup *setup, void **self,
                        td_error *error) {
  const td_parameter *p = setup->parameters;
  *self = NULL;
  if (setup->instrument_count != 1 || setup->parameter_count != 2 || p[0].id != 1 || p[1].id != 2 ||
      p[0].type != TD_PARAM_INT || p[1].type != TD_PARAM_FLOAT || p[0].integer < 2 || p[0].integer > 1000 ||
      !(p[1].number >= 0)) {
    static const char text[] = "parameters or instruments differ from those of the manifest";
    error->length = sizeof text - 1;
    memcpy(error->text, text, sizeof text - 1);
    return TD_E_INVALID;
  }
  strategy *s = calloc(1, sizeof *s);
  if (!s) return TD_E_LIMIT;
  s->host = host;
  s->context = context;
  s->length = (int)p[0].integer;
  s->quantity = p[1].number;
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

/* The host knows best; asked only after something that may have changed the position. */
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
  int decides = s->count == s->length;
  s->sum += close - s->closes[s->head];
  s->closes[s->head] = close;
  s->head = s->head + 1 == s->length ? 0 : s->head + 1;
  if (s->count < s->length) s->count++;
  if (!decides || (event->flags & TD_FLAG_WARM_UP) || s->in_flight != 0) return 0;
  double average = s->sum / s->length;
  if (close > average ? s->position != 0 : s->position <= 0) return 0;
  if (s->position > 0) trade(s, event->instrument, -s->position, 0);
  else if (s->quantity > 0) trade(s, event->instrument, s->quantity, 0);
  else trade(s, event->instrument, 1, TD_ORDER_SIZED);
  return 1;
}

/* Prices come raw, so what is kept of earlier ones is restated at a split. */
static void restate(strategy *s, const td_split *split) {
  double share = (double)split->denominator / (double)split->numerator;
  s->sum *= share;
  for (int i = 0; i < s->length; i++) s->closes[i] *= share;
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
      .struct_size = sizeof table, .abi_major = TD_ABI_MAJOR, .abi_minor = TD_ABI_MINOR,
      .create = create, .destroy = destroy, .start = start, .stop = stop, .on_events = on_events,
  };
  return &table;
}
