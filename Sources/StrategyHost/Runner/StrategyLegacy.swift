import Market

/// What a strategy leaves to the one that goes on in its place. Of one in another process the host
/// hands it on, and believes nothing of it.
package struct StrategyLegacy {
    /// How far the numbers are that it draws.
    var chance: [UInt8]
    /// The bars of `history`; see `BarHistory.bytes`.
    var history: [UInt8]
    /// The encoded state; empty where none was asked for, or where it cannot be saved.
    var state: [UInt8]
    /// Why it cannot be.
    var failure: String
    /// The state, once it has been looked at.
    var saved: StrategyState?

    /// Each part with its length before it.
    var bytes: [UInt8] {
        var out: [UInt8] = []
        for part in [chance, history, state, Array(failure.utf8)] {
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                out.append(UInt8(truncatingIfNeeded: UInt64(part.count) >> shift))
            }
            out += part
        }
        return out
    }

    init(chance: [UInt8], history: [UInt8], state: [UInt8], failure: String) {
        (self.chance, self.history, self.state, self.failure) = (chance, history, state, failure)
    }

    /// Nil for bytes that are none.
    init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        var parts: [[UInt8]] = []
        while parts.count < 4 {
            guard rest.count >= 8 else { return nil }
            let length = rest.prefix(8).reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
            rest = rest.dropFirst(8)
            guard let count = Int(exactly: length), count <= rest.count else { return nil }
            parts.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        (chance, history, state) = (parts[0], parts[1], parts[2])
        failure = unsafe parts[3].withUnsafeBufferPointer {
            unsafe LogLines.clean($0, longest: 256)
        }
    }
}

extension Xoshiro256StarStar {
    /// As it lies in memory, for another process of the same build.
    var bytes: [UInt8] { unsafe withUnsafeBytes(of: self) { unsafe Array($0) } }

    /// Takes what `bytes` gave; what is no such thing changes nothing.
    mutating func take(_ bytes: [UInt8]) {
        unsafe withUnsafeMutableBytes(of: &self) { memory in
            if bytes.count == memory.count { unsafe memory.copyBytes(from: bytes) }
        }
    }
}
