import Market

/// Makes a replay take its time: says how far the tape may be played by now.
struct Pacer {
    private let speed: Double
    private let begins: Timestamp
    private let start: UInt64

    /// From the moment of making on, `begins` is now.
    init(speed: Double, begins: Timestamp) {
        self.speed = speed
        self.begins = begins
        start = WallClock.nanoseconds
    }

    /// The time on the tape that has come.
    var present: Timestamp {
        let passed = Double(WallClock.nanoseconds - start) * speed
        return begins + Int64(min(passed, 4e18))
    }

    /// How long it is until `time` on the tape comes, in nanoseconds, but at most a twentieth of a
    /// second.
    func pause(until time: Timestamp) -> Int64 {
        Int64(max(0, min(Double(time - present) / speed, 5e7)))
    }
}
