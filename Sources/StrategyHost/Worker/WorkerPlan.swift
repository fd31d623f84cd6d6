package import Kernel
package import Market

/// What a portfolio is made of: the true one in the host and its mirror in a worker.
package struct PortfolioMaking: Codable, Sendable {
    package var settings: PortfolioSettings
    package var instruments: [Instrument]
    package var calendars: [UInt32]
    package var matching: [UInt32]
    package var coarse: [UInt32]
    package var slot: UInt64

    package init(
        settings: PortfolioSettings, instruments: [Instrument], calendars: [UInt32] = [],
        matching: [UInt32] = [],
        coarse: [UInt32] = [], slot: UInt64 = 0
    ) {
        self.settings = settings
        self.instruments = instruments
        self.calendars = calendars
        self.matching = matching
        self.coarse = coarse
        self.slot = slot
    }

    package func make() -> Portfolio {
        Portfolio(
            settings: settings, instruments: instruments, calendars: calendars, matching: matching,
            coarse: coarse, slot: slot)
    }
}

/// What a worker is told when it is started: the module, its walls, and the first instance
/// that it holds.
struct WorkerPlan: Codable {
    struct Seat: Codable {
        var portfolio: PortfolioMaking
        // Numbers of descriptors.
        var channel: Int32
        var tape: Int32
        var isSealed: Bool
        /// Its own in its worker.
        var number: UInt64
        /// The same for all who play from one tape.
        var tapeNumber: UInt64
    }

    /// The number under which a worker finds its plan.
    static let descriptor: Int32 = 3

    var manifest: String
    var path: String
    var digest: [UInt8]
    /// Number of the descriptor with the module's sealed copy, and how its mappings are called.
    var module: Int32
    var libraries: [String]
    /// The highest number of a descriptor that it was given.
    var lastDescriptor: Int32
    var memoryBytes: UInt64
    var mayHaveThreads: Bool
    var readableFile: String?
    var parent: UInt32
    /// Layers of the sandbox, as bits, without which the module is not opened.
    var requiredLayers: UInt32
    var seat: Seat
    /// Number of the descriptor by which more seats come; nil for a worker of one instance.
    var socket: Int32?
}

/// A parameter's value without its declaration, which is in the manifest.
struct PlainParameter: Codable {
    var integer: Int64 = 0
    var number: Double = 0
    var text = ""

    init(_ value: ParameterValue) {
        switch value {
        case .bool(let value): integer = value ? 1 : 0
        case .int(let value), .duration(let value): integer = value
        case .float(let value): number = value
        case .choice(let place, let word): (integer, text) = (Int64(place), word)
        case .instrument(let id, let symbol): (integer, text) = (Int64(id), symbol)
        case .string(let value), .file(let value): text = value
        }
    }

    func value(_ kind: ParameterDeclaration.Kind) -> ParameterValue {
        switch kind {
        case .bool: .bool(integer != 0)
        case .int: .int(integer)
        case .float: .float(number)
        case .string: .string(text)
        case .choice: .choice(Int(integer), text)
        case .duration: .duration(integer)
        case .instrument: .instrument(UInt16(truncatingIfNeeded: integer), symbol: text)
        case .file: .file(text)
        }
    }
}
