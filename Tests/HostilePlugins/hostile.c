/* Strategies that do one wrong thing each, chosen by -DCASE=NAME. What is expected of host and checker is in Misdeed.swift.
 * Everything they do ends with their own process: none touches what is not the test's. */
#define _GNU_SOURCE
#include "tapedeck.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum cases {
  honest, segfault_in_constructor, abort_in_constructor, exit_in_constructor, loop_in_constructor,
  handler_in_constructor, descriptor_in_constructor, environment_in_constructor, socket_in_constructor,
  segfault_in_create, segfault_at_event, segfault_in_save, segfault_in_load, segfault_in_destroy, abort_at_event,
  exit_at_event, exit_in_destroy, endless_loop, stack_overflow, memory_bomb, fork_bomb, thread_left, handler_left,
  writes_events, writes_host_table, writes_past_events, reads_past_events, keeps_events, writes_past_error,
  writes_past_consumed, consumes_too_many, consumes_backwards, goes_on_after_acting, acts_after_stop, order_flood,
  endless_retry, nan_order, infinite_order, enormous_order, unknown_instrument, opens_file, opens_socket, traces_host,
  kills_host, runs_program, descriptor_exhaustion, slow_leak, instance_leak, image_leak, save_without_state,
  state_that_differs, state_of_addresses, state_unchecked, state_too_large, swallows_sink, sleeps, not_deterministic, looks_ahead,
  knows_the_run, shares_a_global, keeps_thread_locals, reads_dirty_memory, changes_locale, changes_rounding,
  table_of_null, other_table_each_time, stops_early, finishes_with_nonsense, forged_entries, forged_head, forged_kind,
  forged_sequence, forged_place, forged_order, forged_timer, forged_signal, forged_point, forged_name, forged_end,
  forged_words, forged_flood, forged_digest, forged_progress, forged_answer, calls_from_thread, refuses_without_words
};
#define IS(name) (CASE == name)

#define STATE_MOST "4096"
#define MANIFEST_TAIL "\"state\": {\"version\": 1, \"reads\": [1], \"max_bytes\": " STATE_MOST "}}"
TD_MANIFEST("{\"schema\": 1, \"id\": \"org.tapedeck.hostile\", \"name\": \"Hostile\", \"version\": \"1.0.0\","
            "\"subscribes\": [\"bars\"], \"abi\": {\"major\": 1, \"minor\": 0}, \"vendor\": \"Test\", \"license\": \"MIT\","
            "\"parameters\": [{\"id\": 1, \"name\": \"every\", \"type\": \"int\", \"default\": 20, \"min\": 2, \"max\": 1000,"
            "\"doc\": \"Bars between two orders.\"}]," MANIFEST_TAIL);

typedef struct {
  const td_host *host;
  td_context *context;
  uint64_t seen, every;
  double position;
  const td_event *kept;
  uint64_t *consumed;
  void *padding;
} strategy;

/* The bar at which the wrong thing is done. */
enum { MOMENT = 50 };

__attribute__((noinline, unused)) static void crash(void) { *(volatile int *)8 = 1; }
#pragma GCC diagnostic ignored "-Winfinite-recursion"
__attribute__((noinline, unused)) static uint64_t deeper(volatile uint64_t depth) {
  volatile char space[4096];
  space[depth % 4096] = (char)depth;
  return deeper(depth + 1) + (uint64_t)space[0];
}
static void nothing(int number) { (void)number; }

__attribute__((constructor)) static void construct(void) {
  if (IS(segfault_in_constructor)) crash();
  if (IS(abort_in_constructor)) abort();
  if (IS(exit_in_constructor)) exit(0);
  if (IS(loop_in_constructor)) for (volatile int i = 0;; i++) {}
  if (IS(handler_in_constructor)) signal(SIGURG, nothing);
  if (IS(descriptor_in_constructor) && dup(2) < 0) return;
  if (IS(environment_in_constructor)) setenv("TAPEDECK_WAS_HERE", "1", 1);
  static void *volatile kept;
  if (IS(image_leak) && !(kept = malloc(8192))) return;
  if (IS(socket_in_constructor) && socket(AF_UNIX, SOCK_STREAM, 0) < 0) return;
}

static void *wait_for_ever(void *argument) {
  static sem_t never;
  sem_init(&never, 0, 0);
  while (sem_wait(&never)) {}
  return argument;
}
static void *call_host(void *argument) {
  strategy *s = argument;
  td_account account = {.struct_size = sizeof account};
  (void)s->host->account(s->context, &account);
  return 0;
}

static td_status create(const td_host *host, td_context *context, const td_setup *setup, void **self, td_error *error) {
  *self = NULL;
  if (setup->parameter_count != 1 || setup->parameters[0].id != 1 || setup->parameters[0].type != TD_PARAM_INT) {
    memcpy(error->text, "not its parameters", error->length = 18);
    return TD_E_INVALID;
  }
  if (IS(segfault_in_create)) crash();
  if (IS(refuses_without_words)) return TD_E_INVALID;
  strategy *s = IS(reads_dirty_memory) ? malloc(sizeof *s) : calloc(1, sizeof *s);
  if (!s) return TD_E_LIMIT;
  if (!IS(reads_dirty_memory)) s->position = 0;
  s->seen = 0;
  s->host = host;
  s->context = context;
  s->every = (uint64_t)setup->parameters[0].integer;
  s->kept = NULL;
  if (IS(thread_left)) {
    pthread_t thread;
    if (pthread_create(&thread, 0, wait_for_ever, 0) == 0) pthread_detach(thread);
  }
  if (IS(instance_leak)) s->padding = malloc(100);
  *self = s;
  return TD_OK;
}

static void destroy(void *self) {
  strategy *s = self;
  if (IS(segfault_in_destroy)) crash();
  if (IS(exit_in_destroy)) _exit(3);
  free(s);
}

static td_status start(void *self, const td_start *start, td_error *error) {
  (void)self, (void)start;
  if (IS(writes_past_error)) memset(error->text, 'x', 400);
  return TD_OK;
}

static td_status submit(strategy *s, uint16_t instrument, double quantity) {
  td_order order = {.struct_size = sizeof order, .instrument = instrument, .type = TD_ORDER_MARKET, .quantity = quantity};
  uint64_t number = 0;
  return s->host->submit(s->context, &order, &number);
}

static void forge(uint64_t *consumed);

static td_status stop(void *self, uint32_t reason, td_error *error) {
  (void)reason, (void)error;
  if (IS(forged_answer) && ((strategy *)self)->consumed) forge(((strategy *)self)->consumed);
  if (IS(acts_after_stop)) {
    pthread_t thread;
    if (pthread_create(&thread, 0, call_host, self) == 0) pthread_join(thread, 0);
  }
  return TD_OK;
}

/* What is forged lies in the memory that a worker shares with its host; `consumed` is known to lie there. Anywhere else
 * nothing is touched. */
typedef struct {
  uint16_t kind, length;
  uint32_t place;
  uint64_t block, number, payload[13];
} entry;
enum { SUBMIT = 1, CANCEL = 3, TIMER = 4, SIGNAL = 5, POINT = 6, NAME = 7, END = 10, WORDS = 11, PLAYED = 12 };

__attribute__((unused)) static void put(volatile uint64_t *channel, entry what) {
  volatile uint64_t *head = channel, *tail = channel + 16;
  while (*head - *tail >= 4096) {}
  ((volatile entry *)(channel + 512))[*head & 4095] = what;
  __atomic_store_n(head, *head + 1, __ATOMIC_SEQ_CST);
}

__attribute__((unused)) static void forge(uint64_t *consumed) {
  volatile uint64_t *channel = consumed - 12;
  /* How far it says that it has come. */
  if (((uintptr_t)channel & 4095) != 0 || ((volatile uint32_t *)channel)[12] - 1 > 7) return;
  /* As many blocks as it says it has played: the number of the present one. */
  entry e = {.kind = CANCEL, .place = 60, .block = channel[1], .number = 12345};
  if (IS(forged_progress)) {
    channel[1] += 1u << 30;            /* blocks played */
    channel[2] = ~0ull;                /* steps */
    channel[5] = ~0ull;                /* length of an answer */
    ((volatile uint32_t *)channel)[12] = 1; /* how far it has come */
    ((volatile uint32_t *)channel)[14] = 0; /* layers */
    return;
  }
  if (IS(forged_answer)) channel[4] = 1ull << 40; /* requests answered */
  if (IS(forged_entries)) {
    memset((void *)(uintptr_t)(channel + 512), 0xA5, 4096 * 128);
    channel[0] += 4000;
  }
  if (IS(forged_head)) channel[0] = channel[16] - 2000;
  if (IS(forged_kind)) put(channel, (entry){.kind = 99, .block = e.block});
  if (IS(forged_sequence)) e.block = 1u << 30, put(channel, e);
  if (IS(forged_place)) e.place = ~0u, put(channel, e);
  if (IS(forged_order)) put(channel, e), e.place = 55, put(channel, e);
  if (IS(forged_timer)) e.kind = TIMER, e.payload[0] = 1ull << 63, put(channel, e);
  if (IS(forged_signal)) e.kind = SIGNAL, e.payload[2] = 0x4000000000000000ull, put(channel, e);
  if (IS(forged_point)) e.kind = POINT, e.payload[1] = 7, put(channel, e);
  if (IS(forged_name)) e.kind = NAME, put(channel, e);
  if (IS(forged_end)) e.kind = END, e.number = 99, put(channel, e);
  if (IS(forged_words)) for (e.kind = WORDS, e.length = 104;;) put(channel, e);
  if (IS(forged_flood)) for (;;) put(channel, e);
  if (IS(forged_digest)) e.kind = PLAYED, put(channel, e);
  /* Nothing of its own comes after it and could hide it. */
  for (volatile int i = 0;; i++) {}
}

/* Done once, at the moment. */
static void misbehave(strategy *s, const td_event *event, uint64_t *consumed, td_error *error) {
  (void)error;
  volatile char *memory;
  switch (CASE) {
    case segfault_at_event: crash(); break;
    case abort_at_event: abort();
    case exit_at_event: exit(7);
    case endless_loop: for (volatile int i = 0;; i++) {}
    case stack_overflow: s->seen += deeper(0) & 1; break;
    case memory_bomb:
      for (;;) {
        memory = malloc(1 << 20);
        for (int i = 0; i < 1 << 20; i += 4096) memory[i] = 1;
      }
    case fork_bomb:
      for (int i = 0; i < 100; i++) {
        pid_t child = fork();
        if (child == 0) _exit(0);
        if (child > 0) waitpid(child, 0, 0);
      }
      break;
    case handler_left: signal(SIGUSR2, nothing); break;
    case writes_events: ((td_event *)(uintptr_t)event)->bar.close = 1e6; break;
    case writes_host_table: ((td_host *)(uintptr_t)s->host)->struct_size = 1; break;
    case writes_past_consumed: memset(consumed + 1, 0xFF, 64); break;
    case opens_file: close(open("/etc/passwd", O_RDONLY)); break;
    case opens_socket: close(socket(AF_INET, SOCK_STREAM, 0)); break;
    case traces_host: ptrace(PTRACE_ATTACH, getppid(), 0, 0); break;
    case kills_host: kill(getppid(), SIGTERM); break;
    case runs_program: execl("/bin/true", "true", (char *)0); break;
    case descriptor_exhaustion: while (dup(2) >= 0) {} break;
    case changes_locale: setlocale(LC_ALL, "C.UTF-8"); setenv("LC_NUMERIC", "de_DE", 1); break;
    default: if (CASE >= forged_entries && CASE <= forged_progress) forge(consumed); break;
  }
}

static void set_flush_to_zero(void) {
#if defined(__x86_64__)
  __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | 0x8040);
#endif
}

static int shared_count;
static __thread int calls_on_thread;

/* Nonzero: it acted. */
static int trade(strategy *s, const td_event *events, uint64_t i, uint64_t count) {
  const td_event *event = &events[i];
  double quantity = s->position > 0 ? -s->position : 10;
  int isTime = s->seen % s->every == 0;
  uint64_t late = s->seen > MOMENT;
  if (IS(order_flood) && s->seen == MOMENT) for (int n = 0; n < 5000; n++) submit(s, event->instrument, 1);
  if (IS(endless_retry) && isTime) {
    while (submit(s, event->instrument, quantity) == TD_E_REJECTED) {}
    return 1;
  }
  if (IS(order_flood) && s->seen == MOMENT) return 1;
  if (late && isTime) {
    if (IS(nan_order)) return submit(s, event->instrument, NAN), 1;
    if (IS(infinite_order)) return submit(s, event->instrument, INFINITY), 1;
    if (IS(enormous_order)) return submit(s, event->instrument, 1e300), 1;
    if (IS(unknown_instrument)) return submit(s, 60000, 10), 1;
  }
  if (IS(not_deterministic)) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    isTime = (time.tv_nsec / 100) % 7 == 0;
  }
  if (IS(looks_ahead)) isTime = i + 1 < count && events[i + 1].type == TD_EVENT_BAR && events[i + 1].bar.close > event->bar.close * 1.004;
  if (IS(knows_the_run)) isTime = isTime && count > 3;
  if (IS(shares_a_global)) isTime = ++shared_count % 9 == 0;
  if (IS(keeps_thread_locals)) isTime = ++calls_on_thread % 9 == 0;
  if (IS(state_that_differs)) isTime = 0;
  return isTime ? (submit(s, event->instrument, quantity), 1) : 0;
}

static td_status on_events(void *self, const td_event *events, uint64_t count, uint64_t *consumed, td_error *error) {
  strategy *s = self;
  static int once;
  if (IS(slow_leak)) for (uint64_t i = 0; i < count; i++) memset(malloc(64), 1, 64);
  for (uint64_t i = 0; i < count; i++) {
    if (!IS(writes_past_consumed) || s->seen < MOMENT) *consumed = i + 1;
    const td_event *event = &events[i];
    if (event->type == TD_EVENT_FILL) s->position += event->fill.quantity;
    if (event->type == TD_EVENT_SPLIT) s->position *= event->split.ratio;
    if (event->type != TD_EVENT_BAR) continue;
    s->seen++;
    s->consumed = consumed;
    if (s->seen == MOMENT) misbehave(s, event, consumed, error);
    if (IS(keeps_events) && s->kept && s->kept->bar.close < 0) return TD_E_INTERNAL;
    if (IS(keeps_events)) s->kept = event;
    if (IS(sleeps) && s->seen == MOMENT) {
      struct timespec time = {30, 0};
      nanosleep(&time, 0);
    }
    if (IS(changes_rounding) && s->seen == MOMENT) set_flush_to_zero();
    if (IS(calls_from_thread) && s->seen == MOMENT) {
      pthread_t thread;
      if (pthread_create(&thread, 0, call_host, s) == 0) pthread_join(thread, 0);
    }
    if (IS(writes_past_events) && s->seen == MOMENT && count > 0) ((td_event *)(uintptr_t)events)[count].sequence = 7;
    if (IS(reads_past_events) && s->seen >= MOMENT && events[count].sequence == 123456789) return TD_E_INTERNAL;
    if (IS(consumes_too_many) && s->seen == MOMENT) { *consumed = count + 5; return TD_OK; }
    if (IS(consumes_backwards) && s->seen > MOMENT && i > 1) {
      (void)s->host->now(s->context);
      *consumed = 1;
      (void)s->host->now(s->context);
      return TD_OK;
    }
    if (IS(stops_early) && s->seen == MOMENT && count > 1) { *consumed = 1; return TD_OK; }
    if (IS(finishes_with_nonsense) && s->seen == MOMENT) return 42;
    if ((event->flags & TD_FLAG_WARM_UP) == 0 && trade(s, events, i, count) && !IS(goes_on_after_acting)) break;
  }
  (void)once;
  return TD_OK;
}

static td_status save(void *self, const td_sink *sink, td_error *error) {
  (void)error;
  strategy *s = self;
  static uint64_t times;
  struct { uint64_t mark, seen, position; } state = {0x48534F54494C45, s->seen, 0};
  memcpy(&state.position, &s->position, 8);
  if (IS(segfault_in_save)) crash();
  if (IS(state_that_differs)) state.mark += ++times << 56;
  if (IS(state_of_addresses)) state.mark ^= (uint64_t)(uintptr_t)s << 8;
  td_status status = sink->write(sink->handle, &state, sizeof state);
  if (IS(state_too_large)) for (int i = 0; i < 600 && status == TD_OK; i++) status = sink->write(sink->handle, &state, sizeof state);
  return IS(swallows_sink) ? TD_OK : status;
}

static td_status load(void *self, const td_blob *blob, td_error *error) {
  (void)error;
  strategy *s = self;
  struct { uint64_t mark, seen, position; } state;
  if (IS(segfault_in_load)) crash();
  if (!IS(state_unchecked)) {
    if (blob->state_version != 1) return TD_E_FORMAT;
    uint64_t least = IS(state_too_large) ? 24 : blob->count;
    if (blob->count < sizeof state || least != sizeof state) return TD_E_FORMAT;
  }
  memcpy(&state, blob->bytes, sizeof state);
  int differs = IS(state_that_differs) || IS(state_of_addresses);
  if (!IS(state_unchecked) && !differs && state.mark != 0x48534F54494C45) return TD_E_FORMAT;
  s->seen = state.seen;
  memcpy(&s->position, &state.position, 8);
  if (IS(state_unchecked)) (void)((volatile char *)blob->bytes)[state.seen % 1000000];
  return TD_OK;
}

static const td_plugin table = {
    .struct_size = sizeof table, .abi_major = TD_ABI_MAJOR, .abi_minor = TD_ABI_MINOR, .create = create,
    .destroy = destroy, .start = start, .stop = stop, .on_events = IS(table_of_null) ? 0 : on_events,
    .save = IS(save_without_state) ? 0 : save, .load = load,
};

const td_plugin *tapedeck_plugin_v1(void) {
  static td_plugin tables[8];
  static int next;
  if (!IS(other_table_each_time)) return &table;
  tables[next % 8] = table;
  return &tables[next++ % 8];
}
