/* The worker's walls: rights that a process gives up, for good, before it opens a stranger's module. */
#ifndef CSANDBOX_H
#define CSANDBOX_H
#include "filter.h"
#include <stdint.h>

/* The layers, as bits of a report. */
enum {
  SANDBOX_RLIMITS = 1,
  SANDBOX_NAMESPACES = 2,
  SANDBOX_NO_NEW_PRIVILEGES = 4,
  SANDBOX_LANDLOCK = 8,
  SANDBOX_SECCOMP = 16,
  SANDBOX_MEMORY_DENY_WRITE_EXECUTE = 32,
  SANDBOX_NOT_DUMPABLE = 64
};

struct sandbox_wishes {
  uint64_t memory_bytes;      /* address space; 0 for no limit */
  uint64_t cpu_seconds;       /* hard; 0 for no limit */
  uint32_t allow_threads;     /* the manifest needs them and the operator grants them */
  uint32_t parent;            /* die when this process is no longer the parent; 0 to stay */
  const char *readable_file;  /* one file (a model) that may be read; null for none */
  int32_t seat_socket;        /* from which it may take descriptors; negative for none */
};

struct sandbox_report {
  uint32_t in_force;          /* layers that hold now */
  uint32_t landlock_abi;      /* 0 where the kernel has none */
  int32_t errors[8];          /* errno of each layer that does not hold, by its bit's place */
};

/* Gives the rights up, in the one order that works. The process must have a single thread. Never fails as a
 * whole: what could not be had is in the report, and policy decides. */
void sandbox_enter(const struct sandbox_wishes *wishes, struct sandbox_report *report);

/* After the module is open: no more executable mappings, and no more opening of files unless one was granted
 * (which the other layers still restrict to that one). 0 or errno. */
int sandbox_narrow(int may_open);

/* Where the number of a refused system call is written before the process ends with status 159. */
void sandbox_note_refused_call(uint32_t *place);

/* `openat`; null for a number that has no name here. */
const char *sandbox_call_name(int number);

/* What this machine could give, found out in a throw-away child. */
void sandbox_probe(struct sandbox_report *report);

/* Seals a memfd; `seals` as of fcntl(F_ADD_SEALS). 0 or errno. */
int sandbox_seal(int descriptor, int seals);
int sandbox_seals_code(void);   /* write, grow, shrink, seal: a module's copy */
int sandbox_seals_ring(void);   /* grow, shrink, future writes, seal: the writer's mapping stays writable */
int sandbox_seals_size(void);   /* grow, shrink, seal */

/* futex on a 32-bit word of a shared mapping; a read-only mapping may wait. 0, or errno (ETIMEDOUT, EAGAIN, EINTR). */
int sandbox_futex_wait(const uint32_t *word, uint32_t expected, int64_t timeout_nanoseconds);
int sandbox_futex_wake(uint32_t *word);

/* Descriptors that one process hands to another. Each call answers 0 or errno, `take` how many it has put into
 * `descriptors`, or -1 where nothing waits. Neither waits. */
int sandbox_socket_pair(int ends[2]);
int sandbox_send_descriptors(int socket, const int *descriptors, int count);
int sandbox_take_descriptors(int socket, int *descriptors, int most);

int sandbox_memfd(const char *name);
int sandbox_pidfd(int pid);
int sandbox_close_from(unsigned first);
#endif
