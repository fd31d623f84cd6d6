#define _GNU_SOURCE
#include "trial.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
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
#include <filter.h>
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

static int install_rules(uint32_t process, uint64_t key) {
  const uint32_t allow = SECCOMP_RET_ALLOW, refuse = SECCOMP_RET_TRAP | 1, ask = SECCOMP_RET_TRAP;
  enum { WRITES = 03 | 0100 | 01000, /* access mode, create, truncate */ OF_THREAD = 0x10000 };
  /* The C library then uses the older calls, whose arguments a filter can see. */
  const uint16_t newer[] = {SYS_clone3, SYS_openat2};
  static struct call_filter rules;
  filter_begin(&rules, 1);
  filter_calls(&rules, always, sizeof always / sizeof *always, allow);
  filter_calls(&rules, never, sizeof never / sizeof *never, refuse);
  filter_calls(&rules, newer, sizeof newer / sizeof *newer, SECCOMP_RET_ERRNO | ENOSYS);
  filter_by_argument(&rules, SYS_clone, 0, BPF_JSET, OF_THREAD, allow, refuse);
  filter_by_argument(&rules, SYS_kill, 0, BPF_JEQ, process, allow, refuse);
  filter_by_argument(&rules, SYS_tgkill, 0, BPF_JEQ, process, allow, refuse);
  filter_by_argument(&rules, SYS_prlimit64, 2, BPF_JEQ, 0, allow, refuse);
  /* For writing never; for reading as the others. */
  filter_if_argument(&rules, SYS_open, 1, BPF_JSET, WRITES, refuse);
  filter_if_argument(&rules, SYS_openat, 2, BPF_JSET, WRITES, refuse);
  /* Whether there is a terminal: the runtime of a language asks that when it is opened. */
  filter_if_argument(&rules, SYS_ioctl, 1, BPF_JEQ, TCGETS, allow);
  filter_if_word(&rules, 5, key, allow);
  return filter_install(&rules, ask, 0);
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
  struct sigaction action;
  trial.key = key;
  memset(&action, 0, sizeof action);
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  action.sa_sigaction = on_asked;
  if (sigaction(SIGSYS, &action, 0)) return -1;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L)) return -1;
  return install_rules((uint32_t)getpid(), key);
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
