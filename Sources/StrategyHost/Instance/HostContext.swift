import CTapedeck
import Synchronization

/// What stands behind `td_context`: who may call the host now, and for which instance.
///
/// It never moves, and outlives its instance, so that a call that comes too late or from a foreign
/// thread meets an answer and not freed memory.
@safe struct HostContext: ~Copyable {
    /// Where in its life an instance is, while the host calls it.
    enum Stage: UInt8 {
        /// Not inside a call.
        case outside
        case create, start, events, setParameter, save, load, stop, destroy
    }

    /// The thread inside a call: its `pthread_self`; zero outside, `retired` after the instance's
    /// end.
    let thread = Atomic<UInt>(0)
    static let retired = UInt.max

    /// Read and written only by the thread inside a call.
    var stage = Stage.outside
    /// The instance's run; owned by its `StrategyRunner`, null once that is gone.
    var state: UnsafeMutablePointer<RunnerState>?
    /// The only part that any thread may use.
    let log = Mutex(LogLines())
}
