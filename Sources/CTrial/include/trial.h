/* What trying a stranger's module asks of the kernel: a filter that tells which system calls its code asked for and
 * refuses the harmful ones for the rest of the process's life, and a handler that names the memory at which a fault
 * happened. One process, one trial: there is one state behind these functions. Only StrategyHost's trials use it. */
#ifndef TAPEDECK_TRIAL_H
#define TAPEDECK_TRIAL_H
#include <stddef.h>
#include <stdint.h>

enum { TRIAL_HOST = 0, TRIAL_OPENING = 1, TRIAL_PLUGIN = 2 };

/* Says whose code runs from now on: TRIAL_*. */
void trial_enter(int32_t mode);
/* Faults in known memory are told by name, on a stack of their own (of this thread). Lines go to `report`. */
int trial_watch_faults(int report, void *stack, size_t size);
/* From here on this process asks nothing harmful of the kernel any more, and its calls are watched. -1 where the
 * system or the machine has no such watch. */
int trial_seal(uint64_t key);
/* The line to write, and the end of the process, when somebody faults at these addresses. `line` must live as long as
 * the process. -1 when there is no room. */
int trial_region(uintptr_t start, uintptr_t end, const char *line, size_t length);
void trial_forget_regions(void);
/* Bit n of word n / 64: system call n was asked for where it must not be. */
uint64_t trial_asked(int word);
void trial_forget_asked(void);
#endif
