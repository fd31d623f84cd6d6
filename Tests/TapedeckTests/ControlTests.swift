import Foundation
import Testing

/// A run is commanded as an operator commands it: through the built program and its socket.
struct ControlTests {
    let workshop: Workshop

    init() throws {
        workshop = Workshop()
        try FileManager.default.createDirectory(
            atPath: workshop.path("plugins"), withIntermediateDirectories: true)
        try workshop.write(
            Data(contentsOf: URL(filePath: Modules.recorder())), "plugins/recorder.so")
        try workshop.tape(3_000)
        try configure()
    }

    private func configure(
        _ strategies: [String] = ["a", "b"], every: Int = 50, more: String = "", feed: String = "",
        end: String = ""
    ) throws {
        try workshop.write(
            """
            feed: { source: tape, path: AAA.tape\(feed) }
            plugins: { folder: plugins }
            control: deck.sock
            defaults: { cash: 100000 USD, isolation: host }
            strategies:
            \(strategies.map { "  - { name: \($0), plugin: org.tapedeck.test.recorder, timeframe: 1m, params: { every: \(every) } \(more)}" }.joined(separator: "\n"))
            \(end)
            """, "deck.yaml")
    }

    /// A run that has played its tape and stays.
    private func start() throws -> Program.Running {
        let run = try workshop.program.start(["run", "deck.yaml", "--stay", "--no-journal"])
        // The last bar at which it trades: what comes is done at the end of the tape.
        #expect(run.waits(for: "2024-01-03 01:11:00  b"))
        return run
    }

    private func command(_ arguments: String...) throws -> Program.Ending {
        try workshop.program.run(arguments + ["--control", "deck.sock"])
    }

    /// The socket's path is the run's own; commands run in the same folder.
    private func json(_ arguments: String...) throws -> [String: Any] {
        let ending = try workshop.program.run(arguments + ["--control", "deck.sock", "--json"])
        return try #require(
            JSONSerialization.jsonObject(with: Data(ending.output.utf8)) as? [String: Any],
            "\(ending)")
    }

    @Test func `every command answers with what was done after which event`() throws {
        let run = try start()
        let status = try json("status")
        #expect(status["state"] as? String == "staying")
        #expect(
            (status["slots"] as? [[String: Any]])?.compactMap { $0["name"] as? String } == [
                "a", "b",
            ])
        for (arguments, text) in [
            (
                ["pause", "a"],
                "a: paused: no new positions, what reduces one is accepted, after event 2999"
            ),
            (["resume", "a"], "a: trading again, after event 2999"),
            (["set", "a", "every", "7"], "a: every is 7, after event 2999"),
            (
                ["flatten", "--all"],
                "2 strategies: every order cancelled, every position being closed, after event 2999"
            ),
            (
                ["kill", "b"],
                "b: flattened, and nothing is accepted any more; resume undoes it, after event 2999"
            ),
        ] {
            let ending = try workshop.program.run(arguments + ["--control", "deck.sock"])
            #expect(ending.status == 0 && ending.output == text + "\n", "\(ending)")
        }
        #expect(try command("slots", "b").output.hasPrefix("b  disabled\n"))
        #expect(try json("pause", "a")["event"] as? Int == 2999)
        #expect(try command("stop").status == 0)
        let ending = run.end()
        #expect(ending.status == 0, "\(ending)")
        #expect(!FileManager.default.fileExists(atPath: workshop.path("deck.sock")))
    }

    @Test
    func
        `a run that was commanded, and ended before its data, decides the same on its own recording`()
        throws
    {
        try configure(feed: ", record: mine.tape")
        let run = try workshop.program.start(["run", "deck.yaml", "--stay", "--speed", "20000x"])
        #expect(run.waits(for: "  b  buy"))
        for arguments in [["pause", "a"], ["flatten", "b"], ["resume", "a"], ["stop"]] {
            #expect(try workshop.program.run(arguments + ["--control", "deck.sock"]).status == 0)
        }
        #expect(run.end().output.contains("interrupted"))
        let parity = try workshop.tapedeck("verify", "parity", "1", "--tape", "mine.tape")
        #expect(parity.status == 0 && parity.output.contains("0 divergent of"), "\(parity)")
        #expect(!parity.output.contains("0 divergent of 0 "), "\(parity)")
        // Another run's recording is none of this one.
        let other = try workshop.tapedeck("verify", "parity", "1", "--tape", "AAA.tape")
        #expect(other.status == 2, "\(other)")
    }

    @Test func `what cannot be done says why`() throws {
        let run = try start()
        for (arguments, words) in [
            (["pause", "momentum"], "there is no strategy \"momentum\"; there are a, b"),
            (["set", "a", "evry", "7"], "evry: no such parameter; did you mean \"every\"?"),
            (
                ["set", "a", "strict", "false"],
                "strict: it cannot change while the strategy runs; restart it with"
            ),
            (["set", "a", "every", "1"], "every: 1 is below the least value, 2"),
            (
                ["rollback", "a"],
                "a has nothing to go back to: nothing was there before, or it has left"
            ),
            (["load", "a"], "there is already a strategy \"a\""),
            (["load", "momentum"], "deck.yaml has no strategy \"momentum\"; it has a, b"),
            (
                ["unload", "a"],
                "a holds AAA: flatten it first, or unload it with its positions (--with-positions)"
            ),
            (["reload", "a"], "a runs 1.0.0 ("),
            (["reload", "a", "--plugin", "/none.so"], "/none.so: there is no such file"),
        ] {
            let ending = try workshop.program.run(arguments + ["--control", "deck.sock"])
            #expect(
                ending.status == 1 && ending.errors.hasPrefix("tapedeck: " + words), "\(ending)")
        }
        _ = try command("stop")
        #expect(run.end().status == 0)
    }

    @Test(arguments: ["host", "worker"])
    func `with other parameters, of which its state knows nothing, it looks at the past instead`(
        isolation: String
    ) throws {
        func write(_ length: Int) throws {
            try workshop.write(
                """
                feed: { source: tape, path: AAA.tape }
                plugins: { folder: \(try Modules.folder()) }
                control: deck.sock
                strategies:
                  - { name: z, plugin: org.tapedeck.zscore, isolation: \(isolation), params: { length: \(length) } }
                """, "deck.yaml")
        }
        try write(20)
        let run = try workshop.program.start(["run", "deck.yaml", "--stay", "--no-journal"])
        #expect(run.waits(for: "  z  "))
        while try json("status")["state"] as? String != "staying" {}
        try write(33)
        #expect(run.waits(for: " took over from 1."), "\(run.end())")
        let slots = try command("slots", "z").output
        #expect(slots.contains(" length=33 "), "\(slots)")
        _ = try command("stop")
        let output = run.end().output
        #expect(output.contains("warmed up on 33 events of the past"), "\(output)")
    }

    @Test func `where no deck plays, a command says how to start one`() throws {
        let ending = try command("status")
        #expect(ending.status == 1)
        #expect(
            ending.errors.hasPrefix(
                "tapedeck: no deck is commanded at deck.sock; start one with `tapedeck run`"))
    }

    @Test func `a module that is replaced on disk takes over, however it is written`() throws {
        let run = try start()
        let file = workshop.path("plugins/recorder.so")
        let next = try Data(contentsOf: URL(filePath: Modules.recorder("VERSION=\"2.0.0\"")))
        // In place and in pieces: what is half there is no module.
        let handle = try #require(FileHandle(forWritingAtPath: file))
        try handle.truncate(atOffset: 0)
        for start in stride(from: 0, to: next.count, by: 4_000) {
            try handle.write(contentsOf: next[start..<min(next.count, start + 4_000)])
        }
        try handle.close()
        #expect(run.waits(for: "took over from 1.0.0", times: 2))
        // Renamed over it.
        try workshop.write(
            Data(contentsOf: URL(filePath: Modules.recorder("VERSION=\"3.0.0\""))), "next")
        #expect(rename(workshop.path("next"), file) == 0)
        #expect(run.waits(for: "took over from 2.0.0", times: 2))
        // A version that fails in its rehearsal changes nothing.
        try workshop.write(
            Data(contentsOf: URL(filePath: Modules.recorder("VERSION=\"4.0.0\"", "FAILS=2"))),
            "next")
        #expect(rename(workshop.path("next"), file) == 0)
        #expect(
            run.waits(
                for: "is not fit to take over: load failed with TD_E_FORMAT: no eyes", times: 2))
        #expect(try command("slots", "a").output.contains("org.tapedeck.test.recorder 3.0.0"))
        let back = try command("rollback", "b")
        #expect(back.output.hasPrefix("b: 3.0.0 ("), "\(back)")
        // One that nobody plays is told of in the plug-ins' folder, and is nobody's business beside
        // the configuration.
        try workshop.write(next, "stray.so")
        try workshop.write(next, "plugins/other.so")
        #expect(run.complains(of: "plugins/other.so: org.tapedeck.test.recorder 2.0.0 is there"))
        _ = try command("stop")
        let ending = run.end()
        #expect(ending.status == 0, "\(ending)")
        #expect(ending.output.contains("count 3000 last 2999"))
        #expect(!(ending.output + ending.errors).contains("stray.so"), "\(ending)")
    }

    @Test func `a changed configuration is followed where it differs, and a bad one is not`() throws
    {
        let run = try start()
        try configure(["a", "c"], every: 40)
        #expect(run.waits(for: "of org.tapedeck.test.recorder is loaded"))
        #expect(run.waits(for: "every is 40"))
        let names = try json("status")["slots"] as? [[String: Any]]
        // It holds something, or it is gone.
        #expect(names?.compactMap { $0["name"] as? String }.contains("c") == true)
        try configure(["a", "c"], every: 40, end: "limits: { max_drawdown: 10% }")
        #expect(run.waits(for: "what is new in limits counts in the next run"))
        try configure(["a", "c"], every: 40, more: ", cahs: 5 ")
        #expect(run.waits(for: "nothing is changed: deck.yaml:6:"))
        try workshop.write("feed: [", "deck.yaml")
        #expect(run.waits(for: "nothing is changed: deck.yaml:2:"))
        _ = try command("stop")
        #expect(run.end().status == 0)
    }
}
