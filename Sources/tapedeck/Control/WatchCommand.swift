import ArgumentParser
import Deck
import Glibc

struct WatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Watch a running deck: its status, again and again.",
        discussion: """
            On a terminal it is drawn in its place twice a second until Ctrl-C, or until the run ends. Elsewhere, and \
            with --json, every change is a line of its own.
            \(ControlArguments.discussion)
            Example: tapedeck watch --seconds 2
            """)

    @Option(help: "Seconds between two looks.") var seconds = 0.5
    @OptionGroup var control: ControlArguments

    func validate() throws {
        guard seconds >= 0.05, seconds <= 3600 else {
            throw ValidationError("--seconds takes 0.05 to 3600")
        }
    }

    func run() throws {
        Interruption.expect()
        let client = try control.connect()
        let terminal = Terminal()
        let isDrawn = terminal.writesToTerminal && !control.json
        if isDrawn { emit("\u{1B}[?25l\u{1B}[2J") }
        defer { if isDrawn { emit("\u{1B}[?25h\n") } }
        var last: DeckStatus?
        while !Interruption.hasCome {
            let status: DeckStatus
            do {
                guard let found = try client.ask(ControlRequest(.status)).status else { return }
                status = found
            } catch {
                if last == nil { throw failed(error) }
                printError("the run has ended")
                return
            }
            if isDrawn { draw(status, terminal) } else if status != last { try write(status) }
            last = status
            pause()
        }
    }

    /// From the upper left corner, each line to its end, and nothing below.
    private func draw(_ status: DeckStatus, _ terminal: Terminal) {
        let size = Terminal.size
        let lines = StatusText(status, terminal).lines.prefix(max(1, size.rows - 1)).map {
            $0.cut(to: size.columns)
        }
        emit("\u{1B}[H" + lines.map { $0 + "\u{1B}[K" }.joined(separator: "\r\n") + "\u{1B}[J")
    }

    private func write(_ status: DeckStatus) throws {
        if control.json {
            print(try JSONText.compact(status))
        } else {
            let slots = status.slots.map {
                "\($0.name) \($0.state) \(FigureText.money($0.equity)) \($0.currency)"
            }
            print(
                "\(status.time)  event \(status.event)  \(status.state)  "
                    + slots.joined(separator: "  "))
        }
        fflush(nil)
    }

    private func pause() {
        // Ended early by Ctrl-C.
        _ = poll(nil, 0, Int32(seconds * 1000))
    }

    private func emit(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            // The bytes are borrowed for the call; a terminal that is gone ends the command by a
            // signal.
            _ = unsafe Glibc.write(STDOUT_FILENO, bytes.baseAddress, bytes.count)
        }
    }
}

extension String {
    /// At most `width` characters on the screen; colour codes take none, and end with the line.
    fileprivate func cut(to width: Int) -> String {
        guard seenWidth > width else { return self }
        var (out, seen, isInCode) = ("", 0, false)
        for character in self {
            if isInCode {
                isInCode = character != "m"
            } else if character == "\u{1B}" {
                isInCode = true
            } else {
                guard seen < width else { break }
                seen += 1
            }
            out.append(character)
        }
        return out + "\u{1B}[0m"
    }
}

extension Terminal {
    /// As it is now: it may have been resized.
    static var size: (columns: Int, rows: Int) {
        var size = winsize()
        // The kernel fills the struct that lives on this stack.
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0,
            size.ws_row > 0
        else {
            return (100, 40)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Where the command was called.
    static var folder: String {
        guard let path = unsafe getcwd(nil, 0) else { return "." }
        defer { unsafe free(path) }
        return unsafe String(cString: path)
    }
}
