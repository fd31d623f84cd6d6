/* A strategy that does everything at random and keeps a hash of all that it sees and hears: the orders that it
 * sends, and the hash, must not depend on how its events come. */
#include "idle.h"
#include <stdio.h>

TD_MANIFEST(
    "{\"schema\": 1, \"id\": \"org.tapedeck.test.trader\", \"name\": \"Trader\", \"version\": \"1.0.0\","
    "\"abi\": {\"major\": 1, \"minor\": 0}, \"subscribes\": [\"bars\", \"trades\", \"quotes\", \"timers\"],"
    "\"instruments\": {\"min\": 1, \"max\": 8}, \"timeframes\": {\"min\": 1, \"max\": 3},"
    "\"history\": {\"bars\": 5}, \"state\": {\"version\": 1, \"reads\": [1], \"max_bytes\": 4096},"
    "\"parameters\": [{\"id\": 1, \"name\": \"seldom\", \"type\": \"int\", \"default\": 20, \"min\": 1,"
    "\"live\": true, \"doc\": \"One event in so many is acted on.\"}]}");

typedef struct {
  const td_host *host;
  td_context *context;
  uint64_t hash, chance, last_order;
  int64_t seldom;
  uint32_t instrument_count, timeframe_count;
  uint16_t instruments[8];
  uint32_t timeframes[3];
} trader;

static void mix(trader *t, uint64_t word) { t->hash = (t->hash ^ word) * 0x100000001b3u; }
static void mix_double(trader *t, double value) {
  uint64_t word;
  memcpy(&word, &value, 8);
  mix(t, word);
}
static uint64_t chance(trader *t, uint64_t below) {
  t->chance = t->chance * 6364136223846793005u + 1442695040888963407u;
  return (t->chance >> 33) % below;
}

static td_status create(const td_host *host, td_context *context, const td_setup *setup, void **self,
                        td_error *error) {
  trader *t = calloc(1, sizeof *t);
  if (!t) return refuse(error, TD_E_LIMIT, "no memory");
  t->host = host;
  t->context = context;
  t->hash = 0xcbf29ce484222325u;
  t->chance = setup->seed;
  t->seldom = setup->parameters[0].integer;
  t->instrument_count = setup->instrument_count;
  t->timeframe_count = setup->timeframe_count;
  memcpy(t->instruments, setup->instruments, setup->instrument_count * sizeof(uint16_t));
  memcpy(t->timeframes, setup->timeframes, setup->timeframe_count * sizeof(uint32_t));
  *self = t;
  return TD_OK;
}

static td_status start(void *self, const td_start *start, td_error *error) {
  trader *t = self;
  mix(t, start->next_sequence);
  if (t->host->now(t->context) != start->time) return refuse(error, TD_E_INTERNAL, "now is not the start's time");
  return t->host->set_timer(t->context, 1, start->time + 3600000000000);
}

static void look(trader *t) {
  td_bar bars[8];
  uint64_t count = 0;
  uint16_t instrument = t->instruments[chance(t, t->instrument_count)];
  mix(t, (uint64_t)t->host->history(t->context, instrument, t->timeframes[chance(t, t->timeframe_count)], bars, 8,
                                    &count));
  mix(t, count);
  for (uint64_t i = 0; i < count; i++) mix_double(t, bars[i].close);
  td_account account = {.struct_size = sizeof account};
  mix(t, (uint64_t)t->host->account(t->context, &account));
  mix_double(t, account.equity);
  mix_double(t, account.buying_power);
  td_position position = {.struct_size = sizeof position};
  mix(t, (uint64_t)t->host->position(t->context, instrument, &position));
  mix_double(t, position.quantity);
  mix_double(t, position.unrealised);
  mix_double(t, position.in_flight);
}

static void order(trader *t, double price) {
  td_order o = {.struct_size = sizeof o};
  o.instrument = t->instruments[chance(t, t->instrument_count)];
  o.type = (uint8_t)(1 + chance(t, 9));
  o.time_in_force = (uint8_t)(chance(t, 4) ? TD_GTC : chance(t, 5));
  o.quantity = (double)chance(t, 200) - 100;
  if (o.type == TD_ORDER_TARGET_PERCENT) o.quantity /= 100;
  o.limit = price * (0.97 + 0.0001 * (double)chance(t, 600));
  o.stop = price * (0.97 + 0.0001 * (double)chance(t, 600));
  o.trail = price * 0.01;
  o.expires = t->host->now(t->context) + (int64_t)chance(t, 100) * 60000000000;
  o.oco = (uint32_t)(chance(t, 4) ? 0 : 1 + chance(t, 3));
  if (!chance(t, 3)) {
    o.stop_loss = price * (o.quantity > 0 ? 0.98 : 1.02);
    o.take_profit = price * (o.quantity > 0 ? 1.02 : 0.98);
  }
  o.tag = chance(t, 1000);
  uint64_t number = 0;
  mix(t, (uint64_t)t->host->submit(t->context, &o, &number));
  mix(t, number);
  if (number) t->last_order = number;
}

static void act(trader *t, const td_event *event) {
  mix(t, t->host->random(t->context));
  for (uint64_t n = 1 + chance(t, 3); n--;) {
    switch (chance(t, 6)) {
      case 0: mix(t, (uint64_t)t->host->cancel(t->context, t->last_order - chance(t, 3))); break;
      case 1: {
        td_order o = {.struct_size = sizeof o, .instrument = event->instrument, .quantity = (double)chance(t, 100)};
        o.limit = o.stop = event->bar.close * (0.98 + 0.0004 * (double)chance(t, 100));
        mix(t, (uint64_t)t->host->replace(t->context, t->last_order, &o));
        break;
      }
      case 2:
        mix(t, (uint64_t)t->host->set_timer(t->context, 1 + chance(t, 3),
                                            event->time + (int64_t)chance(t, 50) * 60000000000));
        break;
      default: order(t, event->type == TD_EVENT_BAR ? event->bar.close : 100);
    }
  }
}

static td_status on_events(void *self, const td_event *events, uint64_t count, uint64_t *consumed, td_error *error) {
  trader *t = self;
  (void)error;
  for (uint64_t i = 0; i < count; i++) {
    const td_event *event = &events[i];
    *consumed = i + 1;
    const unsigned char *bytes = (const unsigned char *)event;
    for (int k = 0; k < 64; k++) mix(t, bytes[k]);
    mix(t, (uint64_t)t->host->now(t->context));
    if (!chance(t, 7)) look(t);
    if (!chance(t, 9)) {
      t->host->plot(t->context, (td_string){"hash", 4}, (double)(t->hash & 0xffffff));
      t->host->signal(t->context, t->instruments[0], 0.5, 1);
    }
    if (!chance(t, (uint64_t)t->seldom)) {
      act(t, event);
      return TD_OK;
    }
  }
  return TD_OK;
}

static td_status set_parameter(void *self, const td_parameter *parameter, td_error *error) {
  trader *t = self;
  if (parameter->id != 1) return refuse(error, TD_E_INVALID, "unknown parameter");
  t->seldom = parameter->integer;
  return TD_OK;
}

static td_status stop(void *self, uint32_t reason, td_error *error) {
  trader *t = self;
  (void)error;
  char text[40];
  int length = snprintf(text, sizeof text, "hash %016llx %u", (unsigned long long)t->hash, reason);
  t->host->log(t->context, TD_LOG_INFO, (td_string){text, (uint64_t)length});
  return TD_OK;
}

static td_status save(void *self, const td_sink *sink, td_error *error) {
  trader *t = self;
  uint64_t words[4] = {t->hash, t->chance, t->last_order, (uint64_t)t->seldom};
  (void)error;
  return sink->write(sink->handle, words, sizeof words);
}

static td_status load(void *self, const td_blob *blob, td_error *error) {
  trader *t = self;
  uint64_t words[4];
  if (blob->count != sizeof words) return refuse(error, TD_E_FORMAT, "this state is damaged");
  memcpy(words, blob->bytes, sizeof words);
  t->hash = words[0];
  t->chance = words[1];
  t->last_order = words[2];
  t->seldom = (int64_t)words[3];
  return TD_OK;
}

static const td_plugin table = {sizeof(td_plugin), TD_ABI_MAJOR, TD_ABI_MINOR, create, idle_destroy, start,
                                stop, on_events, set_parameter, save, load, 0};

const td_plugin *tapedeck_plugin_v1(void) { return &table; }
