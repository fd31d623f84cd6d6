import Testing

/// One wrong thing that a strategy of hostile.c does, and what is to come of it.
struct Misdeed: Sendable, CustomTestStringConvertible {
    /// What becomes of it in a worker, beside others.
    enum Fate: Sendable {
        /// It is called no more, and this is in its fault.
        case stopped(String)
        /// Nobody but itself has anything of it.
        case plays
    }

    /// `-DCASE=name`.
    var name: String
    /// The check that names it.
    var check: String
    /// Words of that check.
    var words: String
    var fate: Fate

    init(_ name: String, _ check: String, _ words: String, _ fate: Fate) {
        self.name = name
        self.check = check
        self.words = words
        self.fate = fate
    }

    var testDescription: String { name }

    static let all: [Misdeed] =
        ends + touches + forgeries + breaks + floods + asks + leaves + states + lies

    /// The end of its process, in every place.
    static let ends: [Misdeed] = [
        Misdeed("segfault_in_constructor", "load.opens", "signal 11", .stopped("crash")),
        Misdeed("abort_in_constructor", "load.opens", "signal 6", .stopped("crash")),
        Misdeed(
            "exit_in_constructor", "load.opens", "ended its process with status 0", .stopped("exit")
        ),
        Misdeed("loop_in_constructor", "load.opens", "processor time", .stopped("hang")),
        Misdeed(
            "segfault_in_create", "contract.life", "signal 11 (Segmentation fault) in create",
            .stopped("crash")),
        Misdeed(
            "segfault_at_event", "contract.life", "signal 11 (Segmentation fault) in on_events",
            .stopped("crash")),
        Misdeed(
            "segfault_in_save", "state.roundtrip", "signal 11 (Segmentation fault) in save", .plays),
        Misdeed(
            "segfault_in_load", "state.roundtrip", "signal 11 (Segmentation fault) in load", .plays),
        Misdeed("segfault_in_destroy", "contract.life", "in destroy", .plays),
        Misdeed("abort_at_event", "contract.life", "signal 6", .stopped("crash")),
        Misdeed(
            "exit_at_event", "contract.life", "ended its process with status 7", .stopped("exit")),
        Misdeed("exit_in_destroy", "contract.life", "status 3 in destroy", .plays),
        Misdeed("endless_loop", "contract.life", "processor time in on_events", .stopped("hang")),
        Misdeed("stack_overflow", "contract.life", "overflowed its stack", .stopped("crash")),
        Misdeed("memory_bomb", "contract.life", "signal 11", .stopped("memory limit")),
    ]

    /// Memory that is not its own.
    static let touches: [Misdeed] = [
        Misdeed("writes_events", "contract.borrowed", "wrote to the events", .stopped("crash")),
        Misdeed("writes_host_table", "contract.borrowed", "wrote to the host's table", .plays),
        Misdeed(
            "writes_past_events", "contract.borrowed", "went past the end of the events",
            .stopped("crash")),
        Misdeed(
            "reads_past_events", "contract.borrowed", "went past the end of the events", .plays),
        Misdeed("keeps_events", "contract.borrowed", "used it after the call", .plays),
        Misdeed(
            "writes_past_error", "contract.borrowed", "went past the end of the error buffer",
            .plays),
        Misdeed(
            "writes_past_consumed", "contract.borrowed", "went past the end of consumed",
            .stopped("broke the contract")),
    ]

    /// What no honest worker writes into the ring that it shares with its host.
    static let forgeries: [Misdeed] = [
        Misdeed("forged_entries", "", "", .stopped("protocol breach: an entry of an unknown kind")),
        Misdeed("forged_head", "", "", .stopped("protocol breach")),
        Misdeed(
            "forged_kind", "", "", .stopped("protocol breach: an entry of an unknown kind (99)")),
        Misdeed(
            "forged_sequence", "", "", .stopped("protocol breach: an entry for block 1073741824")),
        Misdeed(
            "forged_place", "", "",
            .stopped("protocol breach: a command at event 4294967295 of a block")),
        Misdeed(
            "forged_order", "", "",
            .stopped("protocol breach: a command at event 55 after one at a later")),
        Misdeed("forged_timer", "", "", .stopped("protocol breach: a timer before all time")),
        Misdeed("forged_signal", "", "", .stopped("protocol breach: a signal that cannot be")),
        Misdeed(
            "forged_point", "", "", .stopped("protocol breach: a plotted value that cannot be")),
        Misdeed(
            "forged_name", "", "", .stopped("protocol breach: a name of a plot that cannot be")),
        Misdeed("forged_end", "", "", .stopped("protocol breach: an end without a reason")),
        Misdeed("forged_words", "", "", .stopped("protocol breach: words without an end")),
        Misdeed("forged_flood", "", "", .stopped("order flood: 5121 commands at one event")),
        Misdeed("forged_digest", "", "", .stopped("mirror mismatch")),
        Misdeed("forged_progress", "", "", .plays),
        Misdeed(
            "forged_answer", "", "", .stopped("protocol breach: an answer to request 1099511627776")
        ),
    ]

    /// Rules of the contract.
    static let breaks: [Misdeed] = [
        Misdeed(
            "consumes_too_many", "contract.life", "set consumed to",
            .stopped("consumed more events")),
        Misdeed(
            "consumes_backwards", "contract.life", "consumed went backwards",
            .stopped("consumed went backwards")),
        Misdeed(
            "goes_on_after_acting", "contract.life", "went on to further events",
            .stopped("went on")),
        Misdeed("stops_early", "contract.life", "stopped at event 1 of a run", .plays),
        Misdeed("finishes_with_nonsense", "contract.life", "on_events answered 42", .plays),
        Misdeed(
            "acts_after_stop", "contract.life", "another thread", .stopped("refused system call")),
        Misdeed(
            "calls_from_thread", "contract.life", "another thread", .stopped("refused system call")),
        Misdeed(
            "refuses_without_words", "contract.life", "create failed with TD_E_INVALID",
            .stopped("TD_E_INVALID")),
        Misdeed("table_of_null", "load.opens", "no on_events in its table", .stopped("on_events")),
        Misdeed("other_table_each_time", "load.opens", "another table", .stopped("another table")),
    ]

    /// Orders that no strategy sends on purpose.
    static let floods: [Misdeed] = [
        Misdeed("order_flood", "contract.order-rate", "orders at one event", .plays),
        Misdeed("endless_retry", "contract.all-refused", "all of them refused", .plays),
        Misdeed("nan_order", "contract.orders", "NaN or infinite", .plays),
        Misdeed("infinite_order", "contract.orders", "NaN or infinite", .plays),
        Misdeed("enormous_order", "contract.orders", "beyond 1e12", .plays),
        Misdeed("unknown_instrument", "contract.orders", "not wired", .plays),
    ]

    /// Things of the system.
    static let asks: [Misdeed] = [
        Misdeed("fork_bomb", "contract.system-calls", "fork", .stopped("refused system call")),
        Misdeed("opens_file", "contract.system-calls", "openat", .plays),
        Misdeed("opens_socket", "contract.system-calls", "socket", .stopped("refused system call")),
        Misdeed("traces_host", "contract.system-calls", "ptrace", .stopped("refused system call")),
        Misdeed("kills_host", "contract.system-calls", "kill", .stopped("refused system call")),
        Misdeed("runs_program", "contract.system-calls", "execve", .stopped("refused system call")),
        Misdeed(
            "socket_in_constructor", "load.system-calls", "socket", .stopped("refused system call")),
        Misdeed("sleeps", "contract.no-waiting", "nanosleep", .stopped("hang")),
    ]

    /// What stays behind, or grows.
    static let leaves: [Misdeed] = [
        Misdeed(
            "thread_left", "unload.threads", "1 thread running", .stopped("refused system call")),
        Misdeed("handler_left", "contract.process", "signal 12", .stopped("refused system call")),
        Misdeed(
            "handler_in_constructor", "load.handlers", "signal 23", .stopped("refused system call")),
        Misdeed(
            "descriptor_in_constructor", "load.descriptors", "1 descriptors",
            .stopped("refused system call")),
        Misdeed(
            "environment_in_constructor", "load.environment", "changed the environment", .plays),
        Misdeed(
            "descriptor_exhaustion", "unload.descriptors", "descriptors open",
            .stopped("refused system call")),
        Misdeed("slow_leak", "contract.event-memory", "bytes of every event", .plays),
        Misdeed("image_leak", "unload.cycles", "bytes behind each time", .plays),
        Misdeed("instance_leak", "contract.instance-memory", "bytes of every instance", .plays),
        Misdeed("changes_locale", "contract.process", "changed the environment", .plays),
        Misdeed("changes_rounding", "contract.process", "floating-point", .plays),
    ]

    /// States that are none.
    static let states: [Misdeed] = [
        Misdeed("save_without_state", "load.opens", "has no save in its table", .stopped("save")),
        Misdeed("state_that_differs", "state.pure", "two saves in a row", .plays),
        Misdeed("state_of_addresses", "state.roundtrip", "differ", .plays),
        Misdeed("state_unchecked", "state.empty", "in load", .plays),
        Misdeed("state_too_large", "state.size", "max_bytes is 4096", .plays),
        Misdeed("swallows_sink", "state.sink", "the sink refused", .plays),
    ]

    /// Results that are not what they seem.
    static let lies: [Misdeed] = [
        Misdeed("not_deterministic", "determinism.twice", "second time", .plays),
        Misdeed("looks_ahead", "causality.future", "the tapes differ only after", .plays),
        Misdeed("knows_the_run", "determinism.batch-size", "runs of 1", .plays),
        Misdeed("shares_a_global", "determinism.instances", "beside another", .plays),
        Misdeed("keeps_thread_locals", "determinism.threads", "new thread", .plays),
        Misdeed("reads_dirty_memory", "determinism.memory", "memory", .plays),
    ]
}
