import CTapedeck
package import Market

/// What an instance is made with.
package struct StrategySetup: Sendable {
    package var parameters: Parameters
    /// The instruments wired to it, in the order of the configuration.
    package var instruments: [InstrumentID]
    /// Seconds, ascending.
    package var timeFrames: [UInt32]
    package var seed: UInt64
    /// The strategy's name in its configuration, for whoever reads what is said of it.
    package var label = ""

    package init(
        parameters: Parameters, instruments: [InstrumentID], timeFrames: [UInt32], seed: UInt64
    ) {
        self.parameters = parameters
        self.instruments = instruments
        self.timeFrames = timeFrames.sorted()
        self.seed = seed
    }

    /// As the contract shows it; borrowed for the call.
    func withSetup<R>(_ body: (UnsafePointer<td_setup>) -> R) -> R {
        let texts = parameters.values.map { Array(($0.inText ?? "").utf8) }
        // One block for all texts: a place in it is the sum of the lengths before.
        let block = Array(texts.joined()) + [0]
        return unsafe block.withUnsafeBufferPointer { bytes in
            var next = 0
            var entries: [td_parameter] = unsafe []
            for (place, value) in parameters.values.enumerated() {
                let length = texts[place].count
                let text = unsafe UnsafeRawPointer(bytes.baseAddress! + next).assumingMemoryBound(
                    to: CChar.self)
                next += length
                unsafe entries.append(
                    unsafe value.entry(
                        parameters.declarations[place],
                        text: td_string(data: text, length: UInt64(length))))
            }
            return unsafe entries.withUnsafeBufferPointer { entries in
                unsafe instruments.withUnsafeBufferPointer { instruments in
                    unsafe timeFrames.withUnsafeBufferPointer { timeFrames in
                        var setup = unsafe td_setup(
                            struct_size: UInt32(MemoryLayout<td_setup>.size),
                            parameter_count: UInt32(entries.count), parameters: entries.baseAddress,
                            instrument_count: UInt32(instruments.count),
                            timeframe_count: UInt32(timeFrames.count),
                            instruments: instruments.baseAddress,
                            timeframes: timeFrames.baseAddress, seed: seed)
                        return unsafe body(&setup)
                    }
                }
            }
        }
    }
}

extension ParameterValue {
    /// What goes into `td_parameter.text`; nil for none.
    var inText: String? {
        switch self {
        case .string(let text), .file(let text): text
        default: nil
        }
    }

    /// What goes into `td_parameter.number`, or as a double into a parameter event.
    var number: Double {
        switch self {
        case .bool(let value): value ? 1 : 0
        case .int(let value), .duration(let value): Double(value)
        case .float(let value): value
        case .choice(let place, _): Double(place)
        case .instrument(let id, _): Double(id)
        case .string, .file: 0
        }
    }

    /// As the contract shows it; `text` must outlive the result.
    func entry(_ declaration: ParameterDeclaration, text: td_string) -> td_parameter {
        var entry = unsafe td_parameter()
        unsafe entry.id = declaration.id
        unsafe entry.type = declaration.kind.code
        switch self {
        case .bool(let value): unsafe entry.integer = value ? 1 : 0
        case .int(let value), .duration(let value): unsafe entry.integer = value
        case .float(let value): unsafe entry.number = value
        case .choice(let place, _): unsafe entry.integer = Int64(place)
        case .instrument(let id, _): unsafe entry.integer = Int64(id)
        case .string, .file: unsafe entry.text = text
        }
        return unsafe entry
    }

    /// The same for one call.
    func withEntry<R>(
        _ declaration: ParameterDeclaration, _ body: (UnsafePointer<td_parameter>) -> R
    ) -> R {
        let block = Array((inText ?? "").utf8) + [0]
        return unsafe block.withUnsafeBufferPointer { bytes in
            let text = unsafe UnsafeRawPointer(bytes.baseAddress!).assumingMemoryBound(
                to: CChar.self)
            var entry = unsafe entry(
                declaration, text: td_string(data: text, length: UInt64(block.count - 1)))
            return unsafe body(&entry)
        }
    }
}
