/* Counts what one thread asks of the allocator: the whole program's, because a program's own malloc comes before
 * that of the C library. */
#pragma once
#include <stdint.h>

/// Counts from zero on this thread.
void allocations_begin(void);
/// How often this thread has asked for memory since; ends the counting.
uint64_t allocations_end(void);
