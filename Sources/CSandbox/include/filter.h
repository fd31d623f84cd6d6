/* A filter of system calls, put together rule by rule: the worker's walls and the trial's watch are both made of it.
 * Rules are asked in the order in which they were added; the first that knows the call's number answers. x86-64. */
#ifndef TAPEDECK_FILTER_H
#define TAPEDECK_FILTER_H
#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

enum { FILTER_LONGEST = 512 };
struct call_filter {
  struct sock_filter code[FILTER_LONGEST];
  unsigned short count;
  int is_full; /* a rule had no room: it will not be installed */
};

/* Empty. Another machine's calls, and those of another interface, end the process where `checks_machine`. */
void filter_begin(struct call_filter *filter, int checks_machine);
/* Each of these calls is answered with `answer` (SECCOMP_RET_*). */
void filter_calls(struct call_filter *filter, const uint16_t *calls, size_t count, uint32_t answer);
/* One call: `yes` where the low word of argument `argument` passes `test` (BPF_JEQ, BPF_JGT, BPF_JSET) against
 * `value`, else `no`. */
void filter_by_argument(struct call_filter *filter, uint32_t call, int argument, uint16_t test, uint32_t value,
                        uint32_t yes, uint32_t no);
/* One call: `yes` where the test holds; where not, the next rules are asked. */
void filter_if_argument(struct call_filter *filter, uint32_t call, int argument, uint16_t test, uint32_t value,
                        uint32_t yes);
/* The same with `no` where the test does not hold. */
void filter_unless_argument(struct call_filter *filter, uint32_t call, int argument, uint16_t test, uint32_t value,
                            uint32_t no);
/* Any call: `yes` where argument `argument` is `value`, all 64 bits; where not, the next rules are asked. */
void filter_if_word(struct call_filter *filter, int argument, uint64_t value, uint32_t yes);
/* The answer to whatever no rule knows, and the end of the filter. From here on it holds, for good. 0 or -1. */
int filter_install(struct call_filter *filter, uint32_t otherwise, unsigned flags);
#endif
