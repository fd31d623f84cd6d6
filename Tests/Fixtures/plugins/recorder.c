/* A strategy that proves that it is shown every event once and in order, whoever of its generations is at work: it
 * refuses a sequence number that does not follow the last one, and keeps a hash of all. It buys and sells by its
 * count, so that its portfolio's digest says the same. Built with a phase to fail in (FAILS), a version (VERSION),
 * to die in (DIES), to stay in (STAYS) or to be slow in (SLOW, for BURNS milliseconds), with no state of its own
 * (STATELESS), with orders that rest (RESTS). */
#include "idle.h"
#include <stdio.h>
#include <time.h>

#ifndef VERSION
#define VERSION "1.0.0"
#endif
#ifndef FAILS
#define FAILS 0
#endif
#ifndef DIES
#define DIES 0
#endif
#ifndef STAYS
#define STAYS 0
#endif
#ifndef SLOW
#define SLOW 0
#endif
enum { IN_CREATE = 1, IN_LOAD = 2, IN_START = 3, IN_EVENTS = 4, IN_SAVE = 5, IN_STOP = 6, IN_COUNT = 7,
       IN_CONSTRUCTOR = 8, IN_SET = 9 };
#ifndef AFTER
#define AFTER 20 /* events played by this generation before it fails in them; of IN_COUNT, by all of them */
#endif

TD_MANIFEST(
    "{\"schema\": 1, \"id\": \"org.tapedeck.test.recorder\", \"name\": \"Recorder\", \"version\": \"" VERSION "\","
    "\"abi\": {\"major\": 1, \"minor\": 0}, \"subscribes\": [\"bars\"],"
#ifdef STATELESS
    "\"warm_up\": {\"bars\": 30}, \"history\": {\"bars\": 10},"
#else
    "\"state\": {\"version\": 1, \"reads\": [1], \"max_bytes\": 4096},"
#endif
    "\"parameters\": [{\"id\": 1, \"name\": \"every\", \"type\": \"int\", \"default\": 50, \"min\": 2, \"max\": 100000,"
    "\"live\": true, \"doc\": \"Trades at one event in so many.\"},"
    "{\"id\": 2, \"name\": \"strict\", \"type\": \"bool\", \"default\": true, \"doc\": \"Fails at a gap.\"}]}");

/* Milliseconds for which one event, the one of AFTER, takes all of a processor. */
#ifndef BURNS
#define BURNS 0
#endif

static void burn(void) {
  struct timespec now, end;
  clock_gettime(CLOCK_MONOTONIC, &end);
  long long until = end.tv_sec * 1000LL + end.tv_nsec / 1000000 + BURNS;
  do clock_gettime(CLOCK_MONOTONIC, &now);
  while (now.tv_sec * 1000LL + now.tv_nsec / 1000000 < until);
}

static void die_in(int phase) {
  if (DIES == phase) *(volatile int *)8 = 1;
  if (STAYS == phase) for (volatile int i = 0;; i = !i) {}
  if (SLOW == phase) burn();
}

#if DIES == 8 || STAYS == 8
__attribute__((constructor)) static void opened(void) { die_in(IN_CONSTRUCTOR); }
#endif

typedef struct {
  uint64_t last, count, hash;
} memory;
typedef struct {
  const td_host *host;
  td_context *context;
  memory m;
  int64_t every, strict;
  uint64_t own, muted;
  uint16_t instrument;
} recorder;

static void say(recorder *r, const char *what) {
  char text[160];
  int length = snprintf(text, sizeof text, "%s count %llu last %llu hash %llx muted %llu", what,
                        (unsigned long long)r->m.count, (unsigned long long)r->m.last, (unsigned long long)r->m.hash,
                        (unsigned long long)r->muted);
  r->host->log(r->context, TD_LOG_INFO, (td_string){text, (uint64_t)length});
}

static td_status create(const td_host *host, td_context *context, const td_setup *setup, void **self, td_error *error) {
  die_in(IN_CREATE);
  if (FAILS == IN_CREATE) return refuse(error, TD_E_INTERNAL, "no hands");
  recorder *r = calloc(1, sizeof *r);
  if (!r) return refuse(error, TD_E_LIMIT, "no memory");
  r->host = host;
  r->context = context;
  r->every = setup->parameters[0].integer;
  r->strict = setup->parameters[1].integer;
  r->instrument = setup->instruments[0];
  r->m.hash = 0xcbf29ce484222325u;
  host->random(context);
  *self = r;
  return TD_OK;
}

static td_status start(void *self, const td_start *start, td_error *error) {
  recorder *r = self;
  die_in(IN_START);
  if (FAILS == IN_START) {
    r->host->set_timer(r->context, 9, start->time + 1);
    return refuse(error, TD_E_INTERNAL, "no legs");
  }
  if (r->m.count && r->strict && start->next_sequence != r->m.last + 1) return refuse(error, TD_E_FORMAT, "a gap at the start");
  say(r, start->reason == TD_START_UPGRADED ? "upgraded" : "started");
  return TD_OK;
}

static td_status stop(void *self, uint32_t reason, td_error *error) {
  die_in(IN_STOP);
  say(self, reason == TD_STOP_RELOAD ? "replaced" : "stopped");
  return FAILS == IN_STOP ? refuse(error, TD_E_INTERNAL, "no end") : TD_OK;
}

static td_status on_events(void *self, const td_event *events, uint64_t count, uint64_t *consumed, td_error *error) {
  recorder *r = self;
  for (uint64_t i = 0; i < count; i++) {
    const td_event *e = &events[i];
    *consumed = i + 1;
    /* Sessions, which the host adds, bear the number of the event before them. */
    if (e->type != TD_EVENT_BAR) continue;
    if (r->strict && r->m.last && e->sequence != r->m.last + 1) return refuse(error, TD_E_FORMAT, "a gap, a repetition, or the wrong order");
    r->m.last = e->sequence;
    r->m.count++;
    r->m.hash = (r->m.hash ^ e->sequence ^ (uint64_t)e->time) * 0x100000001b3u;
    if (e->flags & TD_FLAG_REPLAY) r->muted++;
    if (r->m.count == AFTER && !(e->flags & TD_FLAG_REPLAY)) {
      die_in(IN_COUNT);
      if (BURNS && !SLOW) burn();
      if (FAILS == IN_COUNT) return refuse(error, TD_E_INTERNAL, "a bad number");
    }
    if (!(e->flags & TD_FLAG_REPLAY) && ++r->own == AFTER) die_in(IN_EVENTS);
    if (FAILS == IN_EVENTS && r->own == AFTER) return refuse(error, TD_E_INTERNAL, "no luck");
#ifdef RESTS /* an order that waits at its price for a while, beside those that do not */
    if (r->m.count % (uint64_t)r->every == (uint64_t)r->every / 2) {
      td_order o = {.struct_size = sizeof o, .instrument = r->instrument, .type = TD_ORDER_LIMIT, .quantity = 1,
                    .limit = e->bar.close - 9};
      uint64_t number;
      r->host->submit(r->context, &o, &number);
      return TD_OK;
    }
#endif
    if (r->m.count % (uint64_t)r->every == 0) {
      td_order o = {.struct_size = sizeof o, .instrument = r->instrument, .type = TD_ORDER_MARKET,
                    .quantity = r->m.count / (uint64_t)r->every % 2 ? 1 : -1};
      uint64_t number;
      r->host->submit(r->context, &o, &number);
      return TD_OK;
    }
  }
  return TD_OK;
}

static td_status set_parameter(void *self, const td_parameter *parameter, td_error *error) {
  recorder *r = self;
  (void)error;
  die_in(IN_SET);
  r->every = parameter->integer;
  return TD_OK;
}

#ifndef STATELESS
static td_status save(void *self, const td_sink *sink, td_error *error) {
  die_in(IN_SAVE);
  if (FAILS == IN_SAVE) return refuse(error, TD_E_INTERNAL, "no pen");
  return sink->write(sink->handle, &((recorder *)self)->m, sizeof(memory));
}
static td_status load(void *self, const td_blob *blob, td_error *error) {
  die_in(IN_LOAD);
  if (FAILS == IN_LOAD) return refuse(error, TD_E_FORMAT, "no eyes");
  if (blob->count != sizeof(memory)) return refuse(error, TD_E_FORMAT, "not my memory");
  memcpy(&((recorder *)self)->m, blob->bytes, sizeof(memory));
  return TD_OK;
}
#else
#define save 0
#define load 0
#endif

static const td_plugin table = {sizeof(td_plugin), TD_ABI_MAJOR, TD_ABI_MINOR, create, idle_destroy, start, stop,
                                on_events, set_parameter, save, load, 0};

const td_plugin *tapedeck_plugin_v1(void) { return &table; }
