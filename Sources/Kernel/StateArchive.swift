/// Moves a portfolio's state into bytes, or back: every part of it says once what it has, for both
/// directions.
///
/// The bytes are memory as it lies, for another process of the same build on the same machine;
/// nothing in them is checked beyond its length.
package struct StateArchive {
    package private(set) var bytes: [UInt8]
    private var place = 0
    private let isReading: Bool
    /// What was read does not fit.
    package private(set) var isDamaged = false

    /// For writing.
    package init() {
        bytes = []
        isReading = false
    }

    /// For reading.
    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        isReading = true
    }

    package var isAtEnd: Bool { place == bytes.count }

    /// A plain value, without references.
    mutating func visit<Value>(_ value: inout Value) {
        precondition(_isPOD(Value.self), "a plain value")
        unsafe withUnsafeMutableBytes(of: &value) { memory in
            if isReading { unsafe fill(memory) } else { unsafe bytes.append(contentsOf: memory) }
        }
    }

    /// The memory of a value without references that cannot be copied.
    mutating func visit(_ memory: UnsafeMutableRawBufferPointer) {
        if isReading { unsafe fill(memory) } else { unsafe bytes.append(contentsOf: memory) }
    }

    /// A list of plain values.
    mutating func visit<Value>(_ values: inout ContiguousArray<Value>) {
        precondition(_isPOD(Value.self), "plain values")
        let count = visitCount(values.count)
        if isReading {
            guard count >= 0, count <= (bytes.count - place) / max(1, MemoryLayout<Value>.stride)
            else {
                isDamaged = true
                return
            }
            values = unsafe ContiguousArray(unsafeUninitializedCapacity: count) { buffer, filled in
                unsafe fill(UnsafeMutableRawBufferPointer(buffer))
                filled = count
            }
        } else {
            unsafe values.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
        }
    }

    /// How many parts follow; when reading, how many there were.
    mutating func visitCount(_ count: Int) -> Int {
        var count = count
        visit(&count)
        return count
    }

    private mutating func fill(_ memory: UnsafeMutableRawBufferPointer) {
        guard memory.count <= bytes.count - place else {
            isDamaged = true
            return
        }
        unsafe memory.copyBytes(from: bytes[place..<place + memory.count])
        place += memory.count
    }
}
