/// The kernel's calls by number, as a person knows them; those that a strategy may be caught at.
enum SystemCallName {
    static func of(_ number: Int) -> String {
        names.first { $0.number == number }?.name ?? "system call \(number)"
    }

    /// What a need of the manifest would cover; nil for what nothing does.
    static func need(_ name: String) -> String? {
        switch name {
        case "open", "openat", "getdents64", "statx", "pread", "preadv": "files"
        case "socket", "connect", "bind", "listen", "accept", "accept4", "sendto", "recvfrom",
            "sendmsg", "recvmsg",
            "socketpair", "getsockopt", "setsockopt":
            "network"
        default: nil
        }
    }

    // Those of x86-64, the only machine on which they are watched.
    private static let names: [(number: Int, name: String)] = [
        (2, "open"), (7, "poll"), (16, "ioctl"), (23, "select"), (29, "shmget"), (34, "pause"),
        (35, "nanosleep"),
        (37, "alarm"), (38, "setitimer"), (41, "socket"), (42, "connect"), (43, "accept"),
        (44, "sendto"),
        (45, "recvfrom"), (46, "sendmsg"), (47, "recvmsg"), (49, "bind"), (50, "listen"),
        (53, "socketpair"),
        (54, "setsockopt"), (55, "getsockopt"), (56, "fork"), (57, "fork"), (58, "vfork"),
        (59, "execve"),
        (61, "wait4"), (62, "kill"), (76, "truncate"), (77, "ftruncate"), (82, "rename"),
        (83, "mkdir"), (84, "rmdir"),
        (85, "creat"), (86, "link"), (87, "unlink"), (88, "symlink"), (90, "chmod"), (92, "chown"),
        (101, "ptrace"),
        (109, "setpgid"), (112, "setsid"), (141, "setpriority"), (157, "prctl"),
        (158, "arch_prctl"),
        (160, "setrlimit"),
        (200, "tkill"), (213, "epoll_create"), (217, "getdents64"), (222, "timer_create"),
        (230, "clock_nanosleep"),
        (232, "epoll_wait"), (234, "tgkill"), (257, "openat"), (263, "unlinkat"), (264, "renameat"),
        (270, "pselect6"),
        (271, "ppoll"), (272, "unshare"), (281, "epoll_pwait"), (283, "timerfd_create"),
        (288, "accept4"),
        (291, "epoll_create1"), (302, "prlimit64"), (310, "process_vm_readv"),
        (311, "process_vm_writev"),
        (316, "renameat2"), (319, "memfd_create"), (322, "execveat"), (332, "statx"),
        (425, "io_uring_setup"),
        (434, "pidfd_open"),
    ]
}
