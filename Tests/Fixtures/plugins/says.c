/* Says and does what its script says, bar by bar of its first instrument, counted from 1:
 * "3:1:0.8 7:-0.5:1 9:buy 12:sell 14:flat 20:fail" - a forecast with its confidence, a position of one unit on either
 * side or none, a fault, unless it is shown that bar again. */
#include "tapedeck.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef VERSION
#define VERSION "1.0.0"
#endif

TD_MANIFEST(
    "{\"schema\": 1, \"id\": \"org.tapedeck.test.says\", \"name\": \"Says\", \"version\": \"" VERSION "\","
    "\"abi\": {\"major\": 1, \"minor\": 0}, \"kind\": \"strategy\", \"subscribes\": [\"bars\"],"
    "\"instruments\": {\"min\": 1, \"max\": 16}, \"timeframes\": {\"min\": 1, \"max\": 1},"
    "\"parameters\": [{\"id\": 1, \"name\": \"script\", \"type\": \"string\", \"default\": \"\","
    "\"doc\": \"What to do, and when.\"},"
    "{\"id\": 2, \"name\": \"wait\", \"type\": \"int\", \"default\": 0,"
    "\"doc\": \"Bars of the warm-up.\"}],"
    "\"warm_up\": {\"bars\": \"wait\"}, \"history\": {\"bars\": 0},"
    "\"state\": {\"version\": 1, \"reads\": [1], \"max_bytes\": 64}, \"unload\": \"clean\"}");

typedef struct {
  const td_host *host;
  td_context *context;
  uint16_t instrument;
  uint32_t bars;
  char script[1024];
} sayer;

static td_status create(const td_host *host, td_context *context, const td_setup *setup, void **self, td_error *error) {
  (void)error;
  *self = NULL;
  sayer *s = calloc(1, sizeof *s);
  td_string script = setup->parameters[0].text;
  if (!s || script.length >= sizeof s->script) {
    free(s);
    return TD_E_INVALID;
  }
  s->host = host;
  s->context = context;
  s->instrument = setup->instruments[0];
  memcpy(s->script, script.data, script.length);
  *self = s;
  return TD_OK;
}

static void destroy(void *self) { free(self); }

static td_status start(void *self, const td_start *start, td_error *error) {
  (void)self, (void)start, (void)error;
  return TD_OK;
}

static td_status stop(void *self, uint32_t reason, td_error *error) {
  (void)self, (void)reason, (void)error;
  return TD_OK;
}

/* 0 for nothing, 1 for an act, negative for a fault. */
static int say(sayer *s, int again) {
  int acts = 0;
  for (const char *word = s->script; *word; word++) {
    unsigned bar = 0;
    int length = 0;
    if (sscanf(word, "%u:%n", &bar, &length) < 1 || length == 0) break;
    const char *rest = word + length;
    if (bar == s->bars) {
      double forecast, confidence;
      td_order order = {.struct_size = sizeof order, .instrument = s->instrument, .type = TD_ORDER_TARGET};
      uint64_t number;
      if (!strncmp(rest, "fail", 4)) {
        if (!again) return TD_E_INTERNAL;
        continue;
      }
      if (!strncmp(rest, "buy", 3) || !strncmp(rest, "sell", 4) || !strncmp(rest, "flat", 4)) {
        order.quantity = *rest == 'b' ? 1 : *rest == 's' ? -1 : 0;
        (void)s->host->submit(s->context, &order, &number);
        acts = 1;
      } else if (sscanf(rest, "%lf:%lf", &forecast, &confidence) == 2) {
        (void)s->host->signal(s->context, s->instrument, forecast, confidence);
      }
    }
    word = strchr(rest, ' ');
    if (!word) break;
  }
  return acts;
}

static td_status on_events(void *self, const td_event *events, uint64_t count, uint64_t *consumed, td_error *error) {
  sayer *s = self;
  (void)error;
  for (uint64_t i = 0; i < count; i++) {
    *consumed = i + 1;
    if (events[i].type != TD_EVENT_BAR || events[i].instrument != s->instrument) continue;
    s->bars++;
    int answer = say(s, events[i].flags & TD_FLAG_REPLAY);
    if (answer < 0) return answer;
    if (answer > 0) return TD_OK;
  }
  return TD_OK;
}

static td_status save(void *self, const td_sink *sink, td_error *error) {
  (void)error;
  return sink->write(sink->handle, &((sayer *)self)->bars, sizeof(uint32_t));
}

static td_status load(void *self, const td_blob *blob, td_error *error) {
  (void)error;
  if (blob->count != sizeof(uint32_t)) return TD_E_FORMAT;
  memcpy(&((sayer *)self)->bars, blob->bytes, sizeof(uint32_t));
  return TD_OK;
}

const td_plugin *tapedeck_plugin_v1(void) {
  static const td_plugin table = {
      .struct_size = sizeof table, .abi_major = TD_ABI_MAJOR, .abi_minor = TD_ABI_MINOR, .create = create,
      .destroy = destroy, .start = start, .stop = stop, .on_events = on_events, .save = save, .load = load,
  };
  return &table;
}
