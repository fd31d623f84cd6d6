import CTapedeck
import Feeds
import Market
import Testing

@Suite struct ReplayTests {
    @Test(arguments: [
        ("max", ReplaySpeed.maximum), ("live", .times(1)), ("60x", .times(60)), ("0.5x", .times(0.5)),
    ])
    func `a speed is read and written`(text: String, speed: ReplaySpeed) {
        #expect(ReplaySpeed(text) == speed)
        #expect(speed.description == text)
    }

    @Test(arguments: ["", "x", "0x", "-1x", "fast", "60", "1e99x", "nanx"])
    func `what is no speed is nil`(text: String) { #expect(ReplaySpeed(text) == nil) }

    private let events = [1, 2, 2, 5, 605].map { TapeSamples.bar($0) }

    private func admitted(_ schedule: inout ReplaySchedule, _ now: Int64, from start: Int = 0) -> (Int, Int64?) {
        events[start...].withUnsafeBufferPointer { schedule.admit($0, now: now) }
    }

    @Test func `sixty times as fast, a minute takes a second`() {
        var schedule = ReplaySchedule(.times(60), start: 1000)
        let second: Int64 = 1_000_000_000
        #expect(admitted(&schedule, 999) == (0, 1000))
        #expect(admitted(&schedule, 1000) == (1, 1000 + second))
        #expect(admitted(&schedule, 1000 + second, from: 1) == (2, 1000 + 4 * second))
        // Whoever comes late gets what is overdue at once.
        #expect(admitted(&schedule, 1000 + 700 * second, from: 3) == (2, nil))
    }

    @Test func `a pause is no longer than allowed`() {
        let second: Int64 = 1_000_000_000
        var schedule = ReplaySchedule(.times(1), start: 0, longestPause: 30 * second)
        #expect(admitted(&schedule, 0) == (1, 30 * second))
        #expect(admitted(&schedule, 60 * second, from: 1) == (3, 90 * second))
    }

    @Test func `at full speed nothing is waited for`() {
        var schedule = ReplaySchedule(.maximum, start: 1 << 60)
        #expect(admitted(&schedule, 0) == (5, nil))
    }

    @Test func `times far apart do not overflow`() {
        var schedule = ReplaySchedule(.times(1e-9), start: .max - 5)
        var far = [TapeSamples.bar(0), TapeSamples.bar(0)]
        far[0].time = .min
        far[1].time = .max
        let (count, next) = far.withUnsafeBufferPointer { schedule.admit($0, now: .max - 5) }
        #expect(count == 1)
        #expect(next == .max)
    }

    @Test func `a wait ends at its moment, or at an interrupt`() throws {
        let clock = try ReplayClock()
        let start = clock.now
        #expect(clock.wait(until: start - 1))
        #expect(clock.wait(until: start + 2_000_000))
        #expect(clock.now >= start + 2_000_000)
        clock.interrupt()
        #expect(!clock.wait(until: .max))
        #expect(!clock.wait(until: .max))
        clock.reset()
        #expect(clock.wait(until: clock.now))
    }
}
