import Foundation
import Testing

/// Where a strategy runs is changed while it runs, as an operator changes it: in the file.
struct MovingCommandTests {
    let workshop: Workshop

    init() throws {
        workshop = Workshop()
        try FileManager.default.createDirectory(
            atPath: workshop.path("plugins"), withIntermediateDirectories: true)
        try workshop.tape(3_000)
    }

    private func install(_ defines: String...) throws {
        let path =
            switch defines.count {
            case 0: try Modules.recorder()
            case 1: try Modules.recorder(defines[0])
            default: try Modules.recorder(defines[0], defines[1])
            }
        try workshop.write(Data(contentsOf: URL(filePath: path)), "next")
        #expect(rename(workshop.path("next"), workshop.path("plugins/recorder.so")) == 0)
    }

    private func configure(_ more: String, every: Int = 400) throws {
        try workshop.write(
            """
            feed: { source: tape, path: AAA.tape }
            plugins: { folder: plugins }
            control: deck.sock
            strategies:
              - { name: a, plugin: org.tapedeck.test.recorder, timeframe: 1m, params: { every: \(every) }, \(more) }
              - { name: b, plugin: org.tapedeck.test.recorder, timeframe: 1m, isolation: worker }
            """, "deck.yaml")
    }

    private func command(_ arguments: String...) throws -> Program.Ending {
        try workshop.program.run(arguments + ["--control", "deck.sock"])
    }

    private func slot(_ name: String) throws -> [String: Any] {
        let ending = try workshop.program.run(["status", "--control", "deck.sock", "--json"])
        let status = try #require(
            JSONSerialization.jsonObject(with: Data(ending.output.utf8)) as? [String: Any],
            "\(ending)")
        let slots = try #require(status["slots"] as? [[String: Any]])
        return try #require(slots.first { $0["name"] as? String == name })
    }

    @Test func `a strategy goes from worker to sealed to host and back with its position`() throws {
        try install()
        try configure("isolation: worker")
        let run = try workshop.program.start(["run", "deck.yaml", "--stay", "--no-journal"])
        // The last order but one of 3,000 bars: it holds what it bought.
        #expect(run.waits(for: "2024-01-03 01:11:00  b"))
        let before = try slot("a")
        #expect((before["positions"] as? [Any])?.count == 1, "\(before)")
        for (from, to) in [("worker", "sealed"), ("sealed", "host"), ("host", "worker")] {
            try configure("isolation: \(to)")
            #expect(run.waits(for: "(\(to) instead of \(from)) took over from 1.0.0"))
            let after = try slot("a")
            #expect(after["isolation"] as? String == to)
            #expect((after["sandbox"] == nil) == (to == "host"))
            for key in ["equity", "cash", "fills", "orders", "events"] {
                #expect("\(after[key] ?? "")" == "\(before[key] ?? "")", "\(key) in \(to)")
            }
            let held = (after["positions"] as? [[String: Any]])?.first
            #expect(held?["quantity"] as? Int == 1 && held?["symbol"] as? String == "AAA")
        }
        let back = try command("rollback", "a")
        #expect(back.status == 0 && back.output.hasPrefix("a: 1.0.0 ("), "\(back)")
        #expect(try slot("a")["isolation"] as? String == "host")
        _ = try command("stop")
        let ending = run.end()
        #expect(ending.status == 0, "\(ending)")
        #expect(ending.output.contains("count 3000 last 2999"))
    }

    @Test func `other limits, company and faults' policy are followed by a strategy that runs`()
        throws
    {
        try install()
        try configure("isolation: worker")
        let run = try workshop.program.start(["run", "deck.yaml", "--stay", "--no-journal"])
        #expect(run.waits(for: "2024-01-03 01:11:00  b"))
        let process = try slot("a")["process"] as? Int
        try configure("isolation: worker, limits: { memory: 200MB }")
        #expect(run.waits(for: "took over from 1.0.0"))
        let next = try slot("a")["process"] as? Int
        #expect(next != nil && next != process)
        try configure("isolation: worker, limits: { memory: 200MB }, on_fault: { then: flatten }")
        #expect(run.waits(for: "on_fault is another"))
        #expect(try slot("a")["process"] as? Int == next)
        _ = try command("stop")
        #expect(run.end().status == 0)
    }

    @Test func `a reload tries again what died before it played`() throws {
        try install("DIES=1")
        try configure("isolation: worker")
        try workshop.write(
            String(
                decoding: Data(contentsOf: URL(filePath: workshop.path("deck.yaml"))), as: UTF8.self
            )
            .replacing(
                "name: b, plugin: org.tapedeck.test.recorder",
                with: "name: b, plugin: \(Modules.folder())/buy-and-hold.so"), "deck.yaml")
        let run = try workshop.program.start(["run", "deck.yaml", "--stay", "--no-journal"])
        #expect(run.waits(for: "  b  buy"))
        #expect((try slot("a")["fault"] as? String)?.hasPrefix("crash: ") == true)
        let vain = try command("reload", "a")
        #expect(vain.status == 1 && vain.errors.contains("is not fit to take over"), "\(vain)")
        // What comes into the folder is tried by itself.
        try install("VERSION=\"2.0.0\"")
        #expect(run.waits(for: "2.0.0"))
        #expect(run.waits(for: "took over from 1.0.0"))
        let slot = try slot("a")
        #expect(slot["state"] as? String == "running" && slot["fault"] as? String == nil)
        // What an operator has started stays when he has gone.
        try workshop.write(
            Data(contentsOf: URL(filePath: Modules.recorder("VERSION=\"3.0.0\""))), "third.so")
        let third = try command("reload", "a", "--plugin", "third.so")
        #expect(third.status == 0 && third.output.contains("3.0.0"), "\(third)")
        let set = try command("set", "a", "every", "77")
        #expect(set.status == 0 && set.output.hasPrefix("a: every is 77"), "\(set)")
        _ = try command("stop")
        #expect(run.end().status == 0)
    }
}
