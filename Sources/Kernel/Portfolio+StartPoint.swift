import Market

/// All of a portfolio that a strategy can change before it is handed an event: its chance and its timers.
package struct StartPoint: Sendable {
    let numbers: Xoshiro256StarStar
    let timers: Timers
}

extension Portfolio {
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
