import ArgumentParser
import StrategyHost

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Tell which walls this machine can put round a strategy.",
        discussion: """
            A strategy in a worker runs inside these layers; docs/ISOLATION.md says what each of them stops. \
            `sandbox: { require: [...] }` in a configuration refuses to run where one is missing. \
            Exit code 2 where one is.
            Examples:
              tapedeck doctor
              tapedeck doctor --json
            """)

    @Flag(help: "Answer as JSON.") var json = false

    private struct Answer: Encodable {
        struct Layer: Encodable {
            var layer: String
            var available: Bool
            var reason: String?
        }
        var worker: String?
        var layers: [Layer]
        var landlock_abi: Int
    }

    func run() throws {
        let report = SandboxReport.probe()
        let isWhole = WorkerProgram.path != nil && report.walls.allSatisfy(\.isInForce)
        if json {
            print(
                try JSONText.of(
                    Answer(
                        worker: WorkerProgram.path,
                        layers: report.walls.map {
                            Answer.Layer(
                                layer: $0.layer.rawValue, available: $0.isInForce, reason: $0.reason
                            )
                        }, landlock_abi: report.landlockABI)))
        } else {
            tell(report)
        }
        if !isWhole { throw problemsFound }
    }

    private func tell(_ report: SandboxReport) {
        let terminal = Terminal()
        func mark(_ isThere: Bool) -> String {
            terminal.styled(isThere ? "yes" : "no ", isThere ? .green : .red)
        }
        for wall in report.walls {
            let reason = wall.reason.map { " - \($0)" } ?? ""
            let name = wall.layer.rawValue.padded(to: 18)
            print("\(mark(wall.isInForce))  \(name) \(wall.layer.purpose)\(reason)")
        }
        let path = WorkerProgram.path
        print(
            "\(mark(path != nil))  \("worker".padded(to: 18)) \(path ?? "there is no \(WorkerProgram.name) beside this program")"
        )
        if report.landlockABI > 0 { print("     Landlock has ABI \(report.landlockABI)") }
    }
}
