import CTapedeck
import Glibc

/// What happens when the module is opened and closed, before any instance is made.
enum LoadChecks {
    static let all: [Check] = [
        .tries(
            "load.opens", "opens, and offers a whole table of functions",
            why:
                "Its constructors run, its names are bound, and its table is checked: sizes, versions, and that every "
                + "function lies in its own code.",
            advice: "see what it says; plugin show tells what the file holds", ground: .file
        ) { bench throws(CheckOutcome) in
            _ = try bench.open()
            return .pass
        },
        .tries(
            "load.entry", "its entry is pure: the same table every time, on every thread",
            why:
                "The host may ask more than once and from any thread, and keeps what it was answered.",
            advice: "return the address of one static const table", ground: .opens
        ) { bench throws(CheckOutcome) in
            let image = try bench.open()
            typealias Entry = @convention(c) () -> UnsafePointer<td_plugin>?
            guard let address = unsafe dlsym(image.handle, "tapedeck_plugin_v1") else {
                throw .fail("no entry")
            }
            // Checked when it was opened: a function of the image with this signature.
            let entry = unsafe unsafeBitCast(address, to: Entry.self)
            var different = 0
            let before = ProcessThreads.count
            for _ in 0..<3 {
                TrialThread.run { if unsafe entry() != image.table { different += 1 } }
            }
            for _ in 0..<3 { if unsafe entry() != image.table { different += 1 } }
            if different > 0 {
                return .fail(
                    "tapedeck_plugin_v1 answered with another table \(different) times of 6")
            }
            return ProcessThreads.count > before
                ? .fail("tapedeck_plugin_v1 started a thread") : .pass
        },
        opening(
            "load.threads", "starts no thread", .threads,
            "A thread of a constructor runs before anybody has agreed to it, and outlives the library."
        ),
        opening(
            "load.descriptors", "opens and closes no descriptor", .descriptors,
            "What a constructor opens nobody closes; what it closes belonged to the host."),
        opening(
            "load.handlers", "leaves signals alone", .handlers,
            "A handler inside a library that has left is a crash at the next signal."),
        opening(
            "load.environment", "leaves environment and locale alone", .environment,
            "They are the whole process's: a locale with a decimal comma breaks everybody's numbers."
        ),
        opening(
            "load.process", "leaves folder, umask and limits alone", .process,
            "They are the whole process's."),
        opening(
            "load.numbers", "leaves the rounding of numbers alone", .numbers,
            "Code built with -ffast-math switches the treatment of the smallest numbers for the whole thread, and "
                + "every result after it is another one."),
        .tries(
            "load.system-calls", "asks the system for nothing",
            why:
                "Constructors run before anybody could object; they may set up their own memory and nothing else.",
            advice: "do it in create, and only what needs of the manifest covers", ground: .opens
        ) { bench throws(CheckOutcome) in
            try bench.watched()
            _ = try bench.open()
            let asked = TrialSeal.takeAsked()
            return asked.isEmpty
                ? .pass : .fail("a constructor asked the system for \(FileChecks.list(asked))")
        },
        .tries(
            "load.again", "opens and closes ten times",
            why: "A reload opens the new file while the old one is still there, again and again.",
            advice: "let constructors only set up what the image itself holds", ground: .opens
        ) { bench throws(CheckOutcome) in
            if bench.manifest.unload != .clean {
                return .skip("it does not claim to leave the process")
            }
            for round in 1...10 {
                let image = try bench.open()
                bench.say(place: "while it was being closed for the \(round). time")
                let (report, _) = ImageDeparture.close(image, expecting: nil)
                if case .pinned(let reasons) = report.outcome {
                    throw .fail("after time \(round) it stays: \(reasons.joined(separator: "; "))")
                }
            }
            return .pass
        },
    ]

    private static func opening(
        _ id: String, _ title: String, _ aspect: ProcessState.Aspect, _ why: String
    ) -> Check {
        .tries(
            id, title, why: why,
            advice: "look at its constructors (C++: objects outside of functions)", ground: .opens
        ) { bench throws(CheckOutcome) in
            let before = ProcessState.now
            _ = try bench.open()
            let changes = ProcessState.now.changes(since: before).filter { $0.aspect == aspect }
            return changes.isEmpty ? .pass : .fail(changes.map(\.words).joined(separator: "; "))
        }
    }
}
