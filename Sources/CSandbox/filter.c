#define _GNU_SOURCE
#include "filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

static void add(struct call_filter *f, uint16_t code, uint8_t yes, uint8_t no, uint32_t k) {
  if (f->count == FILTER_LONGEST) f->is_full = 1;
  else f->code[f->count++] = (struct sock_filter){ code, yes, no, k };
}
static void load(struct call_filter *f, size_t place) {
  add(f, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)place);
}
static void load_call(struct call_filter *f) { load(f, offsetof(struct seccomp_data, nr)); }
/* The low word of an argument; its high word lies behind it. */
static size_t argument_place(int argument) {
  return offsetof(struct seccomp_data, args) + 8 * (size_t)argument;
}
static void give(struct call_filter *f, uint32_t answer) { add(f, BPF_RET | BPF_K, 0, 0, answer); }

void filter_begin(struct call_filter *f, int checks_machine) {
  f->count = 0;
  f->is_full = 0;
  if (checks_machine) {
    load(f, offsetof(struct seccomp_data, arch));
    add(f, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, AUDIT_ARCH_X86_64);
    give(f, SECCOMP_RET_KILL_PROCESS);
  }
  load_call(f);
  if (checks_machine) {
    /* The same machine's other interface marks its numbers with this bit. */
    add(f, BPF_JMP | BPF_JGE | BPF_K, 0, 1, 0x40000000);
    give(f, SECCOMP_RET_KILL_PROCESS);
  }
}

void filter_calls(struct call_filter *f, const uint16_t *calls, size_t count, uint32_t answer) {
  for (size_t i = 0; i < count; i++) {
    add(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, calls[i]);
    give(f, answer);
  }
}

void filter_by_argument(struct call_filter *f, uint32_t call, int argument, uint16_t test,
                        uint32_t value, uint32_t yes, uint32_t no) {
  add(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 4, call);
  load(f, argument_place(argument));
  add(f, BPF_JMP | test | BPF_K, 0, 1, value);
  give(f, yes);
  give(f, no);
}

/* `answer` where the test comes out as `answers` says; else the next rules are asked. */
static void answer_on(struct call_filter *f, uint32_t call, int argument, uint16_t test,
                      uint32_t value, int answers, uint32_t answer) {
  add(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 4, call);
  load(f, argument_place(argument));
  add(f, BPF_JMP | test | BPF_K, !answers, answers, value);
  give(f, answer);
  load_call(f);
}

void filter_if_argument(struct call_filter *f, uint32_t call, int argument, uint16_t test,
                        uint32_t value, uint32_t yes) {
  answer_on(f, call, argument, test, value, 1, yes);
}

void filter_unless_argument(struct call_filter *f, uint32_t call, int argument, uint16_t test,
                            uint32_t value, uint32_t no) {
  answer_on(f, call, argument, test, value, 0, no);
}

void filter_if_word(struct call_filter *f, int argument, uint64_t value, uint32_t yes) {
  load(f, argument_place(argument));
  add(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 3, (uint32_t)value);
  load(f, argument_place(argument) + 4);
  add(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, (uint32_t)(value >> 32));
  give(f, yes);
  load_call(f);
}

int filter_install(struct call_filter *f, uint32_t otherwise, unsigned flags) {
  give(f, otherwise);
  if (f->is_full) { errno = ENOSPC; return -1; }
  struct sock_fprog program = { f->count, f->code };
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program) ? -1 : 0;
}
