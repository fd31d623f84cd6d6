/* A complete strategy that does nothing: what fixtures begin with and change one thing of. */
#ifndef IDLE_H
#define IDLE_H
#include "tapedeck.h"
#include <stdlib.h>
#include <string.h>

#define MANIFEST_HEAD \
  "{\"schema\": 1, \"id\": \"org.tapedeck.test\", \"name\": \"Test\", \"version\": \"1.0.0\"," \
  "\"subscribes\": [\"bars\"]"
#define UNUSED __attribute__((unused))
#define MANIFEST_ABI ",\"abi\": {\"major\": 1, \"minor\": 0}"

UNUSED static td_status idle_create(const td_host *host, td_context *context, const td_setup *setup, void **self,
                             td_error *error) {
  (void)host, (void)context, (void)setup, (void)error;
  *self = malloc(1);
  return *self ? TD_OK : TD_E_LIMIT;
}
UNUSED static void idle_destroy(void *self) { (void)self; free(self); }
UNUSED static td_status idle_start(void *self, const td_start *start, td_error *error) {
  (void)self, (void)start, (void)error;
  return TD_OK;
}
UNUSED static td_status idle_stop(void *self, uint32_t reason, td_error *error) {
  (void)self, (void)reason, (void)error;
  return TD_OK;
}
UNUSED static td_status idle_on_events(void *self, const td_event *events, uint64_t count, uint64_t *consumed,
                                td_error *error) {
  (void)self, (void)events, (void)error;
  *consumed = count;
  return TD_OK;
}
UNUSED static td_status refuse(td_error *error, td_status status, const char *text) {
  error->length = (uint32_t)strlen(text);
  memcpy(error->text, text, error->length);
  return status;
}
#define IDLE_TABLE \
  { sizeof(td_plugin), TD_ABI_MAJOR, TD_ABI_MINOR, idle_create, idle_destroy, idle_start, idle_stop, \
    idle_on_events, 0, 0, 0, 0 }
#endif
