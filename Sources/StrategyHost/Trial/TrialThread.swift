import Glibc

/// A thread of its own for one piece of work, awaited.
enum TrialThread {
    private final class Box {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }

    /// - Returns: false when the system gives no thread; the work is then not done.
    @discardableResult static func run(_ body: () -> Void) -> Bool {
        withoutActuallyEscaping(body) { body in
            let box = unsafe Unmanaged.passRetained(Box(body))
            var thread = pthread_t()
            let result = unsafe pthread_create(
                &thread, nil,
                { argument in
                    // The box that was retained for this thread.
                    unsafe Unmanaged<Box>.fromOpaque(argument!).takeRetainedValue().body()
                    return nil
                }, box.toOpaque())
            guard result == 0 else {
                unsafe box.release()
                return false
            }
            return pthread_join(thread, nil) == 0
        }
    }
}
