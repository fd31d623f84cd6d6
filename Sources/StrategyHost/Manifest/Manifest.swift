/// What a plug-in says of itself; docs/MANIFEST.md says what each part means and how it is written.
package struct Manifest: Hashable, Sendable {
    package struct ABIVersion: Hashable, Sendable, CustomStringConvertible {
        package var major: Int
        package var minor: Int
        package init(major: Int, minor: Int) {
            self.major = major
            self.minor = minor
        }
        package var description: String { "\(major).\(minor)" }
    }

    /// The public events that it is called for.
    package struct Subscription: OptionSet, Hashable, Sendable {
        package var rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        package static let bars = Subscription(rawValue: 1)
        package static let trades = Subscription(rawValue: 2)
        package static let quotes = Subscription(rawValue: 4)
        package static let depth = Subscription(rawValue: 8)
        package static let timers = Subscription(rawValue: 16)

        static let names: [(name: String, value: Subscription)] = [
            ("bars", .bars), ("trades", .trades), ("quotes", .quotes), ("depth", .depth),
            ("timers", .timers),
        ]
        /// As the manifest writes them.
        package var names: [String] { Self.names.filter { contains($0.value) }.map(\.name) }
    }

    /// Which time frames its bars may have, in seconds.
    package enum TimeFrames: Hashable, Sendable {
        case chosenByOperator(ClosedRange<Int>)
        /// Ascending.
        case fixed([UInt32])
    }

    package struct State: Hashable, Sendable {
        package var version: UInt32
        /// Ascending; holds `version`.
        package var reads: [UInt32]
        package var maximumBytes: Int
    }

    package struct Needs: Hashable, Sendable {
        package var threads = false
        package var files = false
        package var network = false
        package var names: [String] {
            [(threads, "threads"), (files, "files"), (network, "network")].filter(\.0).map(\.1)
        }
    }

    /// What it means to stay within; nil where it says nothing.
    package struct Budget: Hashable, Sendable {
        package var eventNanoseconds: Int64?
        package var createNanoseconds: Int64?
        package var memoryBytes: Int64?
    }

    package enum Unload: String, Hashable, Sendable, CaseIterable { case clean, pinned, worker }

    package var id = ""
    package var name = ""
    package var version: SemanticVersion
    package var vendor = ""
    package var license = ""
    package var summary = ""
    package var abi: ABIVersion
    package var subscribes: Subscription = []
    package var instruments: ClosedRange<Int> = 1...1
    package var timeFrames = TimeFrames.chosenByOperator(1...1)
    package var parameters: [ParameterDeclaration] = []
    package var warmUp = BarCount.bars(0)
    package var history = BarCount.bars(0)
    package var state: State?
    package var needs = Needs()
    package var budget = Budget()
    package var isDeterministic = true
    package var unload = Unload.clean
    package var sdk = ""
    /// The text that it was read from.
    package var text = ""
}

/// A number of bars that may depend on the parameters.
package indirect enum BarCount: Hashable, Sendable {
    case bars(Int)
    case parameter(String)
    case largest([BarCount], times: Int, plus: Int)
    case sum([BarCount], times: Int, plus: Int)
    /// One for each value of an `enum` in its order, or for false and true of a `bool`.
    case choice(String, [BarCount])

    /// More than anybody waits for; also keeps the arithmetic below far from overflow.
    package static let most = 1_000_000_000

    /// The number for given values of the parameters, at most `most`. An enum's value is its place,
    /// a bool's 0 or 1.
    func evaluate(_ value: (String) -> Int) -> Int {
        let number: Int
        switch self {
        case .bars(let count): number = count
        case .parameter(let name): number = value(name)
        case .largest(let parts, let times, let plus):
            number = Self.scale(parts.map { $0.evaluate(value) }.max() ?? 0, times, plus)
        case .sum(let parts, let times, let plus):
            let total = parts.reduce(0) { min(Self.most, $0 + $1.evaluate(value)) }
            number = Self.scale(total, times, plus)
        case .choice(let name, let counts):
            let place = value(name)
            number = counts.indices.contains(place) ? counts[place].evaluate(value) : 0
        }
        return min(max(number, 0), Self.most)
    }

    private static func scale(_ number: Int, _ times: Int, _ plus: Int) -> Int {
        let (product, overflows) = number.multipliedReportingOverflow(by: times)
        return (overflows ? most : min(product, most)) + plus
    }
}
