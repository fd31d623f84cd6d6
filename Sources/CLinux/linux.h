/* Calls of the C library that its module for Swift leaves out, because that is read without _GNU_SOURCE.
 * Layouts and numbers are those of the 64-bit Linux ABI, which does not change. */
#ifndef TAPEDECK_CLINUX_H
#define TAPEDECK_CLINUX_H
#include <stddef.h>
#include <stdint.h>

int memfd_create(const char *name, unsigned int flags);
enum { LINUX_MFD_CLOEXEC = 1, LINUX_MFD_ALLOW_SEALING = 2 };
enum { LINUX_F_ADD_SEALS = 1033, LINUX_F_GET_SEALS = 1034 };
/* No further seal, no shrinking, no growing, no writing. */
enum { LINUX_SEALS_ALL = 1 | 2 | 4 | 8 };

typedef struct linux_program_header {
  uint32_t type, flags;
  uint64_t offset, address, physical, file_size, memory_size, alignment;
} linux_program_header;
typedef struct linux_image {
  uint64_t base;
  const char *name;
  const linux_program_header *headers;
  uint16_t header_count;
} linux_image;
/* dl_iterate_phdr with its structs under names of their own. */
int linux_for_each_image(int (*body)(const linux_image *, size_t, void *), void *context)
    __asm__("dl_iterate_phdr");

typedef struct linux_symbol { const char *file; void *base; const char *name; void *address; } linux_symbol;
int linux_find_symbol(const void *address, linux_symbol *found) __asm__("dladdr");

/* Bytes that the C library's allocator has handed out and not been given back. */
typedef struct linux_memory { size_t arena, free_chunks, fast, mapped_regions, mapped, unused, fast_free, used, free, top; } linux_memory;
linux_memory linux_allocated(void) __asm__("mallinfo2");

/* mallopt: the allocator's own settings. */
int linux_fill_memory(int setting, int value) __asm__("mallopt");

/* How this thread rounds floating-point numbers and treats the smallest, without the marks of what happened. */
static inline uint32_t linux_float_modes(void) {
#if defined(__x86_64__)
  return __builtin_ia32_stmxcsr() & ~0x3Fu;
#elif defined(__aarch64__)
  uint64_t modes;
  __asm__ volatile("mrs %0, fpcr" : "=r"(modes));
  return (uint32_t)modes;
#else
  return 0;
#endif
}

long syscall(long number, ...);
/* A descriptor that can be read when the process has ended; negative where the system has none. */
static inline int linux_open_process(int process) { return (int)syscall(434, process, 0); }

int pipe2(int ends[2], int flags);
int eventfd(unsigned int count, int flags);
/* Closed on exec, never waits. */
static inline int linux_eventfd(void) { return eventfd(0, 02000000 | 04000); }
/* Who is at the other end of a Unix socket. */
typedef struct linux_peer { int32_t process; uint32_t user, group; } linux_peer;
enum { LINUX_PEER = 17 };
int prctl(int option, ...);
/* posix_spawn: the new program has no descriptor from `first` on. `actions` are its file actions. */
int linux_add_close_from(void *actions, int first) __asm__("posix_spawn_file_actions_addclosefrom_np");
/* The calling process ends when the thread that started it does. */
static inline int linux_end_with_parent(void) { return prctl(1, 9L, 0L, 0L, 0L); }
#endif
