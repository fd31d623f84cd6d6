/* A crossover of two averages over the closes of one instrument, long or flat: what timings are taken with. */
#include "idle.h"

TD_MANIFEST(
    "{\"schema\": 1, \"id\": \"org.tapedeck.test.sma\", \"name\": \"SMA\", \"version\": \"1.0.0\","
    "\"abi\": {\"major\": 1, \"minor\": 0}, \"subscribes\": [\"bars\"], \"warm_up\": {\"bars\": \"slow\"},"
    "\"history\": {\"bars\": 0}, \"state\": {\"version\": 1, \"reads\": [1], \"max_bytes\": 2048}, \"parameters\": ["
    "{\"id\": 1, \"name\": \"fast\", \"type\": \"int\", \"default\": 10, \"min\": 1, \"max\": 100, \"doc\": \"Fast.\"},"
    "{\"id\": 2, \"name\": \"slow\", \"type\": \"int\", \"default\": 30, \"min\": 2, \"max\": 100, \"doc\": \"Slow.\"}]}");

typedef struct {
  const td_host *host;
  td_context *context;
  double closes[128], fast_sum, slow_sum;
  uint64_t seen;
  int64_t fast, slow;
  int above;
} sma;

static td_status create(const td_host *host, td_context *context, const td_setup *setup, void **self,
                        td_error *error) {
  sma *s = calloc(1, sizeof *s);
  if (!s) return refuse(error, TD_E_LIMIT, "no memory");
  s->host = host;
  s->context = context;
  s->fast = setup->parameters[0].integer;
  s->slow = setup->parameters[1].integer;
  *self = s;
  return TD_OK;
}

static td_status on_events(void *self, const td_event *events, uint64_t count, uint64_t *consumed, td_error *error) {
  sma *s = self;
  (void)error;
  for (uint64_t i = 0; i < count; i++) {
    *consumed = i + 1;
    if (events[i].type != TD_EVENT_BAR) continue;
    double close = events[i].bar.close;
    uint64_t n = s->seen++;
    s->fast_sum += close - (n >= (uint64_t)s->fast ? s->closes[(n - (uint64_t)s->fast) & 127] : 0);
    s->slow_sum += close - (n >= (uint64_t)s->slow ? s->closes[(n - (uint64_t)s->slow) & 127] : 0);
    s->closes[n & 127] = close;
    if (n + 1 < (uint64_t)s->slow) continue;
    int above = s->fast_sum * (double)s->slow > s->slow_sum * (double)s->fast;
    int crossed = above != s->above && n + 1 > (uint64_t)s->slow;
    s->above = above;
    if (!crossed) continue;
    td_order o = {.struct_size = sizeof o, .instrument = events[i].instrument, .type = TD_ORDER_TARGET};
    o.quantity = above ? 100 : 0;
    uint64_t number;
    s->host->submit(s->context, &o, &number);
    return TD_OK;
  }
  return TD_OK;
}

/* All that the next decision depends on: not the two pointers before it. */
static td_status save(void *self, const td_sink *sink, td_error *error) {
  (void)error;
  return sink->write(sink->handle, (char *)self + offsetof(sma, closes), sizeof(sma) - offsetof(sma, closes));
}

static td_status load(void *self, const td_blob *blob, td_error *error) {
  if (blob->count != sizeof(sma) - offsetof(sma, closes)) return refuse(error, TD_E_FORMAT, "this state is damaged");
  memcpy((char *)self + offsetof(sma, closes), blob->bytes, blob->count);
  return TD_OK;
}

static const td_plugin table = {sizeof(td_plugin), TD_ABI_MAJOR, TD_ABI_MINOR, create, idle_destroy, idle_start,
                                idle_stop, on_events, 0, save, load, 0};

const td_plugin *tapedeck_plugin_v1(void) { return &table; }
