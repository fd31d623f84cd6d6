import CLinux
import Glibc

/// It leaves as it came.
enum UnloadChecks {
    static let all: [Check] = [
        .tries(
            "unload.image-gone", "leaves the process, proven",
            why:
                "dlclose says yes to everything. Only when the loader no longer lists it, no mapping is left, and its "
                + "path is unknown, is it gone.",
            advice: "see static.pinned; leave no thread, handler or thread-local object behind"
        ) { bench throws(CheckOutcome) in
            let image = try lived(bench)
            let (report, _) = ImageDeparture.close(image, expecting: nil)
            switch (report.outcome, bench.manifest.unload) {
            case (.gone, .clean): return .pass("proven gone")
            case (.gone, let claim):
                return .remark("it leaves cleanly, and says \"unload\": \"\(claim.rawValue)\"")
            case (.pinned(let reasons), .clean):
                return .fail("it stays: \(reasons.joined(separator: "; "))")
            case (.pinned, let claim): return .pass("stays, as it says (\(claim.rawValue))")
            case (.inUse, _): return .fail("an instance is still in use")
            }
        },
        leaving(
            "unload.threads", "leaves no thread", .threads,
            "A thread that runs on after its code is gone is a crash."),
        leaving(
            "unload.descriptors", "leaves no descriptor", .descriptors,
            "After a hundred reloads the host can open nothing any more."),
        leaving(
            "unload.handlers", "leaves no signal handler", .handlers,
            "The next signal would jump into memory that is no longer there."),
        leaving(
            "unload.process", "leaves everything else of the process as it was", .process,
            "Folder, umask and limits are the host's."),
        leaving(
            "unload.environment", "leaves environment and locale as they were", .environment,
            "They are the host's, and everybody's."),
        leaving(
            "unload.numbers", "leaves the rounding of numbers as it was", .numbers,
            "Every result of every other strategy would be another one."),
        .tries(
            "unload.thread-end", "threads that used it can end after it has left",
            why:
                "Destructors of thread locals run when a thread ends; if their code is gone, the process crashes.",
            advice: "use no thread_local objects with destructors, no pthread keys with destructors"
        ) { bench throws(CheckOutcome) in
            if bench.manifest.unload != .clean {
                return .skip("it does not claim to leave the process")
            }
            var outcome = CheckOutcome.pass
            TrialThread.run {
                do throws(CheckOutcome) {
                    let image = try lived(bench)
                    let (report, _) = ImageDeparture.close(image, expecting: nil)
                    if case .pinned(let reasons) = report.outcome {
                        outcome = .fail("it stays: \(reasons.joined(separator: "; "))")
                    }
                    bench.say(place: "when the thread that used it ended")
                } catch {
                    outcome = error
                }
            }
            return outcome
        },
        .tries(
            "unload.exit", "the process can end after it has left",
            why: "What it registered to be called at the end is called then, in code that is gone.",
            advice: "use no atexit"
        ) { bench throws(CheckOutcome) in
            if bench.manifest.unload != .clean {
                return .skip("it does not claim to leave the process")
            }
            let image = try lived(bench)
            _ = ImageDeparture.close(image, expecting: nil)
            bench.say(place: "at the end of the process")
            return .pass
        },
        .tries(
            "unload.cycles", "thirty loads leave no more memory behind than three",
            why:
                "A strategy under development is reloaded a hundred times a day. What its instances keep is told by "
                + "contract.instance-memory; a language's runtime that comes with the library may keep a little.",
            advice: "leave nothing to statics; Embedded Swift, C and C++ can leave nothing behind"
        ) { bench throws(CheckOutcome) in
            if bench.manifest.unload != .clean {
                return .skip("it does not claim to leave the process")
            }
            var sizes: [(mappings: Int, bytes: Int)] = []
            for _ in 0..<30 {
                let image = try lived(bench)
                let (report, _) = ImageDeparture.close(image, expecting: nil)
                guard report.isGone else { throw .fail(report.description) }
                let memory = linux_allocated()
                sizes.append(
                    (MemoryMap.lines("", or: 0..<0).count, Int(memory.used + memory.mapped)))
            }
            let growth = sizes[29].bytes - sizes[2].bytes
            if sizes[29].mappings > sizes[2].mappings + 3 {
                return .fail(
                    "\(sizes[29].mappings - sizes[2].mappings) mappings more after 27 lives")
            }
            let words = "it leaves about \(growth / 27) bytes behind each time"
            if growth <= 27 * 512 { return .pass }
            return growth <= 27 * 4096 ? .remark(words) : .fail(words)
        },
    ]

    /// The image after one short life, closed by nobody yet.
    private static func lived(_ bench: TrialBench) throws(CheckOutcome) -> PluginImage {
        let image = try bench.open()
        try bench.live(image, bench.tape(steps: 60))
        bench.say(place: "while it was being closed")
        return image
    }

    private static func leaving(
        _ id: String, _ title: String, _ aspect: ProcessState.Aspect, _ why: String
    ) -> Check {
        .tries(id, title, why: why, advice: "undo in destroy what create and the rest did") {
            bench throws(CheckOutcome) in
            let before = ProcessState.now
            let image = try lived(bench)
            let changes = ProcessState.now.changes(since: before).filter { $0.aspect == aspect }
            // Closing what still runs or is still called would only crash this process.
            if !changes.isEmpty { return .fail(changes.map(\.words).joined(separator: "; ")) }
            if bench.manifest.unload == .clean { _ = ImageDeparture.close(image, expecting: nil) }
            let after = ProcessState.now.changes(since: before).filter { $0.aspect == aspect }
            return after.isEmpty ? .pass : .fail(after.map(\.words).joined(separator: "; "))
        }
    }
}
