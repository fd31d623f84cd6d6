/* A strategy that, at its second event, calls the host with one wrong argument each, and plots the answers. */
#include "idle.h"
#include <math.h>

TD_MANIFEST(MANIFEST_HEAD MANIFEST_ABI ",\"instruments\": {\"min\": 1, \"max\": 4}}");

typedef struct {
  const td_host *host;
  td_context *context;
  int seen;
} asker;

static void answer(asker *a, const char *name, double value) {
  a->host->plot(a->context, (td_string){name, strlen(name)}, value);
}

static td_status create(const td_host *host, td_context *context, const td_setup *setup, void **self,
                        td_error *error) {
  (void)setup;
  asker *a = calloc(1, sizeof *a);
  a->host = host;
  a->context = context;
  *self = a;
  /* What may not be asked here, and what may. */
  td_account account = {.struct_size = sizeof account};
  td_order o = {.struct_size = sizeof o, .type = TD_ORDER_MARKET, .quantity = 1};
  td_instrument instrument = {.struct_size = sizeof instrument};
  uint64_t number;
  if (host->account(context, &account) != TD_E_STATE) return refuse(error, TD_E_INTERNAL, "account in create");
  if (host->submit(context, &o, &number) != TD_E_STATE) return refuse(error, TD_E_INTERNAL, "submit in create");
  if (host->set_timer(context, 1, 5) != TD_E_STATE) return refuse(error, TD_E_INTERNAL, "timer in create");
  if (host->plot(context, (td_string){"x", 1}, 1) != TD_E_STATE) return refuse(error, TD_E_INTERNAL, "plot in create");
  if (host->instrument(context, 0, &instrument)) return refuse(error, TD_E_INTERNAL, "no instrument in create");
  if (strcmp(instrument.symbol, "AAA") || instrument.price_step != 0.01)
    return refuse(error, TD_E_INTERNAL, "another instrument");
  if (host->extension(context, (td_string){"tapedeck.nothing/1", 18})) return refuse(error, TD_E_INTERNAL, "extension");
  return TD_OK;
}

static void ask(asker *a) {
  const td_host *h = a->host;
  td_context *c = a->context;
  uint64_t number = 7, count = 7;
  td_bar bar;
  td_order o = {.struct_size = sizeof o, .type = TD_ORDER_MARKET, .quantity = 1};
  answer(a, "no order", h->submit(c, 0, &number));
  o.struct_size = 95;
  answer(a, "short order", h->submit(c, &o, &number));
  answer(a, "no account", h->account(c, 0));
  td_account account = {.struct_size = 8};
  answer(a, "short account", h->account(c, &account));
  td_position position = {.struct_size = sizeof position + 64};
  struct { td_position position; char more[64]; } newer = {.position = position};
  memset(newer.more, 7, sizeof newer.more);
  answer(a, "newer position", h->position(c, 0, &newer.position));
  answer(a, "its size", newer.position.struct_size);
  answer(a, "its tail", newer.more[0]);
  answer(a, "foreign position", h->position(c, 1, &newer.position));
  answer(a, "unknown position", h->position(c, 999, &newer.position));
  td_instrument instrument = {.struct_size = sizeof instrument};
  answer(a, "foreign instrument", h->instrument(c, 1, &instrument));
  answer(a, "no history kept", h->history(c, 0, 60, &bar, 1, &count));
  answer(a, "foreign history", h->history(c, 1, 60, &bar, 1, &count));
  answer(a, "other time frame", h->history(c, 0, 61, &bar, 1, &count));
  answer(a, "no count", h->history(c, 0, 60, &bar, 1, 0));
  answer(a, "forecast 1.1", h->signal(c, 0, 1.1, 1));
  answer(a, "forecast nan", h->signal(c, 0, NAN, 1));
  answer(a, "confidence -1", h->signal(c, 0, 1, -1));
  answer(a, "foreign forecast", h->signal(c, 1, 1, 1));
  answer(a, "no name", h->plot(c, (td_string){"", 0}, 1));
  answer(a, "null name", h->plot(c, (td_string){0, 5}, 1));
  answer(a, "bad name", h->plot(c, (td_string){"\xff", 1}, 1));
  answer(a, "infinite", h->plot(c, (td_string){"x", 1}, INFINITY));
  answer(a, "no context", h->account(0, &account));
  answer(a, "early timer", h->set_timer(c, 1, -1));
}

/* One act each, because an act ends the call. */
static void act(asker *a) {
  const td_host *h = a->host;
  uint64_t number = 0;
  td_order o = {.struct_size = sizeof o, .type = TD_ORDER_MARKET, .quantity = 1};
  switch (a->seen) {
    case 3: o.quantity = NAN; answer(a, "nan order", h->submit(a->context, &o, &number)); break;
    case 4: o.instrument = 1; answer(a, "foreign order", h->submit(a->context, &o, &number)); break;
    case 5: o.instrument = 999; answer(a, "unknown order", h->submit(a->context, &o, &number)); break;
    case 6: o.type = 99; answer(a, "odd type", h->submit(a->context, &o, &number)); break;
    case 7: answer(a, "cancel unknown", h->cancel(a->context, 12345)); return;
    case 8: answer(a, "replace unknown", h->replace(a->context, 12345, &o)); return;
    case 9: answer(a, "no number", h->submit(a->context, &o, 0)); return;
    default: return;
  }
  answer(a, "its number", (double)number);
}

static td_status on_events(void *self, const td_event *events, uint64_t count, uint64_t *consumed, td_error *error) {
  asker *a = self;
  (void)error;
  for (uint64_t i = 0; i < count; i++) {
    *consumed = i + 1;
    if (events[i].type == TD_EVENT_ORDER) {
      if (events[i].order.state == TD_STATE_REJECTED) answer(a, "reason", events[i].order.reason);
      continue;
    }
    if (events[i].flags & TD_FLAG_PRIVATE) continue;
    a->seen++;
    if (a->seen == 2) ask(a);
    if (a->seen > 2 && a->seen < 10) {
      act(a);
      return TD_OK;
    }
  }
  return TD_OK;
}

static const td_plugin table = {sizeof(td_plugin), TD_ABI_MAJOR, TD_ABI_MINOR, create, idle_destroy, idle_start,
                                idle_stop, on_events, 0, 0, 0, 0};

const td_plugin *tapedeck_plugin_v1(void) { return &table; }
