/// Where an instance's windows live: everything is allocated while it is set up, and freed with it.
/// What needs a window takes the `Setup` that it is made in, so no handler can allocate one.
///
/// A window is not freed by its own `deinit` on purpose: Swift 6.3 destroys unassigned fields of a
/// struct that cannot be copied when `&&` or `||` in its `init` reads an assigned one.
class Workspace {
    private var blocks: [UnsafeMutableRawPointer] = []
    private var endings: [() -> Void] = []

    init() {}

    deinit {
        for ending in endings { ending() }
        for block in blocks { block.deallocate() }
    }

    /// Zeros, on a cache line of their own.
    final func doubles(_ count: Int) -> UnsafeMutablePointer<Double> {
        let values = room(for: Double.self, count)
        values.initialize(repeating: 0, count: count)
        return values
    }

    /// Room that the caller fills.
    final func room<Element: ~Copyable>(
        for type: Element.Type, _ count: Int
    ) -> UnsafeMutablePointer<Element> {
        let size = max(1, count) * MemoryLayout<Element>.stride
        let block = UnsafeMutableRawPointer.allocate(
            byteCount: size, alignment: max(64, MemoryLayout<Element>.alignment))
        blocks.append(block)
        return block.assumingMemoryBound(to: Element.self)
    }

    /// Something to do before the memory goes.
    final func atEnd(_ ending: @escaping () -> Void) { endings.append(ending) }
}
