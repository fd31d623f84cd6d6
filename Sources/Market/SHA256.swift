/// SHA-256 of FIPS 180-4, fed in pieces. Used for digests of runs and tapes and for plug-ins'
/// hashes.
package struct SHA256: Sendable {
    /// The 32 bytes of a hash.
    package struct Digest: Hashable, Sendable, CustomStringConvertible {
        /// Big-endian, first bytes first.
        package let words: InlineArray<8, UInt32>

        package init(words: InlineArray<8, UInt32>) { self.words = words }

        /// - Parameter bytes: 32 of them; what is missing is zero.
        package init(bytes: [UInt8]) {
            func byte(_ place: Int) -> UInt32 { place < bytes.count ? UInt32(bytes[place]) : 0 }
            words = InlineArray { word in
                (0..<4).reduce(0) { $0 << 8 | byte(4 * word + $1) }
            }
        }

        /// Nil for anything but 64 hexadecimal digits.
        package init?(_ text: some StringProtocol) {
            let digits = text.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
            guard digits.count == 64, text.utf8.count == 64 else { return nil }
            var words = InlineArray<8, UInt32>(repeating: 0)
            for (place, digit) in digits.enumerated() {
                words[place / 8] = words[place / 8] << 4 | UInt32(digit)
            }
            self.words = words
        }

        package var bytes: [UInt8] {
            words.indices.flatMap { i in
                (0..<4).map { UInt8(truncatingIfNeeded: words[i] >> (24 - 8 * $0)) }
            }
        }

        /// 64 lower-case hexadecimal digits.
        package var description: String {
            let digits = Array("0123456789abcdef".utf8)
            return String(
                decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
                as: UTF8.self)
        }

        package static func == (a: Digest, b: Digest) -> Bool {
            a.words.indices.allSatisfy { a.words[$0] == b.words[$0] }
        }
        package func hash(into hasher: inout Hasher) { hasher.combine(words[0]) }
    }

    private var chain = Chain()
    private var waiting = InlineArray<64, UInt8>(repeating: 0)
    private var waitingCount = 0
    private var byteCount: UInt64 = 0

    package init() {}

    /// The hash of `bytes` in one go.
    package static func hash(_ bytes: Span<UInt8>) -> Digest {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finished()
    }

    package static func hash(_ bytes: [UInt8]) -> Digest { hash(bytes.span) }

    package mutating func update(_ bytes: Span<UInt8>) {
        byteCount &+= UInt64(bytes.count)
        var offset = 0
        if waitingCount > 0 {
            offset = min(64 - waitingCount, bytes.count)
            fill(bytes.extracting(0..<offset))
            guard waitingCount == 64 else { return }
            waitingCount = 0
            chain.compress(waiting.span)
        }
        let whole = offset + (bytes.count - offset) / 64 * 64
        chain.compress(bytes.extracting(offset..<whole))
        fill(bytes.extracting(whole..<bytes.count))
    }

    package mutating func update(_ bytes: [UInt8]) { update(bytes.span) }

    /// The hash of what was given so far; more may follow.
    package func finished() -> Digest {
        var last = self
        let bits = byteCount &* 8
        var end: [UInt8] = [0x80]
        let zeros = (119 - waitingCount % 64) % 64
        end.append(contentsOf: repeatElement(0, count: zeros))
        for shift in stride(from: 56, through: 0, by: -8) {
            end.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
        }
        last.update(end)
        return Digest(words: last.chain.state)
    }

    private mutating func fill(_ bytes: Span<UInt8>) {
        for i in 0..<bytes.count { waiting[waitingCount + i] = bytes[i] }
        waitingCount += bytes.count
    }
}

/// The eight words that every block of 64 bytes changes.
private struct Chain: Sendable {
    var state: InlineArray<8, UInt32> = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab,
        0x5be0_cd19,
    ]

    /// Takes whole blocks of 64 bytes.
    mutating func compress(_ blocks: Span<UInt8>) {
        var words = InlineArray<16, UInt32>(repeating: 0)
        var offset = 0
        while offset < blocks.count {
            for i in 0..<16 {
                let at = offset &+ 4 &* i
                words[i] =
                    UInt32(blocks[at]) &<< 24 | UInt32(blocks[at &+ 1]) &<< 16
                    | UInt32(blocks[at &+ 2]) &<< 8 | UInt32(blocks[at &+ 3])
            }
            compress(&words)
            offset += 64
        }
    }

    private mutating func compress(_ w: inout InlineArray<16, UInt32>) {
        var a = state[0], b = state[1], c = state[2], d = state[3]
        var e = state[4], f = state[5], g = state[6], h = state[7]
        @inline(__always) func round(_ constant: UInt32, _ word: UInt32) {
            let choice = (e & f) ^ (~e & g)
            let majority = (a & b) ^ (a & c) ^ (b & c)
            let one = h &+ (e.turned(6) ^ e.turned(11) ^ e.turned(25)) &+ choice &+ constant &+ word
            let two = (a.turned(2) ^ a.turned(13) ^ a.turned(22)) &+ majority
            h = g
            g = f
            f = e
            e = d &+ one
            d = c
            c = b
            b = a
            a = one &+ two
        }
        for i in 0..<16 { round(Self.constants[i], w[i]) }
        for start in stride(from: 16, to: 64, by: 16) {
            for i in 0..<16 {
                let x = w[(i &+ 1) & 15], y = w[(i &+ 14) & 15]
                w[i] =
                    w[i] &+ (x.turned(7) ^ x.turned(18) ^ (x &>> 3)) &+ w[(i &+ 9) & 15]
                    &+ (y.turned(17) ^ y.turned(19) ^ (y &>> 10))
                round(Self.constants[start &+ i], w[i])
            }
        }
        state[0] &+= a
        state[1] &+= b
        state[2] &+= c
        state[3] &+= d
        state[4] &+= e
        state[5] &+= f
        state[6] &+= g
        state[7] &+= h
    }

    private static let constants: InlineArray<64, UInt32> = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4,
        0xab1c_5ed5,
        0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7,
        0xc19b_f174,
        0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc,
        0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351,
        0x1429_2967,
        0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e,
        0x9272_2c85,
        0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585,
        0x106a_a070,
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f,
        0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7,
        0xc671_78f2,
    ]
}

extension UInt32 {
    /// Turned right by `count` bits.
    @inline(__always) fileprivate func turned(_ count: UInt32) -> UInt32 {
        (self &>> count) | (self &<< (32 &- count))
    }
}
