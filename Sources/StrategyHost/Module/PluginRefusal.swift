/// Why a file is not opened as a plug-in: which file, what is wrong, and what to try.
package struct PluginRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Cause: String, Hashable, Sendable {
        // The file itself.
        case notFound
        case unreadable
        case notRegularFile
        case empty
        case tooLarge
        case changing
        // Its form.
        case notELF
        case not64Bit
        case bigEndian
        case notSharedObject
        case otherMachine
        case cutShort
        case damaged
        // What it says.
        case noManifest
        case severalManifests
        case manifest
        case newerABI
        case noEntry
        case otherMajor
        case workerOnly
        // What happened when it was opened.
        case missingLibrary
        case notOpened
        case table
        case died
        case tookTooLong
        case createFailed
        // The machine.
        case system
    }

    package var file: String
    package var cause: Cause
    /// What is wrong, and where.
    package var what: String
    /// What a person can do about it; empty where nothing is known to help.
    package var advice: String

    package init(file: String, cause: Cause, what: String, advice: String = "") {
        self.file = file
        self.cause = cause
        self.what = what
        self.advice = advice
    }

    package var description: String { "\(file): \(what)" + (advice.isEmpty ? "" : " - \(advice)") }
}
