import Glibc
import Market

/// Every check of one plug-in file, each that runs its code in a process of its own, a few at once.
package struct PluginCheck: Sendable {
    /// The program that answers to `plugin trial`.
    package var executable = "/proc/self/exe"
    package var seed: UInt64 = 1
    /// Processes at once.
    package var lanes = 2
    /// Of wall time for one check.
    package var seconds = 20.0
    /// Which checks; what they rest on is tried as well.
    package var wanted: @Sendable (Check) -> Bool = { _ in true }

    package init() {}

    /// - Parameter progress: told after each check: how many are done, of how many.
    /// - Throws: when there is no file to check.
    package func run(
        _ path: String, progress: (Int, Int) -> Void = { _, _ in }
    ) throws(PluginRefusal) -> CheckReport {
        let began = CheckProcess.now
        let bytes = try FileContents.read(path).bytes
        let digest = SHA256.hash(bytes)
        let file = CheckedFile(bytes: bytes, path: path, digest: digest)
        let sealed = try SealedFile(bytes: bytes, name: "tapedeck-check", file: path)
        var results: [String: CheckOutcome] = [:]
        var values: [String: String] = [:]
        let checks = Check.all.filter { wanted($0) || Self.grounds.contains($0.id) }
        func note(_ check: Check, _ outcome: CheckOutcome) {
            results[check.id] = outcome
            progress(results.count, checks.count)
        }
        for check in checks { if case .reads(let body) = check.body { note(check, body(file)) } }
        // What the rest stands on comes first, and alone.
        for ground in [Check.Ground.file, .opens, .lives] {
            let round = checks.filter { check in
                if case .reads = check.body { return false }
                return check.ground == ground
            }
            let (foundations, others) = (
                round.filter { Self.grounds.contains($0.id) },
                round.filter { !Self.grounds.contains($0.id) }
            )
            for part in [foundations, others] {
                if let missing = Self.missing(ground, file, results) {
                    part.forEach { note($0, .skip(missing)) }
                } else {
                    tryAll(part, sealed, digest, note) { values[$0.id] = $1 }
                }
            }
        }
        for check in checks {
            guard let peer = check.peer, results[check.id]?.verdict == .pass,
                let own = values[check.id],
                let other = values[peer], own != other
            else { continue }
            results[check.id] = .fail(
                "it comes to \(own.prefix(12)), and \(peer) to \(other.prefix(12))")
        }
        return CheckReport(
            file: file, sha256: digest, seed: seed, seconds: CheckProcess.now - began,
            results: checks.filter { wanted($0) || results[$0.id]?.verdict == .fail }.map { check in
                CheckReport.Result(
                    check: check, outcome: results[check.id] ?? .skip("it was not reached"))
            })
    }

    /// The checks that others rest on.
    private static let grounds = ["load.opens", "contract.life"]

    private static func missing(
        _ ground: Check.Ground, _ file: CheckedFile, _ results: [String: CheckOutcome]
    ) -> String? {
        if file.plugin == nil { return "the file is no plug-in that can be opened" }
        if ground != .file, results["load.opens"]?.verdict == .fail {
            return "it cannot be opened (load.opens)"
        }
        if ground == .lives, results["contract.life"]?.verdict == .fail {
            return "it does not live through an ordinary run (contract.life)"
        }
        return nil
    }

    /// Tries checks, `lanes` processes at a time.
    private func tryAll(
        _ checks: [Check], _ sealed: SealedFile, _ digest: SHA256.Digest,
        _ note: (Check, CheckOutcome) -> Void,
        _ keep: (Check, String) -> Void
    ) {
        var waiting = checks.flatMap { check in (0..<check.processes).map { (check, $0) } }
        waiting.reverse()
        var running: [CheckProcess] = []
        var found: [String: [(outcome: CheckOutcome, value: String?)]] = [:]
        func end(_ check: Check, _ result: (CheckOutcome, String?)) {
            found[check.id, default: []].append(result)
            if let value = result.1 { keep(check, value) }
            if found[check.id]?.count == check.processes {
                note(check, Self.merged(found[check.id] ?? []))
            }
        }
        while !waiting.isEmpty || !running.isEmpty {
            while running.count < max(1, lanes), let (check, number) = waiting.popLast() {
                do throws(CheckOutcome) {
                    running.append(
                        try CheckProcess(
                            check, number: number, executable: executable,
                            descriptor: sealed.descriptor,
                            digest: digest, seed: seed, seconds: seconds))
                } catch {
                    end(check, (error, nil))
                }
            }
            Self.await(running)
            for index in running.indices.reversed() where running[index].advance() {
                var process = running.remove(at: index)
                end(process.check, process.finish())
            }
        }
    }

    /// What several processes of one check came to: the worst, or that they differ.
    private static func merged(_ results: [(outcome: CheckOutcome, value: String?)]) -> CheckOutcome
    {
        let order: [CheckOutcome.Verdict] = [.fail, .skip, .remark]
        for verdict in order {
            if let found = results.first(where: { $0.outcome.verdict == verdict }) {
                return found.outcome
            }
        }
        let values = results.compactMap(\.value)
        if let first = values.first, let other = values.first(where: { $0 != first }) {
            return .fail("one process came to \(first.prefix(60)), another to \(other.prefix(60))")
        }
        return results.first?.outcome ?? .pass
    }

    /// Until one of them has something to say, or has had its time.
    private static func await(_ processes: [CheckProcess]) {
        guard !processes.isEmpty else { return }
        let left = (processes.map(\.deadline).min() ?? 0) - CheckProcess.now
        var entries = processes.map { pollfd(fd: $0.report, events: Int16(POLLIN), revents: 0) }
        _ = unsafe poll(
            &entries, nfds_t(entries.count), Int32(max(1, min(left * 1000 + 1, 60_000))))
    }
}
