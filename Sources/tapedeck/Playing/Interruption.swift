import Deck
import Glibc

/// What Ctrl-C does: the first asks the work to end at the next good place, the second says that
/// this is under way, the third ends the program.
enum Interruption {
    /// A signal's handler has no context, so this is the program's.
    static let stop = StopSwitch()

    private static let insistence = StopSwitch()

    static var hasCome: Bool { stop.isSet }

    /// From here on SIGINT, SIGTERM and a reader that went away ask to stop.
    static func expect() {
        // Made now, not inside the handler.
        _ = stop.isSet || insistence.isSet
        // A program may have been started by a thread that lets no signal through, and inherits
        // that.
        var set = sigset_t()
        // The set lives on this stack.
        unsafe sigemptyset(&set)
        for signal in [SIGINT, SIGTERM] {
            unsafe sigaddset(&set, signal)
            Glibc.signal(signal) { number in
                // Nothing but what a handler may do.
                guard Interruption.hasCome else { return Interruption.stop.set() }
                guard Interruption.insistence.isSet else {
                    Interruption.insistence.set()
                    return Interruption.tell()
                }
                Glibc.signal(number, SIG_DFL)
                raise(number)
            }
        }
        // Each line to a reader that is gone is one more of these: none may end what is being
        // saved.
        Glibc.signal(SIGPIPE) { _ in Interruption.stop.set() }
        unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    /// Inside a handler nothing may be allocated.
    private static func tell() {
        let words: StaticString =
            "\ntapedeck: ending after the present step, to keep what was done; once more ends at once\n"
        // A static text lives as long as the program.
        _ = unsafe Glibc.write(STDERR_FILENO, words.utf8Start, words.utf8CodeUnitCount)
    }

    /// Ended by Ctrl-C; what was done is saved.
    static let exitStatus: Int32 = 130
}
