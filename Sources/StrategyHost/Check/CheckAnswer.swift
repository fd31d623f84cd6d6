import CLinux
import Glibc
import Market

/// The trying process's side: one check of one plug-in, and nothing after it.
package enum CheckAnswer {
    /// Does the check `id` on the file at `path`, and writes what it comes to into the descriptor
    /// `report`.
    /// - Returns: the exit status.
    package static func serve(
        path: String, digest: String, report: Int32, id: String, seed: UInt64, process: Int
    ) -> Int32 {
        linux_end_with_parent()
        guard let check = Check.named(id), case .tries(let body) = check.body else { return 2 }
        limitResources(check)
        let outcome = attempt(
            check, body, path: path, digest: SHA256.Digest(digest), report: report, seed: seed,
            process: process)
        write(.outcome(outcome), to: report)
        // Most modules have done enough by now; one check wants to see the ordinary end.
        if check.id == "unload.exit" { exit(0) }
        _exit(0)
    }

    private static func attempt(
        _ check: Check, _ body: (TrialBench) throws(CheckOutcome) -> CheckOutcome, path: String,
        digest: SHA256.Digest?,
        report: Int32, seed: UInt64, process: Int
    ) -> CheckOutcome {
        do throws(CheckOutcome) {
            let (file, bytes) = try read(path, digest)
            let isWatched =
                !check.isInWorker
                && TrialSeal.begin(report: report, key: SystemRandomNumberGenerator.word())
            let bench = try TrialBench(
                file, bytes, seed: seed, process: process, report: report, isWatched: isWatched)
            return try body(bench)
        } catch {
            return error
        }
    }

    private static func read(
        _ path: String, _ digest: SHA256.Digest?
    ) throws(CheckOutcome) -> (PluginFile, [UInt8]) {
        do throws(PluginRefusal) {
            let bytes = try FileContents.read(path).bytes
            return (try PluginFile(bytes: bytes, path: path, known: digest), bytes)
        } catch {
            throw .skip(error.what)
        }
    }

    private static func write(_ line: CheckLine, to report: Int32) {
        let bytes = Array((line.text + "\n").utf8)
        // A parent that does not listen any more needs no answer.
        _ = unsafe Glibc.write(report, bytes, bytes.count)
    }

    /// Seconds of processor time; more is a loop.
    static let processorSeconds = 5
    /// Bytes that it may have of its own: a bomb goes off in here.
    static let memory = 384 << 20

    private static func limitResources(_ check: Check) {
        for (resource, limit) in [
            (RLIMIT_CORE, 0), (RLIMIT_CPU, processorSeconds), (RLIMIT_DATA, memory),
            (RLIMIT_NOFILE, 128),
            (RLIMIT_STACK, 8 << 20),
            // What a worker shares with this process is as large as the largest state.
            (RLIMIT_FSIZE, check.isInWorker ? 8 << 30 : FileContents.largest),
        ] {
            var limits = rlimit(rlim_cur: rlim_t(limit), rlim_max: rlim_t(limit))
            unsafe setrlimit(Int32(resource.rawValue), &limits)
        }
    }
}

extension SystemRandomNumberGenerator {
    /// For what must not be guessed; never for what a strategy is given.
    fileprivate static func word() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }
}
