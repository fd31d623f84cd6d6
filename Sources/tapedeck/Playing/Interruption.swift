import Deck
import Glibc

/// What Ctrl-C does: the first asks the work to end at the next good place, a second one ends the program.
enum Interruption {
    /// A signal's handler has no context, so this is the program's.
    static let stop = StopSwitch()

    static var hasCome: Bool { stop.isSet }

    /// From here on SIGINT, SIGTERM and a reader that went away ask to stop.
    static func expect() {
        // Made now, not inside the handler.
        _ = stop.isSet
        for signal in [SIGINT, SIGTERM, SIGPIPE] {
            Glibc.signal(signal) { _ in
                Interruption.stop.set()
                // Nothing but what a handler may do: the next one acts as the system has it.
                Glibc.signal(SIGINT, SIG_DFL)
                Glibc.signal(SIGTERM, SIG_DFL)
            }
        }
    }

    /// Ended by Ctrl-C; what was done is saved.
    static let exitStatus: Int32 = 130
}
