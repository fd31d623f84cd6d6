import CSandbox

/// What wakes one sleeping process: a flag that says that it sleeps, and a word that it sleeps on.
///
/// The sleeper reads the word, raises the flag, looks once more whether there is work, and sleeps
/// if the word is still the same. Whoever brings work looks at the flag afterwards: one of the two
/// always sees the other.
@safe struct WorkerBell: Sendable {
    /// Keeps the words mapped.
    private let memory: SharedMemory
    private let flagPlace: Int
    private let wordPlace: Int

    /// - Parameters: places in `memory`, aligned for 32 bits.
    init(_ memory: SharedMemory, flag: Int, word: Int) {
        self.memory = memory
        flagPlace = flag
        wordPlace = word
    }

    private var flag: SharedWord32 { unsafe SharedWord32(memory.base + flagPlace) }
    private var word: SharedWord32 { unsafe SharedWord32(memory.base + wordPlace) }

    @inline(__always) func ringIfAsleep() {
        if unsafe flag.latest != 0 { ring() }
    }

    func ring() {
        unsafe flag.announce(0)
        unsafe word.increase()
        _ = unsafe sandbox_futex_wake(word.address)
    }

    /// Sleeps until it is rung, unless `hasWork`; at most so many nanoseconds, for ever when
    /// negative.
    func sleep(nanoseconds: Int64 = -1, unless hasWork: () -> Bool) {
        let count = unsafe word.latest
        unsafe flag.announce(1)
        if !hasWork() { _ = unsafe sandbox_futex_wait(word.address, count, nanoseconds) }
        unsafe flag.announce(0)
    }
}
