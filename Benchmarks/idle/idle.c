/* A strategy that does nothing: what the host itself costs. */
#include "tapedeck.h"

TD_MANIFEST_JSON({
  "schema": 1,
  "id": "org.tapedeck.idle",
  "name": "Idle",
  "version": "1.0.0",
  "abi": {"major": 1, "minor": 0},
  "subscribes": ["bars"]
});

static int instance;
static td_status create(const td_host *host, td_context *context, const td_setup *setup, void **self, td_error *error) {
  (void)host; (void)context; (void)setup; (void)error;
  *self = &instance;
  return TD_OK;
}
static void destroy(void *self) { (void)self; }
static td_status start(void *self, const td_start *start, td_error *error) {
  (void)self; (void)start; (void)error;
  return TD_OK;
}
static td_status stop(void *self, uint32_t reason, td_error *error) {
  (void)self; (void)reason; (void)error;
  return TD_OK;
}
static td_status on_events(void *self, const td_event *events, uint64_t count, uint64_t *consumed, td_error *error) {
  (void)self; (void)events; (void)error;
  *consumed = count;
  return TD_OK;
}
static const td_plugin table = {
  .struct_size = sizeof(td_plugin), .abi_major = TD_ABI_MAJOR, .abi_minor = TD_ABI_MINOR,
  .create = create, .destroy = destroy, .start = start, .stop = stop, .on_events = on_events
};
const td_plugin *tapedeck_plugin_v1(void) { return &table; }
