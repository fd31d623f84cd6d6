import Glibc

/// Where a command writes, and what that place can show.
struct Terminal {
    /// Standard output is a terminal and colours are wanted (`NO_COLOR` unset, `TERM` not `dumb`).
    let hasColour: Bool
    /// Standard error is a terminal: progress may be drawn there.
    let showsProgress: Bool
    /// Standard output is a terminal.
    let writesToTerminal: Bool
    let width: Int

    init(_ environment: (String) -> String? = Terminal.variable) {
        let isDumb = environment("TERM") == "dumb"
        let noColour = environment("NO_COLOR").map { !$0.isEmpty } ?? false
        writesToTerminal = isatty(STDOUT_FILENO) == 1
        hasColour = writesToTerminal && !noColour && !isDumb
        showsProgress = isatty(STDERR_FILENO) == 1 && !isDumb
        var size = winsize()
        // The kernel fills the struct that lives on this stack.
        let answered = unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0
        // Where nobody looks at it, as wide as is asked for.
        width =
            answered && size.ws_col > 0
            ? Int(size.ws_col) : environment("COLUMNS").flatMap { Int($0) } ?? 100
    }

    /// How wide a table may be: as the terminal, but never so narrow that nothing fits.
    var tableWidth: Int { max(60, width) }

    static func variable(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }

    enum Style: String {
        case bold = "1", dim = "2", red = "31", green = "32", yellow = "33"
    }

    func styled(_ text: String, _ style: Style) -> String {
        hasColour ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }
}

/// Writes a line to standard error, where everything goes that is not the answer itself.
func printError(_ text: String) {
    writeError(text + "\n")
}

/// Writes as it is, unbuffered.
func writeError(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
        // The bytes are borrowed for the call; there is nobody to tell when standard error itself
        // fails.
        _ = unsafe Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
    }
}
