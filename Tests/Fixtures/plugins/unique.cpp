// A strategy with what g++ makes unique in the process: a static of an inline function and of a template.
#include "idle.h"

TD_MANIFEST(MANIFEST_HEAD MANIFEST_ABI "}");

template <class T> struct Counter { static T value; };
template <class T> T Counter<T>::value = 1;

inline int &calls() {
  static int count = Counter<int>::value;
  return count;
}

static td_status on_events(void *self, const td_event *events, uint64_t count, uint64_t *consumed, td_error *error) {
  calls() += 1;
  return idle_on_events(self, events, count, consumed, error);
}

static const td_plugin table = {sizeof(td_plugin), TD_ABI_MAJOR, TD_ABI_MINOR, idle_create, idle_destroy, idle_start,
                                idle_stop, on_events, nullptr, nullptr, nullptr, nullptr};

const td_plugin *tapedeck_plugin_v1(void) { return &table; }
