/* A small host for tests of compiled strategies: plays a made-up tape into one instance and prints
 * every order, one a line. It keeps the contract's rules strictly and stops with exit code 3 when the
 * strategy breaks one. Its fills are simple on purpose; they only need to be the same every time.
 *
 * usage: fakehost LIBRARY COMMAND [bars=N] [run=N] [seed=N] [instruments=N] [state=VERSION] [parameter=ID:TYPE:VALUE]...
 *   orders   plays all bars
 *   resume   plays half, saves, loads into a second instance, checks save/load/save, plays on with that
 *   damage   loads damaged states: cut, flipped, random, too long; each must be refused
 *   refuse   calls create with each parameter made wrong in turn; each must be refused in words
 */
#define _GNU_SOURCE
#include "tapedeck.h"

#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 64, ORDERS = 256 };
typedef struct { uint64_t id; td_order asked; int live, held; uint64_t parent; } order;

static struct {
  const td_event *run;
  const uint64_t *consumed;
  uint64_t run_count;
  int acted, inside;
  double position[MOST], average[MOST];
  order orders[ORDERS];
  uint64_t last_order, random;
  td_event pending[1024];
  int pending_count;
  td_bar bar[MOST];
  long signals, plots;
} host;

static const td_plugin *plugin;
static td_parameter parameters[64];
static int parameter_count, instrument_count = 1, bars = 3000, run_length = 64;
static uint32_t state_version = 1;
static uint64_t seed = 1;

static void broke(const char *rule) {
  printf("broken rule: %s\n", rule);
  exit(3);
}

static const td_event *present(void) {
  if (!host.inside) broke("a call from outside of a call");
  if (!host.run) return NULL;
  if (*host.consumed == 0 || *host.consumed > host.run_count) broke("consumed was not set before a call");
  return &host.run[*host.consumed - 1];
}

static int64_t now(td_context *c) {
  (void)c;
  const td_event *event = present();
  return event ? event->time : 0;
}

static uint64_t draw(uint64_t *state) {
  uint64_t z = *state += 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

static uint64_t host_random(td_context *c) {
  (void)c, (void)present();
  return draw(&host.random);
}

static void tell(uint64_t id, const td_order *asked, uint16_t state, uint16_t reason) {
  if (host.pending_count == 1024) broke("too many updates");
  td_event *event = &host.pending[host.pending_count++];
  *event = (td_event){.type = TD_EVENT_ORDER, .flags = TD_FLAG_PRIVATE, .instrument = asked->instrument};
  event->order = (td_order_update){.order = id, .tag = asked->tag, .state = state, .reason = reason};
}

static td_status submit(td_context *c, const td_order *asked, uint64_t *number) {
  (void)c;
  const td_event *event = present();
  host.acted = 1;
  *number = ++host.last_order;
  printf("%llu submit %u type %u flags %u quantity %.17g limit %.17g stop %.17g exits %.17g %.17g %.17g\n",
         event ? (unsigned long long)event->sequence : 0ull, asked->instrument, asked->type, asked->flags,
         asked->quantity, asked->limit, asked->stop, asked->stop_loss, asked->take_profit,
         asked->trailing_stop);
  if (asked->struct_size != sizeof *asked) broke("struct_size of an order");
  if (asked->instrument >= instrument_count || !isfinite(asked->quantity) || asked->quantity == 0) {
    if (asked->type != TD_ORDER_TARGET) {
      tell(*number, asked, TD_STATE_REJECTED, TD_REASON_ROUNDS_TO_ZERO);
      return TD_E_REJECTED;
    }
  }
  for (int i = 0; i < ORDERS; i++) {
    if (host.orders[i].live) continue;
    host.orders[i] = (order){.id = *number, .asked = *asked, .live = 1};
    if (asked->type == TD_ORDER_TARGET) {
      host.orders[i].asked.type = TD_ORDER_MARKET;
      host.orders[i].asked.quantity = asked->quantity - host.position[asked->instrument];
    }
    tell(*number, asked, TD_STATE_ACCEPTED, TD_REASON_NONE);
    return TD_OK;
  }
  return TD_E_LIMIT;
}

static td_status cancel(td_context *c, uint64_t id) {
  (void)c;
  const td_event *event = present();
  host.acted = 1;
  printf("%llu cancel %llu\n", event ? (unsigned long long)event->sequence : 0ull, (unsigned long long)id);
  for (int i = 0; i < ORDERS; i++) {
    if (!host.orders[i].live || host.orders[i].id != id) continue;
    host.orders[i].live = 0;
    tell(id, &host.orders[i].asked, TD_STATE_CANCELLED, TD_REASON_BY_AUTHOR);
    return TD_OK;
  }
  return TD_E_STALE;
}

static td_status replace(td_context *c, uint64_t id, const td_order *asked) {
  (void)c, (void)id, (void)asked, (void)present();
  host.acted = 1;
  return TD_E_STALE;
}

static td_status set_timer(td_context *c, uint64_t id, int64_t time) {
  (void)c, (void)id, (void)time, (void)present();
  host.acted = 1;
  return TD_OK;
}

static td_status position(td_context *c, uint16_t instrument, td_position *out) {
  (void)c, (void)present();
  if (out->struct_size != sizeof *out) broke("struct_size of a position");
  if (instrument >= instrument_count) return TD_E_INVALID;
  *out = (td_position){.struct_size = sizeof *out, .instrument = instrument};
  out->quantity = host.position[instrument];
  out->average_price = host.average[instrument];
  for (int i = 0; i < ORDERS; i++)
    if (host.orders[i].live && host.orders[i].asked.instrument == instrument &&
        host.orders[i].asked.type == TD_ORDER_MARKET)
      out->in_flight += host.orders[i].asked.quantity;
  return TD_OK;
}

static td_status account(td_context *c, td_account *out) {
  (void)c, (void)present();
  if (out->struct_size != sizeof *out) broke("struct_size of an account");
  out->cash = out->equity = out->buying_power = 100000;
  return TD_OK;
}

static td_status instrument(td_context *c, uint16_t number, td_instrument *out) {
  (void)c, (void)present();
  if (number >= instrument_count) return TD_E_INVALID;
  *out = (td_instrument){.struct_size = sizeof *out, .id = number, .price_step = 0.25, .quantity_step = 1};
  return TD_OK;
}

static td_status history(td_context *c, uint16_t n, uint32_t tf, td_bar *out, uint64_t room, uint64_t *count) {
  (void)c, (void)n, (void)tf, (void)out, (void)room, (void)present();
  *count = 0;
  return TD_OK;
}

static td_status host_signal(td_context *c, uint16_t n, double forecast, double confidence) {
  (void)c, (void)present();
  if (!(forecast >= -1 && forecast <= 1) || !(confidence >= 0 && confidence <= 1)) broke("range of a signal");
  printf("%llu signal %u %.17g %.17g\n", (unsigned long long)host.run[*host.consumed - 1].sequence, n, forecast,
         confidence);
  return TD_OK;
}

static td_status plot(td_context *c, td_string name, double value) {
  (void)c, (void)name, (void)value, (void)present();
  host.plots++;
  return TD_OK;
}

static void host_log(td_context *c, int32_t level, td_string text) {
  (void)c, (void)level;
  printf("log %.*s\n", (int)text.length, text.data);
}

static const void *extension(td_context *c, td_string id) {
  (void)c, (void)id;
  return NULL;
}

static const td_host table = {
    .struct_size = sizeof table, .abi_major = TD_ABI_MAJOR, .abi_minor = TD_ABI_MINOR, .now = now,
    .random = host_random, .submit = submit, .replace = replace, .cancel = cancel, .set_timer = set_timer,
    .position = position, .account = account, .instrument = instrument, .history = history,
    .signal = host_signal, .plot = plot, .log = host_log, .extension = extension};

/* ---- The market: a walk in quarters, some of it wild ------------------------------------------------ */

static td_event *make_tape(void) {
  td_event *tape = calloc((size_t)bars * instrument_count, sizeof *tape);
  double price[MOST];
  uint64_t state = seed;
  if (!tape) exit(4);
  for (int k = 0; k < instrument_count; k++) price[k] = 100 + 10 * k;
  for (long i = 0; i < (long)bars * instrument_count; i++) {
    int k = (int)(i % instrument_count);
    double size = 1 + (double)((i / instrument_count / 200) % 3) * 2;
    double open = price[k], close = open + size * ((double)(draw(&state) % 17) - 8) / 4;
    if (close < 20) close = 20 + (double)(draw(&state) % 8);
    double high = fmax(open, close) + (double)(draw(&state) % 4) / 4;
    double low = fmin(open, close) - (double)(draw(&state) % 4) / 4;
    tape[i] = (td_event){.type = TD_EVENT_BAR, .instrument = (uint16_t)k, .timeframe = 60, .sequence = (uint64_t)i};
    tape[i].time = (i / instrument_count + 1) * 60000000000ll;
    tape[i].bar = (td_bar){open, high, low, close, 100 + (double)(draw(&state) % 900)};
    price[k] = close;
  }
  return tape;
}

/* ---- Fills: market at the open, limits and stops where the bar reaches them ------------------------- */

static void fill(order *o, double price) {
  const td_order asked = o->asked;
  int k = asked.instrument;
  double quantity = asked.quantity;
  o->live = 0;
  if (o->held && host.position[k] == 0) return; /* its position is gone */
  if (host.position[k] == 0) host.average[k] = price;
  host.position[k] += quantity;
  if (host.pending_count >= 1000) broke("too many fills");
  td_event *event = &host.pending[host.pending_count++];
  *event = (td_event){.type = TD_EVENT_FILL, .flags = TD_FLAG_PRIVATE, .instrument = (uint16_t)k};
  event->fill = (td_fill){o->id, asked.tag, price, quantity, 0};
  tell(o->id, &asked, TD_STATE_FILLED, TD_REASON_NONE);
  if (host.position[k] == 0)
    for (int i = 0; i < ORDERS; i++)
      if (host.orders[i].held && host.orders[i].asked.instrument == k) host.orders[i].live = host.orders[i].held = 0;
  double levels[2] = {asked.stop_loss, asked.take_profit};
  for (int side = 0; side < 2; side++)
    for (int i = 0; levels[side] != 0 && i < ORDERS; i++) {
      if (host.orders[i].live) continue;
      host.orders[i] = (order){.id = ++host.last_order, .live = 1, .held = 1};
      host.orders[i].asked = (td_order){.struct_size = sizeof(td_order), .instrument = (uint16_t)k};
      host.orders[i].asked.quantity = -quantity;
      host.orders[i].asked.type = side ? TD_ORDER_LIMIT : TD_ORDER_STOP;
      if (side) host.orders[i].asked.limit = levels[1];
      else host.orders[i].asked.stop = levels[0];
      break;
    }
}

static void match(const td_event *event) {
  const td_bar bar = event->bar;
  uint64_t before = host.last_order;
  for (uint64_t id = 1; id <= before; id++)
    for (int i = 0; i < ORDERS; i++) {
      order *o = &host.orders[i];
      if (!o->live || o->id != id || o->asked.instrument != event->instrument) continue;
      int buys = o->asked.quantity > 0;
      double limit = o->asked.limit, stop = o->asked.stop;
      if (o->asked.type == TD_ORDER_MARKET) fill(o, bar.open);
      else if (o->asked.type == TD_ORDER_LIMIT && (buys ? bar.low <= limit : bar.high >= limit))
        fill(o, buys ? fmin(bar.open, limit) : fmax(bar.open, limit));
      else if (o->asked.type == TD_ORDER_STOP && (buys ? bar.high >= stop : bar.low <= stop))
        fill(o, buys ? fmax(bar.open, stop) : fmin(bar.open, stop));
    }
}

/* ---- Playing ------------------------------------------------------------------------------------------ */

static td_error error = {.struct_size = sizeof error};

static void check(td_status status, const char *call) {
  if (status >= 0) return;
  printf("%s failed: %d %.*s\n", call, status, (int)error.length, error.text);
  exit(2);
}

/* One run; how much was consumed. */
static uint64_t play(void *self, const td_event *run, uint64_t count) {
  uint64_t consumed = 0;
  host.run = run;
  host.run_count = count;
  host.consumed = &consumed;
  host.acted = 0;
  host.inside = 1;
  td_status status = plugin->on_events(self, run, count, &consumed, &error);
  host.inside = 0;
  host.run = NULL;
  check(status, "on_events");
  if (consumed == 0 || consumed > count) broke("consumed is out of range");
  if (!host.acted && consumed != count && status != TD_DONE) broke("a run was left without an act");
  return consumed;
}

static int is_quiet(void) {
  for (int i = 0; i < ORDERS; i++)
    if (host.orders[i].live) return 0;
  return host.pending_count == 0;
}

static void deliver_updates(void *self, uint64_t sequence) {
  while (host.pending_count > 0) {
    td_event updates[1024];
    int count = host.pending_count;
    memcpy(updates, host.pending, sizeof updates[0] * (size_t)count);
    host.pending_count = 0;
    for (int i = 0; i < count; i++) updates[i].sequence = sequence;
    for (int done = 0; done < count;) done += (int)play(self, updates + done, (uint64_t)(count - done));
  }
}

static void play_all(void *self, const td_event *tape, long from, long to) {
  for (long i = from; i < to;) {
    if (!is_quiet()) {
      match(&tape[i]);
      deliver_updates(self, tape[i].sequence);
      play(self, &tape[i++], 1);
      continue;
    }
    long count = to - i < run_length ? to - i : run_length;
    i += (long)play(self, &tape[i], (uint64_t)count);
  }
}

static td_status create(void **self) {
  static uint16_t numbers[MOST];
  static const uint32_t timeframes[] = {60};
  for (int i = 0; i < instrument_count; i++) numbers[i] = (uint16_t)i;
  td_setup setup = {.struct_size = sizeof setup, .parameter_count = (uint32_t)parameter_count,
                    .parameters = parameters, .instrument_count = (uint32_t)instrument_count,
                    .timeframe_count = 1, .instruments = numbers, .timeframes = timeframes, .seed = seed};
  host.inside = 1;
  td_status status = plugin->create(&table, (td_context *)&host, &setup, self, &error);
  host.inside = 0;
  if (status < 0 && *self) broke("create failed and left an instance");
  return status;
}

static void start(void *self, uint32_t reason) {
  td_start given = {.struct_size = sizeof given, .reason = reason};
  host.inside = 1;
  check(plugin->start(self, &given, &error), "start");
  host.inside = 0;
}

static void finish(void *self) {
  host.inside = 1;
  check(plugin->stop(self, TD_STOP_END, &error), "stop");
  plugin->destroy(self);
  host.inside = 0;
}

/* ---- State ---------------------------------------------------------------------------------------------- */

typedef struct { uint8_t *bytes; uint64_t count; } blob;

static td_status append(void *handle, const void *bytes, uint64_t count) {
  blob *b = handle;
  b->bytes = realloc(b->bytes, b->count + count);
  if (!b->bytes) exit(4);
  memcpy(b->bytes + b->count, bytes, count);
  b->count += count;
  return TD_OK;
}

static blob save(void *self) {
  blob out = {0};
  td_sink sink = {.struct_size = sizeof sink, .handle = &out, .write = append};
  check(plugin->save(self, &sink, &error), "save");
  return out;
}

static td_status load(void *self, const void *bytes, uint64_t count, uint32_t version) {
  td_blob given = {.struct_size = sizeof given, .state_version = version, .bytes = bytes, .count = count};
  return plugin->load(self, &given, &error);
}

static void resume(const td_event *tape, long total) {
  void *first = NULL, *second = NULL;
  check(create(&first), "create");
  start(first, TD_START_FRESH);
  play_all(first, tape, 0, total / 2);
  blob saved = save(first), again = save(first);
  if (saved.count != again.count || memcmp(saved.bytes, again.bytes, saved.count)) broke("save is not pure");
  check(create(&second), "create");
  check(load(second, saved.bytes, saved.count, state_version), "load");
  blob loaded = save(second);
  if (saved.count != loaded.count || memcmp(saved.bytes, loaded.bytes, saved.count))
    broke("save, load, save is not the same");
  finish(first);
  start(second, TD_START_RESTORED);
  play_all(second, tape, total / 2, total);
  finish(second);
  free(saved.bytes), free(again.bytes), free(loaded.bytes);
}

static void must_refuse(const void *bytes, uint64_t count, uint32_t version, const char *what) {
  void *self = NULL;
  error.length = 0;
  check(create(&self), "create");
  /* Its own allocation, so that a read behind the end is a fault under a checker. */
  uint8_t *copy = malloc(count ? count : 1);
  if (!copy) exit(4);
  memcpy(copy, bytes, count);
  if (load(self, copy, count, version) >= 0) broke(what);
  if (error.length == 0 || error.length > sizeof error.text) broke("a refusal without words");
  free(copy);
  plugin->destroy(self);
}

static void damage(const td_event *tape, long total) {
  void *self = NULL;
  uint64_t state = seed;
  check(create(&self), "create");
  start(self, TD_START_FRESH);
  play_all(self, tape, 0, total);
  blob whole = save(self);
  for (uint64_t n = 0; n < whole.count; n += 1 + whole.count / 300)
    must_refuse(whole.bytes, n, state_version, "a state cut short was taken");
  for (int i = 0; i < 500; i++) {
    uint64_t at = draw(&state) % whole.count, bit = draw(&state) % 8;
    whole.bytes[at] ^= (uint8_t)(1 << bit);
    must_refuse(whole.bytes, whole.count, state_version, "a flipped state was taken");
    whole.bytes[at] ^= (uint8_t)(1 << bit);
  }
  must_refuse(whole.bytes, whole.count, 77, "a state of a foreign version was taken");
  whole.bytes = realloc(whole.bytes, whole.count + 64);
  if (!whole.bytes) exit(4);
  memset(whole.bytes + whole.count, 0, 64);
  for (uint64_t more = 1; more <= 64; more++)
    must_refuse(whole.bytes, whole.count + more, state_version, "a state with something behind it was taken");
  for (int i = 0; i < 200; i++) {
    uint64_t count = draw(&state) % 4096;
    uint8_t noise[4096];
    for (uint64_t n = 0; n < count; n++) noise[n] = (uint8_t)draw(&state);
    must_refuse(noise, count, state_version, "noise was taken for a state");
  }
  free(whole.bytes);
  finish(self);
}

static void expect_refusal(const char *what) {
  void *self = (void *)1;
  error.length = 0;
  if (create(&self) >= 0) broke(what);
  if (error.length == 0 || error.length > sizeof error.text) broke("a refusal without words");
}

static void refuse(void) {
  for (int i = 0; i < parameter_count; i++) {
    td_parameter kept = parameters[i];
    parameters[i].id += 1000;
    expect_refusal("a parameter of another number was taken");
    parameters[i] = kept;
    parameters[i].type = kept.type == TD_PARAM_FLOAT ? TD_PARAM_INT : TD_PARAM_FLOAT;
    expect_refusal("a parameter of another type was taken");
    parameters[i] = kept;
  }
  parameter_count--;
  expect_refusal("a missing parameter was taken");
  parameter_count++;
  int instruments = instrument_count;
  instrument_count = 0;
  expect_refusal("no instrument was taken");
  instrument_count = instruments;
}

static void read_parameter(const char *text) {
  td_parameter *p = &parameters[parameter_count++];
  char value[64];
  if (sscanf(text, "%u:%u:%63s", &p->id, &p->type, value) != 3) exit(5);
  if (p->type == TD_PARAM_FLOAT) p->number = strtod(value, NULL);
  else p->integer = strtoll(value, NULL, 10);
}

int main(int count, char **words) {
  if (count < 3) return 5;
  for (int i = 3; i < count; i++) {
    if (!strncmp(words[i], "bars=", 5)) bars = atoi(words[i] + 5);
    else if (!strncmp(words[i], "run=", 4)) run_length = atoi(words[i] + 4);
    else if (!strncmp(words[i], "seed=", 5)) seed = strtoull(words[i] + 5, NULL, 10);
    else if (!strncmp(words[i], "instruments=", 12)) instrument_count = atoi(words[i] + 12);
    else if (!strncmp(words[i], "state=", 6)) state_version = (uint32_t)atoi(words[i] + 6);
    else if (!strncmp(words[i], "parameter=", 10)) read_parameter(words[i] + 10);
    else return 5;
  }
  if (instrument_count < 1 || instrument_count > MOST || bars < 2 || run_length < 1) return 5;
  void *library = dlopen(words[1], RTLD_NOW | RTLD_LOCAL);
  if (!library) return printf("%s\n", dlerror()), 4;
  const td_plugin *(*entry)(void) = (const td_plugin *(*)(void))dlsym(library, "tapedeck_plugin_v1");
  if (!entry || entry() != entry()) broke("the entry answers twice the same");
  plugin = entry();
  host.random = seed;
  td_event *tape = make_tape();
  long total = (long)bars * instrument_count;
  if (!strcmp(words[2], "orders")) {
    void *self = NULL;
    check(create(&self), "create");
    start(self, TD_START_FRESH);
    play_all(self, tape, 0, total);
    finish(self);
  } else if (!strcmp(words[2], "resume")) resume(tape, total);
  else if (!strcmp(words[2], "damage")) damage(tape, total);
  else if (!strcmp(words[2], "refuse")) refuse();
  else return 5;
  free(tape);
  return 0;
}
