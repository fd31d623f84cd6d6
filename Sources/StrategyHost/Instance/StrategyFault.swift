package import CTapedeck
package import Kernel
import Market

/// Why one strategy is called no more.
package struct StrategyFault: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Call: String, Hashable, Sendable, CaseIterable {
        case create, start
        case onEvents = "on_events"
        case setParameter = "set_parameter"
        case save, load, stop
    }

    package enum Cause: Hashable, Sendable {
        /// It answered with a negative status.
        case answered(td_status)
        /// It broke a rule of the contract.
        case breach(Breach)
        /// Its portfolio stopped.
        case portfolio(Fault)
        /// Its worker was ended, or went away.
        case worker(WorkerEnding)
    }

    /// Rules of the contract that the host watches.
    package enum Breach: String, Hashable, Sendable, CaseIterable {
        case consumedNothing = "it returned without having consumed an event"
        case consumedTooMany = "it says that it consumed more events than it was given"
        case consumedBackwards = "consumed went backwards"
        case wentOn = "it went on to further events after it had acted at one"
        case calledBeforeEvent = "it called the host before it set consumed for an event"
        case noInstance = "it returned OK but gave no instance"
        case instanceOfFailure = "it failed but gave an instance"
        case tooMuchState = "save wrote more than max_bytes of the manifest"
    }

    package var call: Call
    package var cause: Cause
    /// Its own words: UTF-8, bounded, without control characters; empty when it gave none.
    package var text: String
    /// The event that it was at; nil outside of events.
    package var sequence: UInt64?

    init(call: Call, cause: Cause, text: String, sequence: UInt64? = nil) {
        self.call = call
        self.cause = cause
        self.text = text
        self.sequence = sequence
    }

    package var description: String {
        let place = sequence.map { " at event \($0)" } ?? ""
        let words = text.isEmpty ? "" : ": \(text)"
        switch cause {
        case .answered(let status):
            return "\(call.rawValue) failed\(place) with \(Self.name(status))\(words)"
        case .breach(let breach):
            return "\(call.rawValue) broke the contract\(place): \(breach.rawValue)\(words)"
        case .portfolio(.missingRate):
            return
                "money of another currency moved in its portfolio before its rate was known\(place)"
        case .portfolio(.overflow):
            return "an amount of its portfolio left the range of its unit\(place)"
        case .portfolio(.booksDoNotClose(let difference)):
            return "the books of its portfolio do not close\(place) by \(difference.rawValue) units"
        case .worker(let ending): return "\(ending)\(place)\(words)"
        }
    }

    /// `TD_E_INVALID`.
    package static func name(_ status: td_status) -> String {
        switch Int(status) {
        case Int(TD_OK): "TD_OK"
        case Int(TD_DONE): "TD_DONE"
        case Int(TD_E_INVALID): "TD_E_INVALID"
        case Int(TD_E_STATE): "TD_E_STATE"
        case Int(TD_E_UNSUPPORTED): "TD_E_UNSUPPORTED"
        case Int(TD_E_LIMIT): "TD_E_LIMIT"
        case Int(TD_E_REJECTED): "TD_E_REJECTED"
        case Int(TD_E_THREAD): "TD_E_THREAD"
        case Int(TD_E_STALE): "TD_E_STALE"
        case Int(TD_E_FORMAT): "TD_E_FORMAT"
        case Int(TD_E_INTERNAL): "TD_E_INTERNAL"
        case Int(TD_E_PANIC): "TD_E_PANIC"
        default: "status \(status)"
        }
    }

    /// The words in a plug-in's error buffer, made safe.
    static func words(_ error: td_error) -> String {
        var error = error
        let length = min(Int(error.length), MemoryLayout.size(ofValue: error.text))
        // `text` is an array of that many bytes inside `error`.
        return unsafe withUnsafeBytes(of: &error.text) { bytes in
            unsafe LogLines.clean(
                UnsafeBufferPointer(rebasing: bytes.bindMemory(to: UInt8.self).prefix(length)),
                longest: length)
        }
    }
}
