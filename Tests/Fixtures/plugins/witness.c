/* A strategy that plots what it is shown: kinds, flags and sequence numbers, and what it hears from the host. Its
 * parameter chooses what it does besides. */
#include "idle.h"

TD_MANIFEST(
    "{\"schema\": 1, \"id\": \"org.tapedeck.test.witness\", \"name\": \"Witness\", \"version\": \"1.0.0\","
    "\"abi\": {\"major\": 1, \"minor\": 0}, \"subscribes\": [\"bars\", \"trades\", \"quotes\", \"timers\"],"
    "\"instruments\": {\"min\": 1, \"max\": 4}, \"timeframes\": {\"min\": 0, \"max\": 4}, \"history\": {\"bars\": 3},"
    "\"parameters\": ["
    "{\"id\": 1, \"name\": \"does\", \"type\": \"enum\", \"default\": \"watch\", \"doc\": \"What.\","
    "\"values\": [\"watch\", \"buys_always\", \"looks_back\", \"sets_timers\"]},"
    "{\"id\": 7, \"name\": \"size\", \"type\": \"float\", \"default\": 1, \"min\": 0, \"max\": 9, \"live\": true,"
    "\"unit\": \"shares\", \"doc\": \"How many.\"}]}");

enum { WATCH, BUYS_ALWAYS, LOOKS_BACK, SETS_TIMERS };

typedef struct {
  const td_host *host;
  td_context *context;
  int64_t does;
  double size;
} witness;

static td_status create(const td_host *host, td_context *context, const td_setup *setup, void **self,
                        td_error *error) {
  witness *w = calloc(1, sizeof *w);
  (void)error;
  w->host = host;
  w->context = context;
  w->does = setup->parameters[0].integer;
  w->size = setup->parameters[1].number;
  *self = w;
  return TD_OK;
}

static void note(witness *w, const char *name, double value) {
  w->host->plot(w->context, (td_string){name, strlen(name)}, value);
}

static td_status start(void *self, const td_start *start, td_error *error) {
  witness *w = self;
  (void)error;
  if (w->does == SETS_TIMERS) {
    w->host->set_timer(w->context, 5, start->time + 150000000000);
    w->host->set_timer(w->context, 6, start->time + 90000000000);
    w->host->set_timer(w->context, 6, 0);
  }
  return TD_OK;
}

static td_status on_events(void *self, const td_event *events, uint64_t count, uint64_t *consumed, td_error *error) {
  witness *w = self;
  (void)error;
  for (uint64_t i = 0; i < count; i++) {
    const td_event *e = &events[i];
    *consumed = i + 1;
    note(w, "kind", e->type);
    note(w, "flags", e->flags);
    note(w, "sequence", (double)e->sequence);
    if (e->type == TD_EVENT_TIMER) {
      note(w, "timer", (double)e->timer.id);
      note(w, "due", (double)(e->timer.due / 1000000000));
    }
    if (e->type == TD_EVENT_PARAMETER) {
      note(w, "parameter", e->parameter.id);
      note(w, "value", e->parameter.number);
      note(w, "size", w->size);
    }
    if (e->type == TD_EVENT_ORDER) {
      note(w, "state", e->order.state);
      note(w, "reason", e->order.reason);
    }
    if (e->flags & TD_FLAG_PRIVATE) continue;
    if (w->does == LOOKS_BACK) {
      td_bar bars[5];
      uint64_t kept = 9;
      note(w, "status", w->host->history(w->context, e->instrument, 60, bars, 2, &kept));
      note(w, "kept", (double)kept);
      for (uint64_t k = 0; k < kept; k++) note(w, "close", bars[k].close);
      note(w, "deepest", (w->host->history(w->context, e->instrument, 60, bars, 5, &kept), (double)kept));
    }
    if (w->does == BUYS_ALWAYS && e->type == TD_EVENT_BAR) {
      td_order o = {.struct_size = sizeof o, .instrument = e->instrument, .type = TD_ORDER_MARKET, .quantity = 1};
      uint64_t number;
      note(w, "answer", w->host->submit(w->context, &o, &number));
      return TD_OK;
    }
  }
  return TD_OK;
}

static td_status set_parameter(void *self, const td_parameter *parameter, td_error *error) {
  witness *w = self;
  if (parameter->id != 7) return refuse(error, TD_E_INVALID, "unknown parameter");
  if (parameter->number == 8) return refuse(error, TD_E_INVALID, "eight is not my number");
  w->size = parameter->number;
  return TD_OK;
}

static const td_plugin table = {sizeof(td_plugin), TD_ABI_MAJOR, TD_ABI_MINOR, create, idle_destroy, start,
                                idle_stop, on_events, set_parameter, 0, 0, 0};

const td_plugin *tapedeck_plugin_v1(void) { return &table; }
