@testable import Feeds
import Market
import Testing

struct NumberReaderTests {
    /// What stands before the comma, as many bytes as were read, or nil where the long way is asked
    /// for.
    private func read(
        _ text: String, like shape: UnsafeMutablePointer<NumberShape>?
    ) -> (value: Double, length: Int)? {
        let powers = (0..<23).map { PowerOfTen.double($0) }
        let bytes = Array(text.utf8) + [UInt8](repeating: 0, count: 64)
        return powers.withUnsafeBufferPointer { powers in
            bytes.withUnsafeBufferPointer { bytes in
                guard let start = bytes.baseAddress, let table = powers.baseAddress else {
                    return nil
                }
                var reader = NumberReader(point: UInt8(ascii: "."), powers: table)
                var place = start
                let isRead =
                    if let shape { reader.read(&place, like: shape) } else { reader.read(&place) }
                return isRead ? (reader.value, place - start) : nil
            }
        }
    }

    @Test(arguments: [
        ("7,", 7, 1), ("0,", 0, 1), ("1234567,", 1_234_567, 7), ("12345678,", 12_345_678, 8),
        ("4000.25,", 4000.25, 7),
        ("4000.250,", 4000.25, 8), ("0.1,", 0.1, 3), ("5.,", 5, 2), (".5,", 0.5, 2),
        ("-3.75,", -3.75, 5),
        ("123456789012345,", 123_456_789_012_345, 15), ("0.00000001,", 1e-8, 10), ("9:30", 9, 1),
        ("12/", 12, 2),
    ])
    func `a number is the double that it is nearest to, and ends where it ends`(
        text: String, value: Double, length: Int
    ) {
        let found = read(text, like: nil)
        #expect(found?.value == value)
        #expect(found?.length == length)
    }

    @Test(arguments: ["", ",", "x", "-", ".", "99999999999999999999,", "18446744073709551616,"])
    func `what is no number, or too long for the short way, is left to the long one`(text: String) {
        #expect(read(text, like: nil) == nil)
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `a number is read the same, whatever the one before looked like`(seed: UInt64) {
        print("numbers: seed \(seed)")
        var random = Xoshiro256StarStar(seed: seed)
        let shape = UnsafeMutablePointer<NumberShape>.allocate(capacity: 1)
        shape.initialize(to: NumberShape())
        defer { shape.deallocate() }
        let ends = [",", "\n", "\r", ";", "\"", ":", "/"]
        for _ in 0..<20_000 {
            var text = random.below(8) == 0 ? "-" : ""
            text += String(random.next() >> (64 - (1 + random.below(30))))
            if random.below(4) > 0 {
                text += "."
                for _ in 0..<random.below(4) { text += String(random.below(10)) }
            }
            let whole =
                text + ends[Int(random.below(UInt64(ends.count)))] + String(random.below(1_000_000))
            let found = read(whole, like: shape)
            #expect(found?.value == Double(text.hasSuffix(".") ? text + "0" : text), "\(whole)")
            #expect(found?.length == text.utf8.count, "\(whole)")
        }
    }
}
