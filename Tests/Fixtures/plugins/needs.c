/* A strategy that cannot do without what its manifest needs: a thread that adds numbers up, and a file of one number,
 * how much it buys. */
#include "idle.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

TD_MANIFEST(
    "{\"schema\": 1, \"id\": \"org.tapedeck.test.needs\", \"name\": \"Needs\", \"version\": \"1.0.0\"" MANIFEST_ABI
    ",\"subscribes\": [\"bars\"], \"needs\": {\"threads\": true, \"files\": true}, \"parameters\": ["
    "{\"id\": 1, \"name\": \"threads\", \"type\": \"bool\", \"default\": false, \"doc\": \"Adds up in a thread.\"},"
    "{\"id\": 2, \"name\": \"model\", \"type\": \"string\", \"default\": \"\", \"doc\": \"Reads its quantity there.\"}]}");

typedef struct needs {
  const td_host *host;
  td_context *context;
  double quantity;
  uint64_t seen;
  int threads;
  uint16_t instrument;
} needs;

static void *add_up(void *argument) {
  needs *self = argument;
  self->quantity += 1;
  return 0;
}

static td_status read_model(needs *self, td_string path, td_error *error) {
  char name[512] = {0}, text[32] = {0}, words[128];
  memcpy(name, path.data, path.length < 511 ? path.length : 511);
  int file = open(name, O_RDONLY);
  if (file < 0) {
    snprintf(words, sizeof words, "no model: %s", strerror(errno));
    return refuse(error, TD_E_INVALID, words);
  }
  if (read(file, text, sizeof text - 1) <= 0) return refuse(error, TD_E_INVALID, "an empty model");
  close(file);
  self->quantity = atof(text);
  return TD_OK;
}

static td_status create(const td_host *host, td_context *context, const td_setup *setup, void **out, td_error *error) {
  needs *self = calloc(1, sizeof *self);
  self->host = host;
  self->context = context;
  self->threads = setup->parameters[0].integer != 0;
  self->quantity = 1;
  self->instrument = setup->instruments[0];
  if (setup->parameters[1].text.length > 0) {
    td_status status = read_model(self, setup->parameters[1].text, error);
    if (status != TD_OK) {
      free(self);
      return status;
    }
  }
  *out = self;
  return TD_OK;
}

static td_status on_events(void *state, const td_event *events, uint64_t count, uint64_t *consumed, td_error *error) {
  (void)error;
  needs *self = state;
  for (uint64_t i = 0; i < count; i++) {
    *consumed = i + 1;
    if (events[i].type != TD_EVENT_BAR || self->seen++ != 20) continue;
    pthread_t thread;
    if (self->threads && (pthread_create(&thread, 0, add_up, self) || pthread_join(thread, 0))) return TD_E_INTERNAL;
    td_order order = {
        .struct_size = sizeof order, .type = TD_ORDER_MARKET, .instrument = self->instrument, .quantity = self->quantity};
    uint64_t number;
    self->host->submit(self->context, &order, &number);
    return TD_OK;
  }
  return TD_OK;
}

static const td_plugin table = { sizeof table, TD_ABI_MAJOR, TD_ABI_MINOR, create, idle_destroy, idle_start, idle_stop,
                                 on_events, 0, 0, 0, 0 };
const td_plugin *tapedeck_plugin_v1(void) { return &table; }
