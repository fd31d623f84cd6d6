/* A strategy that does one thing wrong, chosen by its parameter, at the tenth event that it sees. */
#include "idle.h"
#include <pthread.h>

TD_MANIFEST(
    "{\"schema\": 1, \"id\": \"org.tapedeck.test.breaches\", \"name\": \"Breaches\", \"version\": \"1.0.0\","
    "\"abi\": {\"major\": 1, \"minor\": 0}, \"subscribes\": [\"bars\"],"
    "\"state\": {\"version\": 1, \"reads\": [1], \"max_bytes\": 16},"
    "\"parameters\": [{\"id\": 1, \"name\": \"how\", \"type\": \"enum\", \"default\": \"nothing\", \"doc\": \"What.\","
    "\"values\": [\"nothing\", \"fails\", \"fails_wordless\", \"fails_loudly\", \"done\", \"consumes_nothing\","
    "\"consumes_too_many\", \"goes_on\", \"goes_back\", \"calls_early\", \"never_ends\", \"start_fails\","
    "\"stop_fails\", \"saves_too_much\", \"save_fails\", \"foreign_thread\"]}]}");

enum { NOTHING, FAILS, FAILS_WORDLESS, FAILS_LOUDLY, DONE, CONSUMES_NOTHING, CONSUMES_TOO_MANY, GOES_ON, GOES_BACK,
       CALLS_EARLY, NEVER_ENDS, START_FAILS, STOP_FAILS, SAVES_TOO_MUCH, SAVE_FAILS, FOREIGN_THREAD };

typedef struct {
  const td_host *host;
  td_context *context;
  int64_t how;
  uint64_t seen;
} breacher;

static td_status create(const td_host *host, td_context *context, const td_setup *setup, void **self,
                        td_error *error) {
  breacher *b = calloc(1, sizeof *b);
  (void)error;
  b->host = host;
  b->context = context;
  b->how = setup->parameters[0].integer;
  *self = b;
  return TD_OK;
}

static td_status buy(breacher *b, uint16_t instrument) {
  td_order o = {.struct_size = sizeof o, .instrument = instrument, .type = TD_ORDER_MARKET, .quantity = 1};
  uint64_t number;
  return b->host->submit(b->context, &o, &number);
}

static void note(breacher *b, const char *name, double value) {
  b->host->plot(b->context, (td_string){name, strlen(name)}, value);
}

static void *foreign(void *argument) {
  breacher *b = argument;
  uint64_t number;
  td_order o = {.struct_size = sizeof o, .type = TD_ORDER_MARKET, .quantity = 1};
  td_account account = {.struct_size = sizeof account};
  td_status *answers = calloc(8, sizeof *answers);
  answers[0] = b->host->submit(b->context, &o, &number);
  answers[1] = b->host->cancel(b->context, 1);
  answers[2] = b->host->set_timer(b->context, 1, 1);
  answers[3] = b->host->account(b->context, &account);
  answers[4] = b->host->plot(b->context, (td_string){"x", 1}, 1);
  answers[5] = b->host->signal(b->context, 0, 0, 0);
  answers[6] = b->host->now(b->context) == 0;
  answers[7] = b->host->random(b->context) == 0;
  b->host->log(b->context, TD_LOG_WARNING, (td_string){"from another thread", 19});
  return answers;
}

static td_status misbehave(breacher *b, const td_event *events, uint64_t i, uint64_t count, uint64_t *consumed,
                           td_error *error) {
  switch (b->how) {
    case FAILS: return refuse(error, TD_E_INTERNAL, "the model is gone");
    case FAILS_WORDLESS: return TD_E_PANIC;
    case FAILS_LOUDLY:
      memset(error->text, '\xff', sizeof error->text);
      error->length = UINT32_MAX;
      return TD_E_INVALID;
    case DONE: return TD_DONE;
    case CONSUMES_NOTHING: *consumed = 0; return TD_OK;
    case CONSUMES_TOO_MANY: *consumed = count + 1; return TD_OK;
    case GOES_ON:
      buy(b, events[i].instrument);
      *consumed = count > i + 1 ? i + 2 : i + 1;
      note(b, "answer", buy(b, events[i].instrument));
      return TD_OK;
    case GOES_BACK:
      buy(b, events[i].instrument);
      *consumed = i;
      return TD_OK;
    case NEVER_ENDS:
      /* An answer to each refusal: orders without a quantity, again and again. */
      for (;;) {
        td_order o = {.struct_size = sizeof o, .instrument = events[i].instrument, .type = TD_ORDER_MARKET};
        uint64_t number;
        if (b->host->submit(b->context, &o, &number) == TD_E_LIMIT) break;
        note(b, "refused", 1);
      }
      return TD_OK;
    case FOREIGN_THREAD: {
      pthread_t thread;
      void *answers;
      if (pthread_create(&thread, 0, foreign, b) || pthread_join(thread, &answers)) return TD_E_LIMIT;
      for (int k = 0; k < 8; k++) note(b, "answer", ((td_status *)answers)[k]);
      free(answers);
      return TD_OK;
    }
  }
  return TD_OK;
}

static td_status on_events(void *self, const td_event *events, uint64_t count, uint64_t *consumed, td_error *error) {
  breacher *b = self;
  for (uint64_t i = 0; i < count; i++) {
    if (b->how == CALLS_EARLY && b->seen == 9) {
      b->seen++;
      *consumed = 0;
      note(b, "answer", buy(b, events[i].instrument));
      *consumed = i + 1;
      return TD_OK;
    }
    *consumed = i + 1;
    if (events[i].flags & TD_FLAG_PRIVATE) continue;
    if (++b->seen == 10 && b->how != NOTHING) return misbehave(b, events, i, count, consumed, error);
  }
  return TD_OK;
}

static td_status start(void *self, const td_start *start, td_error *error) {
  breacher *b = self;
  (void)start;
  return b->how == START_FAILS ? refuse(error, TD_E_INVALID, "not today") : TD_OK;
}

static td_status stop(void *self, uint32_t reason, td_error *error) {
  breacher *b = self;
  (void)reason;
  return b->how == STOP_FAILS ? refuse(error, TD_E_INTERNAL, "cannot let go") : TD_OK;
}

static td_status save(void *self, const td_sink *sink, td_error *error) {
  breacher *b = self;
  char bytes[32] = "abcdefghijklmnopqrstuvwxyz";
  if (b->how == SAVE_FAILS) return refuse(error, TD_E_INTERNAL, "no pen");
  if (b->how == SAVES_TOO_MUCH) {
    sink->write(sink->handle, bytes, 10);
    sink->write(sink->handle, bytes, 10);
    return TD_OK;
  }
  td_status status = sink->write(sink->handle, bytes, 10);
  return status ? status : sink->write(sink->handle, bytes + 10, 6);
}

static td_status load(void *self, const td_blob *blob, td_error *error) {
  (void)self;
  return blob->count == 16 && !memcmp(blob->bytes, "abcdefghijklmnop", 16)
             ? TD_OK
             : refuse(error, TD_E_FORMAT, "these are not my letters");
}

static const td_plugin table = {sizeof(td_plugin), TD_ABI_MAJOR, TD_ABI_MINOR, create, idle_destroy, start,
                                stop, on_events, 0, save, load, 0};

const td_plugin *tapedeck_plugin_v1(void) { return &table; }
