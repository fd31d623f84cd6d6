/* Strategies that leave something behind, chosen by a macro. */
#include "idle.h"
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

TD_MANIFEST(MANIFEST_HEAD MANIFEST_ABI "}");

#if defined(HANDLER)
static void nothing(int signal) { (void)signal; }
__attribute__((constructor)) static void leave(void) { signal(SIGURG, nothing); }
#elif defined(THREAD)
static void *wait_for_ever(void *argument) {
  for (;;) pause();
  return argument;
}
#elif defined(THREAD_KEY)
static void late(void *value) { *(volatile int *)value = 1; }
#endif

static td_status create(const td_host *host, td_context *context, const td_setup *setup, void **self,
                        td_error *error) {
#if defined(THREAD)
  pthread_t thread;
  if (pthread_create(&thread, 0, wait_for_ever, 0)) return TD_E_LIMIT;
  pthread_detach(thread);
#elif defined(THREAD_KEY)
  /* Its destructor runs when this thread ends: after the code is gone. */
  static pthread_key_t key;
  static int value;
  if (pthread_key_create(&key, late) || pthread_setspecific(key, &value)) return TD_E_LIMIT;
#elif defined(SLOW)
  for (;;) pause();
#endif
  return idle_create(host, context, setup, self, error);
}

static const td_plugin table = {sizeof(td_plugin), TD_ABI_MAJOR, TD_ABI_MINOR, create, idle_destroy, idle_start,
                                idle_stop, idle_on_events, 0, 0, 0, 0};

const td_plugin *tapedeck_plugin_v1(void) { return &table; }
