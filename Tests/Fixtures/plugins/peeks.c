/* Strategies that cheat, one for each macro: what `verify` and `fuzz` must find. */
#include "idle.h"

TD_MANIFEST("{\"schema\": 1, \"id\": \"org.tapedeck.peeks\", \"name\": \"Peeks\", \"version\": \"1.0.0\","
            "\"subscribes\": [\"bars\"]" MANIFEST_ABI ", \"warm_up\": {\"bars\": 4}}");

typedef struct {
  const td_host *host;
  td_context *context;
  uint64_t bars;
  double average, first;
  int side;
} peeks;

static td_status create(const td_host *host, td_context *context, const td_setup *setup, void **self,
                        td_error *error) {
  (void)setup, (void)error;
  peeks *s = calloc(1, sizeof *s);
  if (!s) return TD_E_LIMIT;
  s->host = host;
  s->context = context;
  *self = s;
  return TD_OK;
}

static int wants(peeks *s, const td_event *events, uint64_t i, uint64_t count) {
  double close = events[i].bar.close;
  s->bars++;
#if defined(NEXT_BAR) /* reads on in the run it was handed */
  return i + 1 < count && events[i + 1].type == TD_EVENT_BAR && events[i + 1].bar.close > close;
#elif defined(COUNT) /* the length of the run depends on the prices that follow */
  (void)close;
  return count > 40;
#elif defined(LONG_MEMORY) /* an average of thousands of bars with a warm-up of four */
  (void)count;
  s->average = s->bars == 1 ? close : s->average + (close - s->average) * 0.001;
  return close > s->average;
#else /* HONEST: three bars that rise */
  (void)count;
  int rises = close > s->average;
  s->average = s->first;
  s->first = close;
  return rises;
#endif
}

static td_status on_events(void *self, const td_event *events, uint64_t count, uint64_t *consumed, td_error *error) {
  peeks *s = self;
  (void)error;
  for (uint64_t i = 0; i < count; i++) {
    *consumed = i + 1;
    if (events[i].type != TD_EVENT_BAR) continue;
#ifdef NO_VOLUME /* fails where nothing was traded */
    if (events[i].bar.volume == 0) return TD_E_INTERNAL;
#endif
#ifdef CRASH
    if (events[i].bar.volume == 0) *(volatile int *)8 = 1;
#endif
    int side = wants(s, events, i, count);
    if (side == s->side) continue;
    s->side = side;
    td_order order = {.struct_size = sizeof order, .instrument = events[i].instrument, .type = TD_ORDER_TARGET};
    order.quantity = side ? 10 : 0;
    uint64_t number;
    s->host->submit(s->context, &order, &number);
    return TD_OK;
  }
  return TD_OK;
}

static const td_plugin table = {sizeof(td_plugin), TD_ABI_MAJOR, TD_ABI_MINOR, create, idle_destroy, idle_start,
                                idle_stop, on_events, 0, 0, 0, 0};

const td_plugin *tapedeck_plugin_v1(void) { return &table; }
