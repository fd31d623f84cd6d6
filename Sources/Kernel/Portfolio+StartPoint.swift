package import Market

/// All of a portfolio that a strategy can change before it is handed an event: its chance and its
/// timers.
package struct StartPoint: Sendable {
    let numbers: Xoshiro256StarStar
    let timers: Timers
}

extension Portfolio {
    /// How far the numbers are that its strategy draws. A strategy in another process draws them
    /// there.
    package var chance: Xoshiro256StarStar {
        get { numbers }
        set { numbers = newValue }
    }

    /// Put back, it undoes what a strategy did that was started and did not take over.
    package var startPoint: StartPoint {
        get { StartPoint(numbers: numbers, timers: timers) }
        set {
            numbers = newValue.numbers
            timers = newValue.timers
            settle()
        }
    }
}
