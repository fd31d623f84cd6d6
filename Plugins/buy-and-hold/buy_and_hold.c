/* Buy and hold: buys every instrument once and keeps it. The plainest strategy, and every other's
 * benchmark. Plain C over tapedeck.h, no helper. */
#include "tapedeck.h"

#include <stdlib.h>
#include <string.h>

TD_MANIFEST_JSON({
  "schema": 1,
  "id": "org.tapedeck.buy-and-hold",
  "name": "Buy and hold",
  "version": "1.0.0",
  "vendor": "Tapedeck",
  "license": "MIT",
  "description": "Buys every instrument once and keeps it.",
  "abi": {"major": 1, "minor": 0},
  "kind": "strategy",
  "subscribes": ["bars"],
  "instruments": {"min": 1, "max": 4096},
  "timeframes": {"min": 1, "max": 1},
  "parameters": [
    {"id": 1, "name": "quantity", "type": "float", "default": 0, "min": 0, "max": 1e12, "unit": "units",
     "doc": "Units to buy of each instrument; 0 leaves the size to the sizing of the configuration."},
    {"id": 2, "name": "wait_bars", "type": "int", "default": 0, "min": 0, "max": 1000000, "unit": "bars",
     "doc": "Bars of an instrument to let pass before buying it."}
  ],
  "state": {"version": 1, "reads": [1], "max_bytes": 65536},
  "warm_up": {"bars": "wait_bars"},
  "history": {"bars": 0},
  "needs": {"threads": false, "files": false, "network": false},
  "deterministic": true,
  "unload": "clean",
  "sdk": {"language": "c", "version": "1.0"}
});

enum { BOUGHT = UINT32_MAX };

typedef struct {
  const td_host *host;
  td_context *context;
  double quantity;
  uint32_t wait_bars;
  uint32_t instrument_count;
  uint32_t left; /* instruments not bought yet */
  uint32_t id_count;
  uint16_t *instruments; /* dense numbers, in the order of the configuration */
  uint32_t *seen;        /* by dense number: bars seen, or BOUGHT */
} buyer;

static td_status fail(td_error *error, td_status status, const char *text) {
  if (error) {
    error->length = (uint32_t)strlen(text);
    memcpy(error->text, text, error->length);
  }
  return status;
}

static void destroy(void *self) {
  buyer *b = self;
  if (!b) return;
  free(b->instruments);
  free(b->seen);
  free(b);
}

static td_status create(const td_host *host, td_context *context, const td_setup *setup, void **self,
                        td_error *error) {
  *self = NULL;
  if (setup->parameter_count != 2 || setup->parameters[0].id != 1 || setup->parameters[0].type != TD_PARAM_FLOAT ||
      setup->parameters[1].id != 2 || setup->parameters[1].type != TD_PARAM_INT)
    return fail(error, TD_E_INVALID, "parameters differ from the manifest: expected quantity and wait_bars");
  if (setup->instrument_count == 0) return fail(error, TD_E_INVALID, "no instrument is wired to this strategy");
  if (!(setup->parameters[0].number >= 0)) return fail(error, TD_E_INVALID, "quantity must be 0 or more");
  buyer *b = calloc(1, sizeof *b);
  if (!b) return fail(error, TD_E_LIMIT, "out of memory");
  b->host = host;
  b->context = context;
  b->quantity = setup->parameters[0].number;
  b->wait_bars = (uint32_t)setup->parameters[1].integer;
  b->instrument_count = b->left = setup->instrument_count;
  for (uint32_t i = 0; i < setup->instrument_count; i++)
    if (setup->instruments[i] >= b->id_count) b->id_count = setup->instruments[i] + 1u;
  b->instruments = malloc(setup->instrument_count * sizeof *b->instruments);
  b->seen = malloc(b->id_count * sizeof *b->seen);
  if (!b->instruments || !b->seen) {
    destroy(b);
    return fail(error, TD_E_LIMIT, "out of memory");
  }
  memcpy(b->instruments, setup->instruments, setup->instrument_count * sizeof *b->instruments);
  for (uint32_t i = 0; i < b->id_count; i++) b->seen[i] = BOUGHT; /* not ours: never bought */
  for (uint32_t i = 0; i < setup->instrument_count; i++) b->seen[setup->instruments[i]] = 0;
  *self = b;
  return TD_OK;
}

static td_status start(void *self, const td_start *start, td_error *error) {
  (void)self, (void)start, (void)error;
  return TD_OK;
}

static td_status stop(void *self, uint32_t reason, td_error *error) {
  (void)self, (void)reason, (void)error;
  return TD_OK;
}

static void buy(buyer *b, uint16_t instrument) {
  td_order order = {.struct_size = sizeof order, .instrument = instrument, .type = TD_ORDER_MARKET};
  order.quantity = b->quantity;
  if (b->quantity == 0) {
    order.quantity = 1;
    order.flags = TD_ORDER_SIZED;
  }
  uint64_t number;
  /* A refusal is in the journal with its reason; asking again at every bar would not change it. */
  (void)b->host->submit(b->context, &order, &number);
  b->seen[instrument] = BOUGHT;
  b->left--;
}

static td_status on_events(void *self, const td_event *events, uint64_t count, uint64_t *consumed,
                           td_error *error) {
  buyer *b = self;
  (void)error;
  for (uint64_t i = 0; b->left > 0 && i < count; i++) {
    const td_event *event = &events[i];
    *consumed = i + 1;
    if (event->type != TD_EVENT_BAR) continue;
    if (event->instrument >= b->id_count || b->seen[event->instrument] == BOUGHT) continue;
    if (b->seen[event->instrument] < b->wait_bars) {
      b->seen[event->instrument]++;
      continue;
    }
    if (event->flags & TD_FLAG_WARM_UP) continue;
    buy(b, event->instrument);
    return TD_OK;
  }
  *consumed = count; /* nothing left to do: only watching */
  return TD_OK;
}

/* State: a mark, the number of instruments, bars seen of each, and a checksum of all that. */
static const uint32_t mark = 0x31484142; /* "BAH1" */

static uint32_t checksum(const uint32_t *words, uint64_t count) {
  uint32_t sum = 2166136261u;
  for (uint64_t i = 0; i < count; i++) sum = (sum ^ words[i]) * 16777619u;
  return sum;
}

static td_status save(void *self, const td_sink *sink, td_error *error) {
  buyer *b = self;
  uint64_t count = 2u + b->instrument_count;
  uint32_t *words = malloc((count + 1) * sizeof *words);
  if (!words) return fail(error, TD_E_LIMIT, "out of memory");
  words[0] = mark;
  words[1] = b->instrument_count;
  for (uint32_t i = 0; i < b->instrument_count; i++) words[2 + i] = b->seen[b->instruments[i]];
  words[count] = checksum(words, count);
  td_status status = sink->write(sink->handle, words, (count + 1) * sizeof *words);
  free(words);
  return status;
}

static td_status load(void *self, const td_blob *blob, td_error *error) {
  buyer *b = self;
  uint64_t count = 2u + b->instrument_count;
  if (blob->state_version != 1) return fail(error, TD_E_FORMAT, "this state is of another version");
  if (blob->count != (count + 1) * sizeof(uint32_t))
    return fail(error, TD_E_FORMAT, "this state is of another number of instruments, or damaged");
  uint32_t *words = malloc(blob->count);
  if (!words) return fail(error, TD_E_LIMIT, "out of memory");
  memcpy(words, blob->bytes, blob->count);
  if (words[0] != mark || words[1] != b->instrument_count || words[count] != checksum(words, count)) {
    free(words);
    return fail(error, TD_E_FORMAT, "this state is damaged");
  }
  b->left = 0;
  for (uint32_t i = 0; i < b->instrument_count; i++) {
    b->seen[b->instruments[i]] = words[2 + i];
    b->left += words[2 + i] != BOUGHT;
  }
  free(words);
  return TD_OK;
}

const td_plugin *tapedeck_plugin_v1(void) {
  static const td_plugin table = {
      .struct_size = sizeof table, .abi_major = TD_ABI_MAJOR, .abi_minor = TD_ABI_MINOR,
      .create = create, .destroy = destroy, .start = start, .stop = stop,
      .on_events = on_events, .save = save, .load = load,
  };
  return &table;
}
