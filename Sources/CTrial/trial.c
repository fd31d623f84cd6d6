#define _GNU_SOURCE
#include "trial.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { MOST_REGIONS = 128 };

/* Memory that a fault is told apart by, and the line to write when one happens there. */
typedef struct region { uintptr_t start, end; const char *line; size_t length; } region;

static struct {
  volatile int32_t mode;
  int report;
  uint64_t key;               /* stands in the sixth argument of a call that the host repeats */
  volatile uint64_t asked[8];
  volatile uint32_t count;
  region regions[MOST_REGIONS];
} trial;

#if defined(__x86_64__)
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

/* Places in the kernel's saved registers. */
enum { R8 = 0, R9 = 1, R10 = 2, RDI = 8, RSI = 9, RDX = 12, RAX = 13, RSP = 15 };

static long long *registers(void *context) {
  /* ucontext: flags, link and stack take 40 bytes. */
  return (long long *)((char *)context + 40);
}

static long repeat_call(long number, const long long *r, uint64_t key) {
  long result;
  register long fourth __asm__("r10") = (long)r[R10];
  register long fifth __asm__("r8") = (long)r[R8];
  register long sixth __asm__("r9") = (long)key;
  __asm__ volatile("syscall" : "=a"(result)
                   : "a"(number), "D"(r[RDI]), "S"(r[RSI]), "d"(r[RDX]), "r"(fourth), "r"(fifth), "r"(sixth)
                   : "rcx", "r11", "memory");
  return result;
}

/* While a module is opened the loader reads libraries; whatever else is opened then, a constructor opens. */
static int is_loader(long number, const long long *r) {
  static const char *const places[] = {"/lib", "/usr/lib", "/etc/ld.so", "/proc/self/"};
  const char *path = (const char *)(number == SYS_openat ? r[RSI] : r[RDI]);
  /* The host counts its threads then. */
  if (number == SYS_getdents64) return 1;
  if ((number != SYS_openat && number != SYS_open) || !path) return 0;
  for (size_t i = 0; i < sizeof places / sizeof *places; i++)
    if (strncmp(path, places[i], strlen(places[i])) == 0) return 1;
  return 0;
}

static void on_asked(int signal, siginfo_t *info, void *context) {
  (void)signal;
  long long *r = registers(context);
  long number = (long)r[RAX];
  /* The filter's own word: 1 for what nobody may. */
  int never = info->si_errno == 1;
  int ours = trial.mode == TRIAL_HOST || (trial.mode == TRIAL_OPENING && is_loader(number, r));
  if (!never && ours) {
    r[RAX] = repeat_call(number, r, trial.key);
    return;
  }
  if (number >= 0 && number < 512) trial.asked[number / 64] |= 1ull << (number % 64);
  r[RAX] = -EPERM;
}

static void on_fault(int signal_number, siginfo_t *info, void *context) {
  static const char stack[] = "place stack\n";
  uintptr_t at = (uintptr_t)info->si_addr;
  for (uint32_t i = 0; i < trial.count; i++) {
    const region *here = &trial.regions[i];
    if (at < here->start || at >= here->end) continue;
    if (write(trial.report, here->line, here->length) < 0) _exit(3);
    _exit(0);
  }
  uintptr_t top = (uintptr_t)registers(context)[RSP];
  if (at + 65536 > top && at < top + 65536 && write(trial.report, stack, sizeof stack - 1) < 0) _exit(3);
  /* It happens again, and this time it ends the process with the signal that it is. */
  signal(signal_number, SIG_DFL);
}

enum { LONGEST = 512 };
typedef struct filter { struct sock_filter code[LONGEST]; int count; } filter;

static void add(filter *f, uint16_t code, uint8_t yes, uint8_t no, uint32_t k) {
  if (f->count < LONGEST) f->code[f->count++] = (struct sock_filter){code, yes, no, k};
}
static void load(filter *f, size_t place) {
  add(f, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)place);
}
static void answer(filter *f, uint32_t answer) {
  add(f, BPF_RET | BPF_K, 0, 0, answer);
}
/* When `number` is asked for: the low word of argument `argument` and `mask` in common, or equal to `mask`. */
static void by_argument(filter *f, uint32_t number, int argument, uint16_t test,
                                        uint32_t mask, uint32_t yes, uint32_t no) {
  add(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 4, number);
  load(f, offsetof(struct seccomp_data, args) + 8 * (size_t)argument);
  add(f, BPF_JMP | test | BPF_K, 0, 1, mask);
  answer(f, yes);
  answer(f, no);
}

/* What touches nobody else: memory, its own threads, its own descriptors, time. */
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
/* What a strategy needs never, whatever it declares. */
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

static void write_rules(filter *f, uint32_t process, uint64_t key) {
  const uint32_t allow = SECCOMP_RET_ALLOW, refuse = SECCOMP_RET_TRAP | 1, ask = SECCOMP_RET_TRAP;
  enum { WRITES = 03 | 0100 | 01000, /* access mode, create, truncate */ OF_THREAD = 0x10000 };
  load(f, offsetof(struct seccomp_data, arch));
  add(f, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, AUDIT_ARCH_X86_64);
  answer(f, SECCOMP_RET_KILL_PROCESS);
  load(f, offsetof(struct seccomp_data, nr));
  add(f, BPF_JMP | BPF_JGE | BPF_K, 0, 1, 512);
  answer(f, SECCOMP_RET_KILL_PROCESS);
  for (size_t i = 0; i < sizeof always / sizeof *always; i++) {
    add(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, always[i]);
    answer(f, allow);
  }
  for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
    add(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, never[i]);
    answer(f, refuse);
  }
  /* The C library then uses the older calls, whose arguments a filter can see. */
  add(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_clone3);
  answer(f, SECCOMP_RET_ERRNO | ENOSYS);
  add(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_openat2);
  answer(f, SECCOMP_RET_ERRNO | ENOSYS);
  by_argument(f, SYS_clone, 0, BPF_JSET, OF_THREAD, allow, refuse);
  by_argument(f, SYS_kill, 0, BPF_JEQ, process, allow, refuse);
  by_argument(f, SYS_tgkill, 0, BPF_JEQ, process, allow, refuse);
  by_argument(f, SYS_prlimit64, 2, BPF_JEQ, 0, allow, refuse);
  /* For writing never; for reading as the others. Each falls through when the number is another. */
  const uint32_t opening[2][2] = {{SYS_open, 1}, {SYS_openat, 2}};
  for (int i = 0; i < 2; i++) {
    add(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 4, opening[i][0]);
    load(f, offsetof(struct seccomp_data, args) + 8 * (size_t)opening[i][1]);
    add(f, BPF_JMP | BPF_JSET | BPF_K, 0, 1, WRITES);
    answer(f, refuse);
    load(f, offsetof(struct seccomp_data, nr));
  }
  load(f, offsetof(struct seccomp_data, args) + 40);
  add(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 3, (uint32_t)key);
  load(f, offsetof(struct seccomp_data, args) + 44);
  add(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, (uint32_t)(key >> 32));
  answer(f, allow);
  answer(f, ask);
}

int trial_watch_faults(int report, void *stack, size_t size) {
  struct sigaction action;
  stack_t own = {.ss_sp = stack, .ss_flags = 0, .ss_size = size};
  trial.report = report;
  if (sigaltstack(&own, 0)) return -1;
  memset(&action, 0, sizeof action);
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  action.sa_sigaction = on_fault;
  return sigaction(SIGSEGV, &action, 0) || sigaction(SIGBUS, &action, 0) ? -1 : 0;
}

int trial_seal(uint64_t key) {
  static filter rules;
  struct sigaction action;
  trial.key = key;
  memset(&action, 0, sizeof action);
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  action.sa_sigaction = on_asked;
  if (sigaction(SIGSYS, &action, 0)) return -1;
  write_rules(&rules, (uint32_t)getpid(), key);
  struct sock_fprog program = {(unsigned short)rules.count, rules.code};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L)) return -1;
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) ? -1 : 0;
}
#else
/* Other machines have other numbers and registers: nothing is watched there, and the checks say so. */
int trial_watch_faults(int report, void *stack, size_t size) {
  (void)stack, (void)size;
  trial.report = report;
  return 0;
}
int trial_seal(uint64_t key) { (void)key; return -1; }
#endif

void trial_enter(int32_t mode) { trial.mode = mode; }

uint64_t trial_asked(int word) { return trial.asked[word]; }

void trial_forget_asked(void) {
  for (int i = 0; i < 8; i++) trial.asked[i] = 0;
}

void trial_forget_regions(void) { trial.count = 0; }

int trial_region(uintptr_t start, uintptr_t end, const char *line, size_t length) {
  if (trial.count == MOST_REGIONS) return -1;
  trial.regions[trial.count] = (region){start, end, line, length};
  trial.count++;
  return 0;
}
