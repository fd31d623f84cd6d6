/// What a file says of itself and shows from outside. None of its code runs.
enum FileChecks {
    static let all: [Check] =
        [
            .reads(
                "static.elf", "a whole shared library for this machine",
                why:
                    "A file that is cut short or for another machine crashes whoever maps it; every segment is compared "
                    + "with the file's length before anything is loaded.",
                advice: "build it again with sdk/build, and copy it completely"
            ) { file in
                if file.facts != nil { return .pass }
                return .fail(file.refusal?.what ?? "cannot be read")
            },
            .reads(
                "static.manifest", "one manifest that is whole and right",
                why:
                    "The host reads what a plug-in is from a note in its file, so that no unknown code runs for it.",
                advice: "correct what is listed; docs/MANIFEST.md says how it is written"
            ) { file in
                guard let image = file.image else { return .skip("the file cannot be read") }
                do throws(PluginRefusal) {
                    _ = try image.manifest()
                    return .pass
                } catch {
                    return .fail(error.what)
                }
            },
            .reads(
                "static.abi", "made for the interface that this host has",
                why:
                    "A plug-in that needs more than the host has must be refused before it is opened.",
                advice: "build it with this SDK, or use a newer Tapedeck"
            ) { file in
                guard let refusal = file.refusal else { return .pass }
                let causes: [PluginRefusal.Cause] = [.newerABI, .noEntry, .otherMajor, .manifest]
                return causes.contains(refusal.cause)
                    ? .fail(refusal.what) : .skip("the file cannot be read")
            },
            facts(
                "static.exports", "exports its entry and nothing else",
                why:
                    "Every other exported name can clash with one of the host or of another plug-in.",
                advice:
                    "link with -Wl,--version-script=sdk/plugin.map and compile with -fvisibility=hidden"
            ) { facts in
                let others = facts.exports.filter { !$0.hasPrefix("tapedeck_plugin_v") }
                return others.isEmpty
                    ? .pass : .fail("it exports \(others.count) other names: \(list(others))")
            },
            facts(
                "static.libraries", "the libraries that it needs are installed",
                why: "The loader refuses it otherwise, at the moment when it is wanted.",
                advice: "install them, or link them statically"
            ) { facts in
                facts.missingLibraries.isEmpty
                    ? .pass : .fail("not found: \(list(facts.missingLibraries))")
            },
            .reads(
                "static.symbols", "every name that it uses is defined somewhere",
                why:
                    "A missing name ends in a refusal when it is opened, or in a crash at the first call.",
                advice:
                    "link with -Wl,-z,defs, which says so when you build; host functions come in the td_host table"
            ) { file in
                guard let plugin = file.plugin else { return .skip("the file cannot be read") }
                let names = plugin.unresolvedNames()
                return names.isEmpty ? .pass : .fail("nothing defines \(list(names))")
            },
            facts(
                "static.search-paths", "looks for libraries only where the system does",
                why:
                    "A path of the author's machine finds other libraries, or a stranger's, on the operator's.",
                advice: "link without -rpath; sdk/build does"
            ) { facts in
                facts.searchPaths.isEmpty
                    ? .pass : .fail("it has its own search paths: \(list(facts.searchPaths))")
            },
            .reads(
                "static.runtime", "brings no runtime that cannot leave a process",
                why:
                    "The shared Swift runtime crashes the host after an unload, and two versions of it mix up their "
                    + "types; Go never leaves.",
                advice:
                    "link with -static-stdlib or as Embedded Swift (sdk/build does), or say \"unload\": \"worker\""
            ) { file in
                guard let plugin = file.plugin else { return .skip("the file cannot be read") }
                guard let reason = plugin.facts.workerOnlyReason else { return .pass }
                return plugin.manifest.unload == .worker
                    ? .pass("only in a worker, as it says") : .fail(reason)
            },
            .reads(
                "static.pinned", "nothing is known to hold it in the process",
                why: "Unique symbols and -z nodelete keep an image for ever; reloads then pile up.",
                advice:
                    "build with -fno-gnu-unique and without -z nodelete, or say \"unload\": \"pinned\""
            ) { file in
                guard let plugin = file.plugin else { return .skip("the file cannot be read") }
                let reasons = plugin.facts.pinningReasons
                if reasons.isEmpty { return .pass }
                return plugin.manifest.unload == .clean
                    ? .fail(reasons.joined(separator: "; ")) : .pass("as it says")
            },
            facts(
                "static.thread-locals",
                "takes none of the loader's small reserve for thread locals",
                why:
                    "Static thread locals of late libraries share a reserve of some hundred bytes for the whole process.",
                advice: "compile with -fPIC -ftls-model=global-dynamic, or do without thread locals"
            ) { facts in
                if facts.usesStaticThreadLocals {
                    return .fail("it is linked with static thread locals")
                }
                return facts.threadLocalBytes <= 4096
                    ? .pass : .fail("\(facts.threadLocalBytes) bytes for every thread")
            },
        ] + hardening + imports

    private static let hardening: [Check] = [
        facts(
            "static.relro", "its tables become read-only",
            why: "A write out of bounds then cannot turn its calls elsewhere.",
            advice: "link with -Wl,-z,relro -Wl,-z,now"
        ) { $0.hasFullRelocationProtection ? .pass : .fail("its tables stay writable") },
        facts(
            "static.stack", "no executable stack",
            why: "Opening such a library makes the stacks of the whole process executable.",
            advice: "link with -Wl,-z,noexecstack; in assembler add .section .note.GNU-stack"
        ) { $0.hasExecutableStack ? .fail("it wants an executable stack") : .pass },
        facts(
            "static.writable-code", "no memory that is both writable and executable",
            why: "Whoever can write there can run anything.",
            advice: "remove the linker script or flag that makes it"
        ) { $0.hasWritableCode ? .fail("it has memory that is writable and executable") : .pass },
        facts(
            "static.text-relocations", "its code is the same wherever it is loaded",
            why:
                "Text relocations make code writable while it is opened, and no two processes can share it.",
            advice: "compile everything with -fPIC"
        ) { $0.hasTextRelocations ? .fail("it has text relocations") : .pass },
    ]

    /// Names taken from the C library that no strategy needs, or only with a need that its manifest
    /// declares.
    private static let imports: [Check] = [
        taken(
            "static.processes", "starts, ends and traces no process", nil,
            why:
                "A plug-in that can end its process, or start others, takes the host's slots with it.",
            names: [
                "fork", "vfork", "clone", "execve", "execv", "execvp", "execl", "execlp", "execle",
                "posix_spawn",
                "posix_spawnp", "system", "popen", "ptrace", "kill", "killpg", "tgkill", "exit",
                "_exit", "_Exit",
                "quick_exit", "reboot", "pidfd_open", "process_vm_readv", "process_vm_writev",
                "syscall",
            ]),
        taken(
            "static.files", "opens files only where it says so", { $0.files },
            why:
                "What a strategy reads beside its events cannot be replayed, and its operator should know of it.",
            names: [
                "open", "open64", "openat", "openat64", "creat", "fopen", "fopen64", "freopen",
                "opendir", "unlink",
                "remove", "rename", "mkdir", "rmdir", "truncate", "ftruncate", "mkstemp", "tmpfile",
                "link", "symlink",
                "chmod", "chown", "inotify_init", "inotify_init1", "shm_open", "memfd_create",
            ]),
        taken(
            "static.network", "speaks to the network only where it says so", { $0.network },
            why:
                "What comes from the network cannot be replayed; what goes there may be the operator's strategy.",
            names: [
                "socket", "connect", "bind", "listen", "accept", "accept4", "send", "sendto",
                "sendmsg", "recv",
                "recvfrom", "recvmsg", "getaddrinfo", "gethostbyname", "socketpair",
            ]),
        taken(
            "static.threads", "starts threads only where it says so", { $0.threads },
            why: "A thread that outlives its instance crashes the process when the library leaves.",
            names: [
                "pthread_create", "thrd_create",
                "_ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_StateESt14default_deleteIS1_EEPFvvE",
            ]),
        taken(
            "static.process-wide", "changes nothing that the whole process shares", nil,
            why:
                "Signal handlers, the environment, the locale, the working directory and limits belong to the host.",
            names: [
                "signal", "sigaction", "bsd_signal", "sigset", "sigprocmask", "pthread_sigmask",
                "setenv", "putenv",
                "unsetenv", "clearenv", "setlocale", "uselocale", "tzset", "chdir", "fchdir",
                "chroot", "umask",
                "setrlimit", "setrlimit64", "prlimit", "prlimit64", "setuid", "setgid",
                "setpriority", "nice", "atexit",
                "on_exit", "alarm", "setitimer", "timer_create", "fesetround", "fesetenv",
                "feenableexcept", "prctl",
                "mallopt", "dlopen", "dlmopen",
            ]),
        .reads(
            "static.chance", "takes time and chance from the host",
            why:
                "A clock or a generator of its own makes every run another one; the host gives both, repeatably.",
            advice: "use now and random of the td_host table, or say \"deterministic\": false"
        ) { file in
            guard let plugin = file.plugin else { return .skip("the file cannot be read") }
            let names = [
                "time", "clock", "gettimeofday", "clock_gettime", "ftime", "localtime",
                "localtime_r", "rand", "random",
                "srand", "srandom", "rand_r", "drand48", "getrandom", "getentropy", "arc4random",
                "arc4random_buf",
                "arc4random_uniform",
            ]
            var taken = plugin.facts.imports.filter(names.contains)
            // What Swift seeds its hash tables with; their order shows in determinism.processes.
            if plugin.manifest.sdk.hasPrefix("swift") { taken.removeAll { $0 == "arc4random_buf" } }
            if taken.isEmpty || !plugin.manifest.isDeterministic { return .pass }
            return .remark(
                "it says that it is deterministic, and takes \(list(taken)) from the system")
        },
    ]

    private static func facts(
        _ id: String, _ title: String, why: String, advice: String,
        _ body: @escaping @Sendable (ModuleFacts) -> CheckOutcome
    ) -> Check {
        .reads(id, title, why: why, advice: advice) { file in
            guard var facts = file.facts else { return .skip("the file cannot be read") }
            facts.missingLibraries = file.plugin?.facts.missingLibraries ?? facts.missingLibraries
            return body(facts)
        }
    }

    private static func taken(
        _ id: String, _ title: String, _ need: (@Sendable (Manifest.Needs) -> Bool)?, why: String,
        names: [String]
    ) -> Check {
        let wanted =
            need == nil ? "do without" : "do without, or declare it in needs of the manifest"
        return .reads(id, title, why: why, advice: wanted) { file in
            guard let plugin = file.plugin else { return .skip("the file cannot be read") }
            let taken = plugin.facts.imports.filter(names.contains)
            if taken.isEmpty { return .pass }
            if let need, need(plugin.manifest.needs) { return .pass("as it says") }
            let words = "it takes \(list(taken)) from the C library"
            // A whole language library comes with much that is never called; what is called shows
            // when it runs.
            return bringsRuntime(plugin)
                ? .remark(words + "; perhaps for code that never runs") : .fail(words)
        }
    }

    private static func bringsRuntime(_ plugin: PluginFile) -> Bool {
        plugin.facts.memorySize > 4 << 20
            || plugin.facts.neededLibraries.contains { $0.hasPrefix("libswift") }
    }

    static func list(_ names: [String]) -> String {
        names.prefix(5).joined(separator: ", ")
            + (names.count > 5 ? " and \(names.count - 5) more" : "")
    }
}
