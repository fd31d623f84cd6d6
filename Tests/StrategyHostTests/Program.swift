import CLinux
import Foundation

@testable import StrategyHost

/// The program under test, as built beside the tests.
enum Program {
    /// `tapedeck`, in the folder of the tests' own image.
    static let path: String = {
        let here: @convention(c) () -> Void = {}
        var found = linux_symbol()
        guard linux_find_symbol(unsafeBitCast(here, to: UnsafeRawPointer.self), &found) != 0,
            let file = found.file
        else { return "tapedeck" }
        return URL(filePath: String(cString: file)).deletingLastPathComponent().appending(
            path: "tapedeck"
        ).path
    }()

    static let probe = ProbeProcess(executable: path, secondsAllowed: 20)
}
