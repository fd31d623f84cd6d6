/* Modules that must be refused: one thing wrong each, chosen by a macro. */
#include "idle.h"
#include <signal.h>
#include <unistd.h>

#if defined(NO_MANIFEST)
#elif defined(NOT_JSON)
TD_MANIFEST("{\"schema\": 1,}");
#elif defined(BAD_ID)
TD_MANIFEST("{\"schema\": 1, \"id\": \"../../etc\", \"name\": \"Test\", \"version\": \"1.0.0\","
            "\"subscribes\": [\"bars\"]" MANIFEST_ABI "}");
#elif defined(BAD_PARAMETERS)
TD_MANIFEST(MANIFEST_HEAD MANIFEST_ABI ",\"parameters\": ["
            "{\"id\": 1, \"name\": \"a\", \"type\": \"int\", \"default\": 9, \"max\": 5, \"doc\": \"A.\"},"
            "{\"id\": 1, \"name\": \"b\", \"type\": \"int\", \"default\": 1, \"doc\": \"B.\"}]}");
#elif defined(OTHER_MANIFEST_MAJOR)
TD_MANIFEST(MANIFEST_HEAD ",\"abi\": {\"major\": 2, \"minor\": 0}}");
#elif defined(NEWER_MINOR)
TD_MANIFEST(MANIFEST_HEAD ",\"abi\": {\"major\": 1, \"minor\": 999}}");
#elif defined(CLAIMS_STATE)
TD_MANIFEST(MANIFEST_HEAD MANIFEST_ABI ",\"state\": {\"version\": 1, \"reads\": [1], \"max_bytes\": 64}}");
#elif defined(CLAIMS_LIVE)
TD_MANIFEST(MANIFEST_HEAD MANIFEST_ABI ",\"parameters\": [{\"id\": 1, \"name\": \"a\", \"type\": \"int\","
            "\"default\": 9, \"live\": true, \"doc\": \"A.\"}]}");
#elif defined(CLAIMS_WORKER)
TD_MANIFEST(MANIFEST_HEAD MANIFEST_ABI ",\"unload\": \"worker\"}");
#else
TD_MANIFEST(MANIFEST_HEAD MANIFEST_ABI "}");
#endif

#if defined(CONSTRUCTOR_EXITS)
__attribute__((constructor)) static void begin(void) { _exit(0); }
#elif defined(CONSTRUCTOR_ABORTS)
__attribute__((constructor)) static void begin(void) { abort(); }
#elif defined(CONSTRUCTOR_CRASHES)
__attribute__((constructor)) static void begin(void) { *(volatile int *)8 = 1; }
#elif defined(CONSTRUCTOR_LOOPS)
__attribute__((constructor)) static void begin(void) { for (;;) pause(); }
#endif

#if defined(CREATE_FAILS)
static td_status create(const td_host *host, td_context *context, const td_setup *setup, void **self,
                        td_error *error) {
  (void)host, (void)context, (void)setup;
  *self = 0;
  return refuse(error, TD_E_INVALID, "no model for this instrument");
}
#elif defined(CREATE_CRASHES)
static td_status create(const td_host *host, td_context *context, const td_setup *setup, void **self,
                        td_error *error) {
  (void)host, (void)context, (void)setup, (void)self, (void)error;
  raise(SIGSEGV);
  return TD_OK;
}
#elif defined(CREATE_LEAVES_NULL)
static td_status create(const td_host *host, td_context *context, const td_setup *setup, void **self,
                        td_error *error) {
  (void)host, (void)context, (void)setup, (void)error;
  *self = 0;
  return TD_OK;
}
#endif
#if defined(CREATE_FAILS) || defined(CREATE_CRASHES) || defined(CREATE_LEAVES_NULL)
#define CREATE create
#else
#define CREATE idle_create
#endif

UNUSED static const td_plugin table = {
#if defined(SHORT_TABLE)
  .struct_size = 72,
#else
  .struct_size = sizeof(td_plugin),
#endif
#if defined(OTHER_TABLE_MAJOR)
  .abi_major = 2,
#else
  .abi_major = TD_ABI_MAJOR,
#endif
  .abi_minor = TD_ABI_MINOR,
  .create = CREATE,
#if defined(FOREIGN_DESTROY)
  .destroy = free,
#elif !defined(NULL_DESTROY)
  .destroy = idle_destroy,
#endif
  .start = idle_start,
  .stop = idle_stop,
#if !defined(NULL_ON_EVENTS)
  .on_events = idle_on_events,
#endif
};

#if defined(NO_ENTRY)
TD_EXPORT const td_plugin *some_other_name(void) { return &table; }
#elif defined(ENTRY_V2)
TD_EXPORT const td_plugin *tapedeck_plugin_v2(void) { return &table; }
#elif defined(ENTRY_NULL)
const td_plugin *tapedeck_plugin_v1(void) { return 0; }
#elif defined(ENTRY_ON_HEAP)
const td_plugin *tapedeck_plugin_v1(void) {
  static td_plugin *copy;
  if (!copy && (copy = malloc(sizeof(table)))) memcpy(copy, &table, sizeof(table));
  return copy;
}
#elif defined(ENTRY_CHANGES)
const td_plugin *tapedeck_plugin_v1(void) {
  static td_plugin tables[2];
  static int turn;
  turn = !turn;
  memcpy(&tables[turn], &table, sizeof(table));
  return &tables[turn];
}
#elif defined(UNDEFINED_SYMBOL)
extern void td_submit_order(void);
const td_plugin *tapedeck_plugin_v1(void) {
  td_submit_order();
  return &table;
}
#else
const td_plugin *tapedeck_plugin_v1(void) { return &table; }
#endif
