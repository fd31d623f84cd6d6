import CTapedeck
import Kernel
import Testing

@testable import StrategyHost

@Suite struct BreachTests {
    static func play(_ how: String, slice: Int = 1024) throws -> Outcome {
        let image = try PluginStore(probe: nil).open(
            Fixture.module("breaches.c", flags: ["-pthread"]))
        let runner = try Stage.runner(image, ["how": how]) { $0.longestSlice = slice }
        return Stage.play(runner, try TestTape.rising(40))
    }

    @Test(arguments: [
        ("fails", "on_events failed at event 10 with TD_E_INTERNAL: the model is gone"),
        ("fails_wordless", "on_events failed at event 10 with TD_E_PANIC"),
        (
            "consumes_nothing",
            "on_events broke the contract at event 2: it returned without having consumed an event"
        ),
        (
            "consumes_too_many",
            "on_events broke the contract at event 17: it says that it consumed more events than it was given"
        ),
        (
            "goes_on",
            "on_events broke the contract at event 10: it went on to further events after it had acted at one"
        ),
        ("goes_back", "on_events broke the contract at event 10: consumed went backwards"),
        (
            "calls_early",
            "on_events broke the contract at event 10: it called the host before it set consumed for an event"
        ),
        ("start_fails", "start failed with TD_E_INVALID: not today"),
        ("stop_fails", "stop failed with TD_E_INTERNAL: cannot let go"),
    ]) func `a strategy that fails is stopped with its words and its event`(
        how: String, text: String
    ) throws {
        let outcome = try Self.play(how)
        #expect(outcome.fault?.description == text)
    }

    @Test func `words that are no text are made safe and bounded`() throws {
        let fault = try #require(try Self.play("fails_loudly").fault)
        #expect(fault.cause == .answered(td_status(TD_E_INVALID)))
        #expect(fault.text == String(repeating: "\u{FFFD}", count: 248))
    }

    @Test func `a strategy that is done is called no more, and that is no fault`() throws {
        let outcome = try Self.play("done")
        #expect(outcome.fault == nil)
        #expect(outcome.standing == "stopped")
    }

    @Test func `an act after a breach is refused`() throws {
        #expect(try Self.play("goes_on").orders.count == 2)
        #expect(try Self.play("calls_early").plotted("answer") == [])
        #expect(try Self.play("calls_early").orders.isEmpty)
    }

    @Test func `answering each refusal with a new order ends after 1024 acts`() throws {
        let outcome = try Self.play("never_ends")
        #expect(outcome.fault == nil)
        #expect(outcome.plotted("refused").count == 1024)
        #expect(outcome.orders.count == 1024)
    }

    @Test func `calls from another thread are refused, the log excepted`() throws {
        let outcome = try Self.play("foreign_thread")
        #expect(outcome.fault == nil)
        let refused = Double(TD_E_THREAD)
        #expect(
            outcome.plotted("answer") == [
                refused, refused, refused, refused, refused, refused, 1, 1,
            ])
        #expect(outcome.log == ["from another thread"])
        #expect(outcome.orders.isEmpty)
    }

    @Test func `a faulted strategy's portfolio goes on`() throws {
        let image = try PluginStore(probe: nil).open(
            Fixture.module("breaches.c", flags: ["-pthread"]))
        let runner = try Stage.runner(image, ["how": "goes_on"])
        let tape = try TestTape.rising(40)
        let outcome = Stage.play(runner, tape)
        // Bought at event 10, filled at the open of event 11, marked to the last close.
        #expect(outcome.fills.map(\.sequence) == [11])
        #expect(runner.portfolio.position(of: 0).mark == 139)
    }

    @Test func `a wrong argument or moment is refused with a status`() throws {
        let image = try PluginStore(probe: nil).open(Fixture.module("asks.c"))
        let outcome = Stage.play(try Stage.runner(image), try TestTape.rising(20))
        #expect(outcome.fault == nil)
        let invalid = Double(TD_E_INVALID)
        let answers: [(String, [Double])] = [
            ("no order", [invalid]), ("short order", [invalid]), ("no account", [invalid]),
            ("short account", [invalid]), ("newer position", [0]), ("its size", [56]),
            ("its tail", [7]),
            ("foreign position", [invalid]), ("unknown position", [invalid]),
            ("foreign instrument", [invalid]),
            ("no history kept", [Double(TD_E_LIMIT)]), ("foreign history", [invalid]),
            ("other time frame", [invalid]),
            ("no count", [invalid]), ("forecast 1.1", [invalid]), ("forecast nan", [invalid]),
            ("confidence -1", [invalid]), ("foreign forecast", [invalid]), ("no name", [invalid]),
            ("null name", [invalid]), ("bad name", [invalid]), ("infinite", [invalid]),
            ("no context", [invalid]),
            ("early timer", [invalid]),
            ("nan order", [Double(TD_E_REJECTED)]), ("foreign order", [Double(TD_E_REJECTED)]),
            ("unknown order", [Double(TD_E_REJECTED)]), ("odd type", [Double(TD_E_REJECTED)]),
            ("no number", [0]),
            (
                "reason",
                [
                    Double(TD_REASON_NOT_FINITE), Double(TD_REASON_UNKNOWN_INSTRUMENT),
                    Double(TD_REASON_UNKNOWN_INSTRUMENT), Double(TD_REASON_BAD_TYPE),
                ]
            ),
        ]
        for (name, expected) in answers { #expect(outcome.plotted(name) == expected, "\(name)") }
        #expect(outcome.plotted("cancel unknown").allSatisfy { $0 < 0 })
        #expect(outcome.plotted("replace unknown").allSatisfy { $0 < 0 })
        #expect(outcome.plotted("its number").allSatisfy { $0 > 0 })
        #expect(outcome.signals.isEmpty)
    }
}
