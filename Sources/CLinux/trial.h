/* What trying a stranger's module asks of the kernel: a filter that tells which system calls its code asked for and
 * refuses the harmful ones for the rest of the process's life, and a handler that names the memory at which a fault
 * happened. One process, one trial; only StrategyHost's TrialSeal.swift uses it, so that there is one state. */
#ifndef TAPEDECK_TRIAL_H
#define TAPEDECK_TRIAL_H
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

enum { LINUX_TRIAL_HOST, LINUX_TRIAL_OPENING, LINUX_TRIAL_PLUGIN };
enum { LINUX_TRIAL_REGIONS = 128 };

/* Memory that a fault is told apart by, and the line to write when one happens there. */
typedef struct linux_trial_region { uintptr_t start, end; const char *line; size_t length; } linux_trial_region;

typedef struct linux_trial {
  volatile int32_t mode;        /* whose code runs: LINUX_TRIAL_* */
  int32_t report;               /* the descriptor that lines go to */
  uint64_t key;                 /* stands in the sixth argument of a call that the host repeats */
  volatile uint64_t asked[8];   /* bit n: system call n was asked for where it must not be */
  volatile uint32_t region_count;
  linux_trial_region regions[LINUX_TRIAL_REGIONS];
} linux_trial;

static inline linux_trial *linux_trial_state(void) {
  static linux_trial state;
  return &state;
}

#if defined(__x86_64__)
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

/* Places in the kernel's saved registers. */
enum { LINUX_R10 = 2, LINUX_R8 = 0, LINUX_R9 = 1, LINUX_RDI = 8, LINUX_RSI = 9, LINUX_RDX = 12, LINUX_RAX = 13, LINUX_RSP = 15 };

static inline long long *linux_trial_registers(void *context) {
  /* ucontext: flags, link and stack take 40 bytes. */
  return (long long *)((char *)context + 40);
}

static inline long linux_trial_repeat(long number, const long long *r, uint64_t key) {
  long result;
  register long fourth __asm__("r10") = (long)r[LINUX_R10];
  register long fifth __asm__("r8") = (long)r[LINUX_R8];
  register long sixth __asm__("r9") = (long)key;
  __asm__ volatile("syscall" : "=a"(result)
                   : "a"(number), "D"(r[LINUX_RDI]), "S"(r[LINUX_RSI]), "d"(r[LINUX_RDX]), "r"(fourth), "r"(fifth), "r"(sixth)
                   : "rcx", "r11", "memory");
  return result;
}

/* While a module is opened the loader reads libraries; whatever else is opened then, a constructor opens. */
static inline int linux_trial_is_loader(long number, const long long *r) {
  static const char *const places[] = {"/lib", "/usr/lib", "/etc/ld.so", "/proc/self/fd/"};
  const char *path = (const char *)(number == SYS_openat ? r[LINUX_RSI] : r[LINUX_RDI]);
  if ((number != SYS_openat && number != SYS_open) || !path) return 0;
  for (size_t i = 0; i < sizeof places / sizeof *places; i++)
    if (strncmp(path, places[i], strlen(places[i])) == 0) return 1;
  return 0;
}

static void linux_trial_asked(int signal, siginfo_t *info, void *context) {
  (void)signal;
  linux_trial *trial = linux_trial_state();
  long long *r = linux_trial_registers(context);
  long number = (long)r[LINUX_RAX];
  /* The filter's own word: 1 for what nobody may. */
  int never = info->si_errno == 1;
  int ours = trial->mode == LINUX_TRIAL_HOST || (trial->mode == LINUX_TRIAL_OPENING && linux_trial_is_loader(number, r));
  if (!never && ours) {
    r[LINUX_RAX] = linux_trial_repeat(number, r, trial->key);
    return;
  }
  if (number >= 0 && number < 512) trial->asked[number / 64] |= 1ull << (number % 64);
  r[LINUX_RAX] = -EPERM;
}

static void linux_trial_fault(int signal_number, siginfo_t *info, void *context) {
  static const char stack[] = "place stack\n";
  linux_trial *trial = linux_trial_state();
  uintptr_t at = (uintptr_t)info->si_addr;
  for (uint32_t i = 0; i < trial->region_count; i++) {
    const linux_trial_region *region = &trial->regions[i];
    if (at < region->start || at >= region->end) continue;
    if (write(trial->report, region->line, region->length) < 0) _exit(3);
    _exit(0);
  }
  uintptr_t top = (uintptr_t)linux_trial_registers(context)[LINUX_RSP];
  if (at + 65536 > top && at < top + 65536 && write(trial->report, stack, sizeof stack - 1) < 0) _exit(3);
  /* It happens again, and this time it ends the process with the signal that it is. */
  signal(signal_number, SIG_DFL);
}

enum { LINUX_TRIAL_LONGEST = 512 };
typedef struct linux_trial_filter { struct sock_filter code[LINUX_TRIAL_LONGEST]; int count; } linux_trial_filter;

static inline void linux_trial_add(linux_trial_filter *f, uint16_t code, uint8_t yes, uint8_t no, uint32_t k) {
  if (f->count < LINUX_TRIAL_LONGEST) f->code[f->count++] = (struct sock_filter){code, yes, no, k};
}
static inline void linux_trial_load(linux_trial_filter *f, size_t place) {
  linux_trial_add(f, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)place);
}
static inline void linux_trial_answer(linux_trial_filter *f, uint32_t answer) {
  linux_trial_add(f, BPF_RET | BPF_K, 0, 0, answer);
}
/* When `number` is asked for: the low word of argument `argument` and `mask` in common, or equal to `mask`. */
static inline void linux_trial_argument(linux_trial_filter *f, uint32_t number, int argument, uint16_t test,
                                        uint32_t mask, uint32_t yes, uint32_t no) {
  linux_trial_add(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 4, number);
  linux_trial_load(f, offsetof(struct seccomp_data, args) + 8 * (size_t)argument);
  linux_trial_add(f, BPF_JMP | test | BPF_K, 0, 1, mask);
  linux_trial_answer(f, yes);
  linux_trial_answer(f, no);
}

static inline void linux_trial_rules(linux_trial_filter *f, uint32_t process, uint64_t key) {
  static const uint16_t always[] = {
    SYS_read, SYS_write, SYS_close, SYS_fstat, SYS_stat, SYS_lstat, SYS_newfstatat, SYS_lseek, SYS_mmap, SYS_mprotect,
    SYS_munmap, SYS_brk, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_pread64, SYS_madvise, SYS_mremap,
    SYS_sched_yield, SYS_getpid, SYS_gettid, SYS_getppid, SYS_exit, SYS_exit_group, SYS_futex, SYS_set_robust_list,
    SYS_rseq, SYS_set_tid_address, SYS_sched_getaffinity, SYS_getrlimit, SYS_getrusage, SYS_clock_gettime,
    SYS_clock_getres, SYS_gettimeofday, SYS_time, SYS_getcpu, SYS_sigaltstack, SYS_getcwd, SYS_readlink,
    SYS_readlinkat, SYS_access, SYS_getrandom, SYS_restart_syscall, SYS_membarrier, SYS_getuid, SYS_geteuid,
    SYS_getgid, SYS_getegid, SYS_umask, SYS_chdir, SYS_uname, SYS_sysinfo, SYS_dup, SYS_dup2, SYS_dup3, SYS_fcntl,
    SYS_pipe, SYS_pipe2, SYS_eventfd2, SYS_times, SYS_mlock, SYS_munlock, SYS_getpriority,
  };
  static const uint16_t never[] = {
    SYS_fork, SYS_vfork, SYS_execve, SYS_execveat, SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_tkill,
    SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_pidfd_open, SYS_pidfd_send_signal, SYS_pidfd_getfd, SYS_kcmp,
    SYS_socket, SYS_socketpair, SYS_connect, SYS_bind, SYS_listen, SYS_accept, SYS_accept4, SYS_sendto, SYS_sendmsg,
    SYS_creat, SYS_unlink, SYS_unlinkat, SYS_rename, SYS_renameat, SYS_renameat2, SYS_mkdir, SYS_mkdirat, SYS_rmdir,
    SYS_link, SYS_linkat, SYS_symlink, SYS_symlinkat, SYS_chmod, SYS_fchmod, SYS_fchmodat, SYS_chown, SYS_fchown,
    SYS_lchown, SYS_fchownat, SYS_truncate, SYS_mknod, SYS_mknodat, SYS_utimensat, SYS_setxattr, SYS_mount,
    SYS_umount2, SYS_chroot, SYS_pivot_root, SYS_unshare, SYS_setns, SYS_setuid, SYS_setgid, SYS_setreuid,
    SYS_setregid, SYS_setresuid, SYS_setresgid, SYS_setgroups, SYS_capset, SYS_setrlimit, SYS_setpgid, SYS_setsid,
    SYS_setpriority, SYS_sched_setscheduler, SYS_sched_setparam, SYS_reboot, SYS_kexec_load, SYS_init_module,
    SYS_finit_module, SYS_delete_module, SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_io_uring_setup, SYS_keyctl,
    SYS_add_key, SYS_request_key, SYS_swapon, SYS_swapoff, SYS_settimeofday, SYS_clock_settime, SYS_adjtimex,
    SYS_sethostname, SYS_iopl, SYS_ioperm, SYS_shmget, SYS_msgget, SYS_semget, SYS_mq_open, SYS_quotactl, SYS_acct,
    SYS_personality, SYS_syslog,
  };
  const uint32_t allow = SECCOMP_RET_ALLOW, refuse = SECCOMP_RET_TRAP | 1, ask = SECCOMP_RET_TRAP;
  enum { WRITES = 03 | 0100 | 01000, /* access mode, create, truncate */ OF_THREAD = 0x10000 };
  linux_trial_load(f, offsetof(struct seccomp_data, arch));
  linux_trial_add(f, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, AUDIT_ARCH_X86_64);
  linux_trial_answer(f, SECCOMP_RET_KILL_PROCESS);
  linux_trial_load(f, offsetof(struct seccomp_data, nr));
  linux_trial_add(f, BPF_JMP | BPF_JGE | BPF_K, 0, 1, 512);
  linux_trial_answer(f, SECCOMP_RET_KILL_PROCESS);
  for (size_t i = 0; i < sizeof always / sizeof *always; i++) {
    linux_trial_add(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, always[i]);
    linux_trial_answer(f, allow);
  }
  for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
    linux_trial_add(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, never[i]);
    linux_trial_answer(f, refuse);
  }
  /* The C library then uses the older calls, whose arguments a filter can see. */
  linux_trial_add(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_clone3);
  linux_trial_answer(f, SECCOMP_RET_ERRNO | ENOSYS);
  linux_trial_add(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_openat2);
  linux_trial_answer(f, SECCOMP_RET_ERRNO | ENOSYS);
  linux_trial_argument(f, SYS_clone, 0, BPF_JSET, OF_THREAD, allow, refuse);
  linux_trial_argument(f, SYS_kill, 0, BPF_JEQ, process, allow, refuse);
  linux_trial_argument(f, SYS_tgkill, 0, BPF_JEQ, process, allow, refuse);
  linux_trial_argument(f, SYS_prlimit64, 2, BPF_JEQ, 0, allow, refuse);
  /* For writing never; for reading as the others. Each falls through when the number is another. */
  const uint32_t opening[2][2] = {{SYS_open, 1}, {SYS_openat, 2}};
  for (int i = 0; i < 2; i++) {
    linux_trial_add(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 4, opening[i][0]);
    linux_trial_load(f, offsetof(struct seccomp_data, args) + 8 * (size_t)opening[i][1]);
    linux_trial_add(f, BPF_JMP | BPF_JSET | BPF_K, 0, 1, WRITES);
    linux_trial_answer(f, refuse);
    linux_trial_load(f, offsetof(struct seccomp_data, nr));
  }
  linux_trial_load(f, offsetof(struct seccomp_data, args) + 40);
  linux_trial_add(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 3, (uint32_t)key);
  linux_trial_load(f, offsetof(struct seccomp_data, args) + 44);
  linux_trial_add(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, (uint32_t)(key >> 32));
  linux_trial_answer(f, allow);
  linux_trial_answer(f, ask);
}

int prctl(int option, ...);

/* Faults in known memory are told by name, on a stack of their own (of this thread). */
static inline int linux_trial_watch_faults(int report, void *stack, size_t size) {
  linux_trial *trial = linux_trial_state();
  struct sigaction action;
  stack_t own = {.ss_sp = stack, .ss_flags = 0, .ss_size = size};
  trial->report = report;
  if (sigaltstack(&own, 0)) return -1;
  memset(&action, 0, sizeof action);
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  action.sa_sigaction = linux_trial_fault;
  return sigaction(SIGSEGV, &action, 0) || sigaction(SIGBUS, &action, 0) ? -1 : 0;
}

/* From here on this process asks nothing harmful of the kernel any more, and its calls are watched. */
static inline int linux_trial_seal(uint64_t key) {
  static linux_trial_filter filter;
  struct sigaction action;
  linux_trial_state()->key = key;
  memset(&action, 0, sizeof action);
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  action.sa_sigaction = linux_trial_asked;
  if (sigaction(SIGSYS, &action, 0)) return -1;
  linux_trial_rules(&filter, (uint32_t)getpid(), key);
  struct sock_fprog program = {(unsigned short)filter.count, filter.code};
  /* No new privileges (38), then the filter (22, mode 2). */
  if (prctl(38, 1L, 0L, 0L, 0L)) return -1;
  return prctl(22, 2L, &program) ? -1 : 0;
}
#else
/* Other machines have other numbers and registers: nothing is watched there, and the check says so. */
static inline int linux_trial_watch_faults(int report, void *stack, size_t size) {
  (void)stack, (void)size;
  linux_trial_state()->report = report;
  return 0;
}
static inline int linux_trial_seal(uint64_t key) { (void)key; return -1; }
#endif

static inline void linux_trial_enter(int32_t mode) { linux_trial_state()->mode = mode; }
static inline uint64_t linux_trial_asked_word(int word) { return linux_trial_state()->asked[word]; }
/* Forgets what was asked for until now. */
static inline void linux_trial_forget(void) {
  for (int i = 0; i < 8; i++) linux_trial_state()->asked[i] = 0;
}
/* Adds a region, or answers -1 when there is no room; `line` must live as long as the process. */
static inline int linux_trial_region_add(uintptr_t start, uintptr_t end, const char *line, size_t length) {
  linux_trial *trial = linux_trial_state();
  if (trial->region_count == LINUX_TRIAL_REGIONS) return -1;
  trial->regions[trial->region_count] = (linux_trial_region){start, end, line, length};
  trial->region_count++;
  return 0;
}
#endif
