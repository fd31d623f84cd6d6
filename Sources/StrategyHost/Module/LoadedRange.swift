import CLinux

/// Where an image stands in memory.
struct LoadedRange: Hashable, Sendable {
    struct Part: Hashable, Sendable {
        var addresses: Range<UInt>
        var isExecutable: Bool
    }
    /// What the loader added to its addresses.
    var base: UInt
    var parts: [Part]

    var whole: Range<UInt> {
        (parts.map(\.addresses.lowerBound).min() ?? 0)..<(parts.map(\.addresses.upperBound).max()
            ?? 0)
    }

    func contains(_ address: UInt) -> Bool { parts.contains { $0.addresses.contains(address) } }
    func holdsCode(at address: UInt) -> Bool {
        parts.contains { $0.isExecutable && $0.addresses.contains(address) }
    }

    /// The loaded image that holds `address`; nil for none.
    static func image(holding address: UInt) -> LoadedRange? {
        all().first { $0.contains(address) }
    }

    /// Whether an image with this base and these parts is among those loaded.
    var isLoaded: Bool { Self.all().contains(self) }

    private static func all() -> [LoadedRange] {
        var images: [LoadedRange] = []
        // The loader calls the body, on this thread, once for each image, with the address of
        // `images`.
        unsafe withUnsafeMutablePointer(to: &images) { pointer in
            _ = unsafe linux_for_each_image(
                { image, _, context in
                    guard let image = unsafe image?.pointee, let context = unsafe context else {
                        return 0
                    }
                    let headers = unsafe UnsafeBufferPointer(
                        start: image.headers, count: Int(image.header_count))
                    let loads = unsafe headers.filter { $0.type == ELFImage.SegmentType.load }
                    unsafe context.assumingMemoryBound(to: [LoadedRange].self).pointee.append(
                        LoadedRange(
                            base: UInt(image.base),
                            parts: loads.map { header in
                                let start = unsafe UInt(image.base) &+ UInt(header.address)
                                return Part(
                                    addresses: start..<(start &+ UInt(header.memory_size)),
                                    isExecutable: header.flags & 1 != 0)
                            }))
                    return 0
                }, pointer)
        }
        return images
    }

    /// The file of the image that holds `address`, for a message.
    static func fileName(holding address: UInt) -> String {
        var found = unsafe linux_symbol()
        let pointer = unsafe UnsafeRawPointer(bitPattern: address)
        guard unsafe linux_find_symbol(pointer, &found) != 0, let file = unsafe found.file else {
            return "nothing"
        }
        return unsafe String(cString: file)
    }
}
