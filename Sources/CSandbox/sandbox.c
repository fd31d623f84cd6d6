#define _GNU_SOURCE
#include "CSandbox.h"
#include "filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif
#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif
/* Rights that came after the oldest headers we build with. */
#define FILE_RIGHTS_1 ((1ULL << 13) - 1)
#define FILE_REFER (1ULL << 13)
#define FILE_TRUNCATE (1ULL << 14)
#define FILE_IOCTL (1ULL << 15)
#define NET_TCP 3ULL
#define SCOPE_ALL 3ULL

struct rules { uint64_t files, net, scoped; };

static void note(struct sandbox_report *report, uint32_t layer, int failed) {
  if (!failed) report->in_force |= layer;
  else report->errors[__builtin_ctz(layer)] = errno ? errno : EPERM;
}

static int limit(int what, rlim_t value) {
  struct rlimit both = { value, value };
  return setrlimit(what, &both);
}

static int enter_rlimits(const struct sandbox_wishes *wishes) {
  int failed = limit(RLIMIT_CORE, 0) | limit(RLIMIT_FSIZE, 0) | limit(RLIMIT_NOFILE, 16)
             | limit(RLIMIT_MEMLOCK, 0) | limit(RLIMIT_MSGQUEUE, 0);
  if (!wishes->allow_threads) failed |= limit(RLIMIT_NPROC, 1);
  if (wishes->memory_bytes) failed |= limit(RLIMIT_AS, wishes->memory_bytes);
  if (wishes->cpu_seconds) failed |= limit(RLIMIT_CPU, wishes->cpu_seconds);
  return failed;
}

static int landlock_abi(void) {
  long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return abi < 0 ? 0 : (int)abi;
}

static int enter_landlock(const struct sandbox_wishes *wishes, int abi) {
  struct rules rules = { FILE_RIGHTS_1, 0, 0 };
  if (abi < 1) { errno = ENOSYS; return -1; }
  if (abi >= 2) rules.files |= FILE_REFER;
  if (abi >= 3) rules.files |= FILE_TRUNCATE;
  if (abi >= 4) rules.net = NET_TCP;
  if (abi >= 5) rules.files |= FILE_IOCTL;
  if (abi >= 6) rules.scoped = SCOPE_ALL;
  size_t size = abi >= 6 ? sizeof rules : abi >= 4 ? offsetof(struct rules, scoped) : offsetof(struct rules, net);
  int set = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
  if (set < 0) return -1;
  /* A granted file that is not there is one that cannot be read; the wall stands all the same. */
  if (wishes->readable_file) {
    struct landlock_path_beneath_attr allowed = { LANDLOCK_ACCESS_FS_READ_FILE, -1 };
    allowed.parent_fd = open(wishes->readable_file, O_PATH | O_CLOEXEC);
    if (allowed.parent_fd >= 0) {
      (void)syscall(SYS_landlock_add_rule, set, LANDLOCK_RULE_PATH_BENEATH, &allowed, 0);
      close(allowed.parent_fd);
    }
  }
  int failed = syscall(SYS_landlock_restrict_self, set, 0) != 0;
  int why = errno;
  close(set);
  errno = why;
  return failed ? -1 : 0;
}

/* ---- seccomp: a filter that answers SIGSYS to all that is not listed ---- */

#define COUNT(list) (sizeof list / sizeof *list)

/* What a running strategy and the worker round it need. */
static const uint16_t always[] = {
  SYS_futex, SYS_munmap, SYS_mremap, SYS_brk, SYS_madvise, SYS_exit, SYS_exit_group, SYS_clock_gettime,
  SYS_clock_getres, SYS_clock_nanosleep, SYS_nanosleep, SYS_gettimeofday, SYS_rt_sigreturn, SYS_rt_sigprocmask,
  SYS_sched_yield, SYS_getpid, SYS_gettid, SYS_close, SYS_read, SYS_pread64, SYS_lseek, SYS_restart_syscall,
  SYS_getrandom, SYS_seccomp, SYS_sched_getaffinity, SYS_rseq, SYS_set_robust_list, SYS_getcpu,
};
/* What is refused in a way that the C library copes with. */
static const uint16_t no_terminal[] = { SYS_ioctl };
static const uint16_t no_permission[] = { SYS_fcntl, SYS_sysinfo, SYS_prlimit64 };
static const uint16_t not_there[] = { SYS_readlink, SYS_access };
static const uint16_t for_threads[] = { SYS_clone3, SYS_clone, SYS_set_tid_address, SYS_rt_sigaction };
static const uint16_t while_loading[] = { SYS_newfstatat, SYS_fstat, SYS_statx };
static const uint16_t no_folder[] = { SYS_getcwd };
static const uint16_t opening[] = { SYS_openat };

static uint32_t *refused_call;

void sandbox_note_refused_call(uint32_t *place) { refused_call = place; }

/* Runs in whatever thread asked; nothing but a store, and the end of the process. */
static void refused(int signal, siginfo_t *info, void *context) {
  (void)signal; (void)context;
  if (refused_call) __atomic_store_n(refused_call, (uint32_t)info->si_syscall, __ATOMIC_SEQ_CST);
  _exit(159);
}

static int enter_seccomp(int allow_threads, int socket) {
  const uint32_t allow = SECCOMP_RET_ALLOW, trap = SECCOMP_RET_TRAP;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = refused;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  if (sigaction(SIGSYS, &action, NULL)) return -1;
  static struct call_filter walls;
  filter_begin(&walls, 1);
  filter_calls(&walls, always, COUNT(always), allow);
  filter_calls(&walls, no_terminal, COUNT(no_terminal), SECCOMP_RET_ERRNO | ENOTTY);
  filter_calls(&walls, no_permission, COUNT(no_permission), SECCOMP_RET_ERRNO | EPERM);
  filter_calls(&walls, not_there, COUNT(not_there), SECCOMP_RET_ERRNO | ENOENT);
  if (allow_threads) filter_calls(&walls, for_threads, COUNT(for_threads), allow);
  /* Only to the log (1, 2), and a signal only to its own process (abort). */
  filter_by_argument(&walls, SYS_write, 0, BPF_JGT, 2, trap, allow);
  filter_by_argument(&walls, SYS_tgkill, 0, BPF_JEQ, (uint32_t)getpid(), allow, trap);
  /* Only of the one socket on which its host hands it what an instance needs. */
  filter_by_argument(&walls, SYS_recvmsg, 0, BPF_JEQ, (uint32_t)socket, allow, trap);
  filter_by_argument(&walls, SYS_mprotect, 2, BPF_JSET, PROT_EXEC, trap, allow);
  /* While loading: opening for reading only, executable mappings of files that are not writable. */
  filter_by_argument(&walls, SYS_openat, 2, BPF_JSET, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC, trap, allow);
  filter_calls(&walls, while_loading, COUNT(while_loading), allow);
  filter_calls(&walls, no_folder, COUNT(no_folder), SECCOMP_RET_ERRNO | ENOENT);
  filter_unless_argument(&walls, SYS_mmap, 2, BPF_JSET, PROT_EXEC, allow);
  filter_if_argument(&walls, SYS_mmap, 2, BPF_JSET, PROT_WRITE, trap);
  filter_by_argument(&walls, SYS_mmap, 3, BPF_JSET, MAP_ANONYMOUS, trap, allow);
  return filter_install(&walls, trap, SECCOMP_FILTER_FLAG_TSYNC);
}

int sandbox_narrow(int may_open) {
  static struct call_filter narrow;
  filter_begin(&narrow, 0);
  if (!may_open) filter_calls(&narrow, opening, COUNT(opening), SECCOMP_RET_ERRNO | EACCES);
  /* No executable mappings; what follows is allowed as far as the first filter allows it. */
  filter_by_argument(&narrow, SYS_mmap, 2, BPF_JSET, PROT_EXEC, SECCOMP_RET_TRAP, SECCOMP_RET_ALLOW);
  return filter_install(&narrow, SECCOMP_RET_ALLOW, 0) ? errno : 0;
}

void sandbox_enter(const struct sandbox_wishes *wishes, struct sandbox_report *report) {
  memset(report, 0, sizeof *report);
  report->landlock_abi = (uint32_t)landlock_abi();
  /* A user namespace first, or the others are refused to everybody but root. */
  note(report, SANDBOX_NAMESPACES,
       unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS | CLONE_NEWCGROUP));
  note(report, SANDBOX_RLIMITS, enter_rlimits(wishes));
  note(report, SANDBOX_NOT_DUMPABLE, prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
  if (wishes->parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    /* The parent may have gone before the line above; a new PID namespace would show 0. */
    if ((uint32_t)getppid() != wishes->parent) _exit(158);
  }
  note(report, SANDBOX_NO_NEW_PRIVILEGES, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  note(report, SANDBOX_MEMORY_DENY_WRITE_EXECUTE, prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0));
  note(report, SANDBOX_LANDLOCK, enter_landlock(wishes, (int)report->landlock_abi));
  note(report, SANDBOX_SECCOMP, enter_seccomp((int)wishes->allow_threads, wishes->seat_socket));
}

void sandbox_probe(struct sandbox_report *report) {
  memset(report, 0, sizeof *report);
  struct sandbox_report *shared =
      mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return;
  pid_t child = fork();
  if (child == 0) {
    struct sandbox_wishes none = { 0, 0, 0, 0, NULL, -1 };
    /* A worker has few descriptors, and its limit of them is low. */
    (void)close_range(3, ~0U, 0);
    sandbox_enter(&none, shared);
    _exit(0);
  }
  if (child > 0) {
    int status;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    *report = *shared;
  }
  munmap(shared, sizeof *shared);
}

int sandbox_seal(int descriptor, int seals) { return fcntl(descriptor, F_ADD_SEALS, seals) ? errno : 0; }
int sandbox_seals_code(void) { return F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL; }
int sandbox_seals_ring(void) { return F_SEAL_FUTURE_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL; }
int sandbox_seals_size(void) { return F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL; }

int sandbox_futex_wait(const uint32_t *word, uint32_t expected, int64_t timeout_nanoseconds) {
  struct timespec time = { timeout_nanoseconds / 1000000000, timeout_nanoseconds % 1000000000 };
  long answer = syscall(SYS_futex, word, FUTEX_WAIT, expected, timeout_nanoseconds < 0 ? NULL : &time, NULL, 0);
  return answer ? errno : 0;
}

int sandbox_futex_wake(uint32_t *word) {
  return syscall(SYS_futex, word, FUTEX_WAKE, 0x7fffffff, NULL, NULL, 0) < 0 ? errno : 0;
}

int sandbox_socket_pair(int ends[2]) {
  return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) ? errno : 0;
}

enum { MOST_DESCRIPTORS = 4 };

int sandbox_send_descriptors(int socket, const int *descriptors, int count) {
  _Alignas(struct cmsghdr) char room[CMSG_SPACE(MOST_DESCRIPTORS * sizeof(int))] = { 0 };
  char word = 0;
  struct iovec text = { &word, 1 };
  struct msghdr message = { .msg_iov = &text, .msg_iovlen = 1, .msg_control = room };
  if (count < 1 || count > MOST_DESCRIPTORS) return EINVAL;
  message.msg_controllen = CMSG_SPACE((size_t)count * sizeof(int));
  struct cmsghdr *head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
  memcpy(CMSG_DATA(head), descriptors, (size_t)count * sizeof(int));
  return sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? errno : 0;
}

int sandbox_take_descriptors(int socket, int *descriptors, int most) {
  _Alignas(struct cmsghdr) char room[CMSG_SPACE(MOST_DESCRIPTORS * sizeof(int))] = { 0 };
  char word = 0;
  struct iovec text = { &word, 1 };
  struct msghdr message = { .msg_iov = &text, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room };
  if (recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) <= 0) return -1;
  struct cmsghdr *head = CMSG_FIRSTHDR(&message);
  if (!head || head->cmsg_type != SCM_RIGHTS) return 0;
  int count = (int)((head->cmsg_len - CMSG_LEN(0)) / sizeof(int));
  if (count > most) count = most;
  memcpy(descriptors, CMSG_DATA(head), (size_t)count * sizeof(int));
  return count;
}

int sandbox_memfd(const char *name) { return memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING); }
int sandbox_pidfd(int pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }
int sandbox_close_from(unsigned first) { return close_range(first, ~0U, 0) ? errno : 0; }

/* ---- names of system calls, for messages ---- */

#define NAME(call) { SYS_##call, #call },
static const struct { int number; const char *name; } call_names[] = {
  NAME(read) NAME(write) NAME(open) NAME(close) NAME(stat)
  NAME(fstat) NAME(lstat) NAME(poll) NAME(lseek) NAME(mmap)
  NAME(mprotect) NAME(munmap) NAME(brk) NAME(rt_sigaction) NAME(rt_sigprocmask)
  NAME(ioctl) NAME(pread64) NAME(pwrite64) NAME(readv) NAME(writev)
  NAME(access) NAME(pipe) NAME(select) NAME(sched_yield) NAME(mremap)
  NAME(msync) NAME(madvise) NAME(shmget) NAME(shmat) NAME(shmctl)
  NAME(dup) NAME(dup2) NAME(pause) NAME(nanosleep) NAME(getitimer)
  NAME(alarm) NAME(setitimer) NAME(getpid) NAME(sendfile) NAME(socket)
  NAME(connect) NAME(accept) NAME(sendto) NAME(recvfrom) NAME(sendmsg)
  NAME(recvmsg) NAME(shutdown) NAME(bind) NAME(listen) NAME(getsockname)
  NAME(getpeername) NAME(socketpair) NAME(setsockopt) NAME(getsockopt) NAME(clone)
  NAME(fork) NAME(vfork) NAME(execve) NAME(exit) NAME(wait4)
  NAME(kill) NAME(uname) NAME(semget) NAME(semop) NAME(msgget)
  NAME(msgsnd) NAME(msgrcv) NAME(fcntl) NAME(flock) NAME(fsync)
  NAME(ftruncate) NAME(truncate) NAME(getdents) NAME(getcwd) NAME(chdir)
  NAME(rename) NAME(mkdir) NAME(rmdir) NAME(creat) NAME(link)
  NAME(unlink) NAME(symlink) NAME(readlink) NAME(chmod) NAME(chown)
  NAME(umask) NAME(getrlimit) NAME(getrusage) NAME(ptrace) NAME(getuid)
  NAME(setuid) NAME(setgid) NAME(setpgid) NAME(setsid) NAME(sigaltstack)
  NAME(personality) NAME(prctl) NAME(arch_prctl) NAME(setrlimit) NAME(chroot)
  NAME(mount) NAME(umount2) NAME(reboot) NAME(sethostname) NAME(init_module)
  NAME(tkill) NAME(futex) NAME(sched_setaffinity) NAME(sched_getaffinity) NAME(io_setup)
  NAME(timer_create) NAME(tgkill) NAME(waitid) NAME(mq_open) NAME(add_key)
  NAME(keyctl) NAME(inotify_init) NAME(openat) NAME(mkdirat) NAME(unlinkat)
  NAME(renameat) NAME(linkat) NAME(symlinkat) NAME(fchmodat) NAME(faccessat)
  NAME(unshare) NAME(splice) NAME(tee) NAME(vmsplice) NAME(epoll_create1)
  NAME(epoll_wait) NAME(epoll_ctl) NAME(signalfd) NAME(timerfd_create) NAME(eventfd)
  NAME(eventfd2) NAME(fallocate) NAME(accept4) NAME(dup3) NAME(pipe2)
  NAME(inotify_init1) NAME(preadv) NAME(pwritev) NAME(perf_event_open) NAME(recvmmsg)
  NAME(prlimit64) NAME(setns) NAME(getcpu) NAME(process_vm_readv) NAME(process_vm_writev)
  NAME(kcmp) NAME(finit_module) NAME(sched_setattr) NAME(renameat2) NAME(seccomp)
  NAME(getrandom) NAME(memfd_create) NAME(bpf) NAME(execveat) NAME(userfaultfd)
  NAME(membarrier) NAME(copy_file_range) NAME(pkey_mprotect) NAME(statx) NAME(io_uring_setup)
  NAME(io_uring_enter) NAME(pidfd_send_signal) NAME(pidfd_open) NAME(clone3) NAME(close_range)
  NAME(openat2) NAME(pidfd_getfd) NAME(faccessat2) NAME(process_madvise) NAME(landlock_create_ruleset)
  NAME(memfd_secret) NAME(getdents64) NAME(fchmod) NAME(fchown) NAME(utimensat)
  NAME(set_tid_address) NAME(clock_settime) NAME(settimeofday) NAME(sysinfo) NAME(syslog)
  NAME(getppid) NAME(getpgrp) NAME(rt_sigqueueinfo) NAME(rt_tgsigqueueinfo) NAME(sched_setscheduler)
  NAME(setpriority) NAME(mlock) NAME(mlockall) NAME(swapon) NAME(sync)
  NAME(quotactl) NAME(newfstatat)
};

const char *sandbox_call_name(int number) {
  for (size_t place = 0; place < sizeof call_names / sizeof *call_names; place++) {
    if (call_names[place].number == number) return call_names[place].name;
  }
  return NULL;
}
