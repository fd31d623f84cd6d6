/* A strategy that goes wrong while it is played: how is chosen by a macro. */
#include "idle.h"

TD_MANIFEST(MANIFEST_HEAD MANIFEST_ABI ",\"instruments\": {\"min\": 1, \"max\": 8}}");

#if defined(NEVER_RETURNS)
static td_status on_events(void *self, const td_event *events, uint64_t count, uint64_t *consumed,
                           td_error *error) {
  (void)self, (void)events, (void)count, (void)consumed, (void)error;
  for (volatile int i = 0;; i = !i) {}
}
#else
/* Fails at the first bar that closes below 101. */
static td_status on_events(void *self, const td_event *events, uint64_t count, uint64_t *consumed,
                           td_error *error) {
  (void)self;
  for (uint64_t i = 0; i < count; i++) {
    *consumed = i + 1;
    if (events[i].type == TD_EVENT_BAR && events[i].bar.close < 101)
      return refuse(error, TD_E_INTERNAL, "the model has no answer below 101");
  }
  return TD_OK;
}
#endif

static const td_plugin table = {
  .struct_size = sizeof(td_plugin),
  .abi_major = TD_ABI_MAJOR,
  .abi_minor = TD_ABI_MINOR,
  .create = idle_create,
  .destroy = idle_destroy,
  .start = idle_start,
  .stop = idle_stop,
  .on_events = on_events,
};

const td_plugin *tapedeck_plugin_v1(void) { return &table; }
