import ArgumentParser
import Deck

private func described(
    _ name: String, _ abstract: String, _ discussion: String
) -> CommandConfiguration {
    CommandConfiguration(
        commandName: name, abstract: abstract,
        discussion: discussion + "\n" + ControlArguments.discussion)
}

struct PauseCommand: ParsableCommand {
    static let configuration = described(
        "pause", "Open no new positions; what reduces one is still accepted.",
        "Example: tapedeck pause momentum")

    @OptionGroup var chosen: ChosenStrategies
    @OptionGroup var control: ControlArguments
    func run() throws { try control.perform(ControlRequest(.pause, strategy: chosen.strategy)) }
}

struct ResumeCommand: ParsableCommand {
    static let configuration = described(
        "resume", "Undo a pause, and what a kill or a limit has disabled.",
        "Example: tapedeck resume --all")

    @OptionGroup var chosen: ChosenStrategies
    @OptionGroup var control: ControlArguments
    func run() throws { try control.perform(ControlRequest(.resume, strategy: chosen.strategy)) }
}

struct FlattenCommand: ParsableCommand {
    static let configuration = described(
        "flatten", "Cancel every order and close every position; trading goes on.",
        "Example: tapedeck flatten momentum")

    @OptionGroup var chosen: ChosenStrategies
    @OptionGroup var control: ControlArguments
    func run() throws { try control.perform(ControlRequest(.flatten, strategy: chosen.strategy)) }
}

struct KillCommand: ParsableCommand {
    static let configuration = described(
        "kill", "Flatten, and accept nothing any more until `resume`.",
        "Example: tapedeck kill --all")

    @OptionGroup var chosen: ChosenStrategies
    @OptionGroup var control: ControlArguments
    func run() throws { try control.perform(ControlRequest(.kill, strategy: chosen.strategy)) }
}

struct LoadCommand: ParsableCommand {
    static let configuration = described(
        "load", "Add a strategy that the configuration's file names and that is not played.",
        """
        The file is read as it is now. The strategy is shown as much of the past as its warm-up needs, at which it \
        cannot trade, and every event from the next one on.
        Example: tapedeck load momentum
        """)

    @Argument(help: "The strategy's name.") var strategy: String
    @OptionGroup var control: ControlArguments
    func run() throws { try control.perform(ControlRequest(.load, strategy: strategy)) }
}

struct UnloadCommand: ParsableCommand {
    static let configuration = described(
        "unload", "Take a strategy out of the run.",
        """
        Its orders are cancelled; its result is part of the run's. Refused while it holds positions.
        Examples:
          tapedeck flatten momentum && tapedeck unload momentum
          tapedeck unload momentum --with-positions
        """)

    @Argument(help: "The strategy's name.") var strategy: String
    @Flag(help: "Also where it holds positions: they end at their marks.") var withPositions = false
    @OptionGroup var control: ControlArguments

    func run() throws {
        var request = ControlRequest(.unload, strategy: strategy)
        request.withPositions = withPositions
        try control.perform(request)
    }
}

struct ReloadCommand: ParsableCommand {
    static let configuration = described(
        "reload",
        "Replace a strategy's module by what its file holds now; without a name, follow the configuration.",
        """
        The new module is checked and tried in a process of its own with the state of the one that runs, then takes \
        over between two events. When it fails at that, or in the 10,000 events after it, the old one goes on, and \
        no event is lost, repeated or reordered.
        Examples:
          tapedeck reload momentum
          tapedeck reload momentum --plugin build/momentum.so
          tapedeck reload
        """)

    @Argument(help: "The strategy's name; none for the whole configuration.") var strategy: String?
    @Option(help: ArgumentHelp("Another file with the same plug-in.", valueName: "file"))
    var plugin: String?
    @OptionGroup var control: ControlArguments

    func run() throws {
        var request = ControlRequest(.reload, strategy: strategy)
        request.plugin = plugin.map { $0.hasPrefix("/") ? $0 : Terminal.folder + "/" + $0 }
        try control.perform(request)
    }
}

struct RollbackCommand: ParsableCommand {
    static let configuration = described(
        "rollback", "Take the module back that a strategy had before its last reload.",
        "Possible while the new one is on probation. Example: tapedeck rollback momentum")

    @Argument(help: "The strategy's name.") var strategy: String
    @OptionGroup var control: ControlArguments
    func run() throws { try control.perform(ControlRequest(.rollback, strategy: strategy)) }
}

struct SetCommand: ParsableCommand {
    static let configuration = described(
        "set", "Change a live parameter of a strategy.",
        "`tapedeck plugin show` says which may change live. Example: tapedeck set momentum size 0.5"
    )

    @Argument(help: "The strategy's name.") var strategy: String
    @Argument(help: "The parameter's name.") var parameter: String
    @Argument(help: "Its new value.") var value: String
    @OptionGroup var control: ControlArguments

    func run() throws {
        var request = ControlRequest(.set, strategy: strategy)
        request.parameter = parameter
        request.value = value
        try control.perform(request)
    }
}

struct StopCommand: ParsableCommand {
    static let configuration = described(
        "stop", "End the run; its results are kept like those of any other.",
        "Example: tapedeck stop")

    @OptionGroup var control: ControlArguments
    func run() throws { try control.perform(ControlRequest(.stop)) }
}

struct StatusCommand: ParsableCommand {
    static let configuration = described(
        "status", "Show a running deck: where it is, and how its strategies stand.",
        "Example: tapedeck status --json")

    @OptionGroup var control: ControlArguments

    func run() throws {
        let status = try control.status()
        if control.json { return print(try JSONText.of(status)) }
        let terminal = Terminal()
        for line in StatusText(status, terminal).lines { print(line) }
    }
}

struct SlotsCommand: ParsableCommand {
    static let configuration = described(
        "slots",
        "Show every strategy of a running deck: its module, parameters, positions and probation.",
        "Example: tapedeck slots momentum")

    @Argument(help: "Only this one.") var strategy: String?
    @OptionGroup var control: ControlArguments

    func run() throws {
        let status = try control.status()
        let slots = status.slots.filter { strategy == nil || $0.name == strategy }
        if slots.isEmpty, let strategy {
            let names = status.slots.map(\.name).joined(separator: ", ")
            throw failed("there is no strategy \"\(strategy)\"; there are \(names)")
        }
        if control.json { return print(try JSONText.of(slots)) }
        let terminal = Terminal()
        for slot in slots { for line in SlotStatusText(slot, terminal).lines { print(line) } }
    }
}
