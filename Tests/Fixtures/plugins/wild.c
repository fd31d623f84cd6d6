/* A strategy that buys and sells, and at one event does what its parameter says. */
#include "idle.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

TD_MANIFEST(
    "{\"schema\": 1, \"id\": \"org.tapedeck.test.wild\", \"name\": \"Wild\", \"version\": \"1.0.0\"" MANIFEST_ABI
    ",\"subscribes\": [\"bars\"], \"parameters\": [{\"id\": 1, \"name\": \"does\", \"type\": \"string\", \"default\": "
    "\"nothing\", \"doc\": \"what\"}, {\"id\": 2, \"name\": \"at\", \"type\": \"int\", \"default\": 50, \"doc\": \"when\"}], \"state\": {\"version\": 1, "
    "\"reads\": [1], \"max_bytes\": 64}}");

typedef struct wild {
  const td_host *host;
  td_context *context;
  char does[32];
  uint64_t at, seen;
} wild;

static int is(const wild *self, const char *what) { return strcmp(self->does, what) == 0; }

static void overflow_stack(volatile char *above) {
  volatile char here[4096];
  here[0] = above ? above[0] : 1;
  if (here[0] == 77) return;
  overflow_stack(here);
  here[1] = 2;
}

static void act(wild *self, const td_event *event) {
  if (is(self, "segfault")) *(volatile int *)8 = 1;
  if (is(self, "abort")) abort();
  if (is(self, "exits")) _exit(0);
  if (is(self, "loops")) for (volatile int i = 0;; i++) {}
  if (is(self, "sleeps")) for (;;) usleep(100000);
  if (is(self, "overflows")) overflow_stack(0);
  if (is(self, "eats")) for (;;) { char *p = malloc(1 << 20); if (p) memset(p, 1, 1 << 20); else abort(); }
  if (is(self, "socket")) socket(AF_INET, SOCK_STREAM, 0);
  if (is(self, "forks")) fork();
  if (is(self, "traces")) ptrace(PTRACE_ATTACH, getppid(), 0, 0);
  if (is(self, "kills")) kill(getppid(), SIGKILL);
  if (is(self, "executes")) execl("/bin/true", "true", (char *)0);
  if (is(self, "writes_event")) ((td_event *)event)->bar.close = 1e6;
  if (is(self, "opens")) {
    int file = open("/etc/passwd", O_RDONLY);
    if (file >= 0) abort();
  }
  if (is(self, "reopens")) {
    for (int number = 0; number < 64; number++) {
      char path[64];
      snprintf(path, sizeof path, "/proc/self/fd/%d", number);
      if (open(path, O_RDWR) >= 0) abort();
    }
  }
}

static td_status create(const td_host *host, td_context *context, const td_setup *setup, void **out, td_error *error) {
  (void)error;
  wild *self = calloc(1, sizeof *self);
  self->host = host;
  self->context = context;
  uint64_t length = setup->parameters[0].text.length;
  memcpy(self->does, setup->parameters[0].text.data, length < 31 ? length : 31);
  self->at = (uint64_t)setup->parameters[1].integer;
  if (is(self, "create_segfault")) *(volatile int *)8 = 1;
  if (is(self, "create_loops")) for (volatile int i = 0;; i++) {}
  *out = self;
  return TD_OK;
}

/* Looks at the bar that comes fifty events after this one, where it can. */
static double later(const td_event *event) {
  const td_event *then = event + 50;
  return then->type == TD_EVENT_BAR && then->sequence == event->sequence + 50 ? then->bar.close : 0;
}

static td_status on_events(void *state, const td_event *events, uint64_t count, uint64_t *consumed, td_error *error) {
  wild *self = state;
  for (uint64_t i = 0; i < count; i++) {
    *consumed = i + 1;
    if (events[i].type != TD_EVENT_BAR) continue;
    self->seen++;
    if (is(self, "fails") && self->seen == self->at && !(events[i].flags & TD_FLAG_REPLAY)) {
      return refuse(error, TD_E_INTERNAL, "no more");
    }
    /* Not every event lies in the shared tape: it tries until one does. */
    /* What its host reads of how far it came. */
    if (self->seen == self->at && is(self, "forges_far")) consumed[0] = 1ull << 40, consumed[2] = UINT64_MAX, *(volatile int *)8 = 1;
    if (self->seen == self->at && is(self, "forges_near")) consumed[0] = 0, consumed[2] = 0, *(volatile int *)8 = 1;
    if ((self->seen == self->at || (self->seen > self->at && is(self, "writes_event"))) && !(events[i].flags & TD_FLAG_REPLAY)) act(self, &events[i]);
    td_order order = { .struct_size = sizeof order, .type = TD_ORDER_TARGET, .instrument = events[i].instrument };
    if (is(self, "peeks")) {
      double then = later(&events[i]);
      if (then == 0 || self->seen % 10) continue;
      order.quantity = then > events[i].bar.close ? 100 : -100;
    } else {
      if (self->seen % 7) continue;
      order.quantity = self->seen % 2 ? 5 : -5;
    }
    uint64_t number;
    self->host->submit(self->context, &order, &number);
    return TD_OK;
  }
  return TD_OK;
}

static td_status save(void *state, const td_sink *sink, td_error *error) {
  (void)error;
  wild *self = state;
  return sink->write(sink->handle, &self->seen, sizeof self->seen);
}

static td_status load(void *state, const td_blob *blob, td_error *error) {
  wild *self = state;
  if (blob->count != sizeof self->seen) return refuse(error, TD_E_FORMAT, "not a count");
  memcpy(&self->seen, blob->bytes, sizeof self->seen);
  return TD_OK;
}

static const td_plugin table = { sizeof table, TD_ABI_MAJOR, TD_ABI_MINOR, create, idle_destroy, idle_start, idle_stop,
                                 on_events, 0, save, load, 0 };
const td_plugin *tapedeck_plugin_v1(void) { return &table; }
