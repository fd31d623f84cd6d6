import Glibc

/// The threads of a run's lanes. The caller is lane 0; each further lane has a thread that sleeps
/// between two jobs.
@safe package final class LaneCrew {
    /// Plug-ins run on these stacks: as roomy as a program's own.
    private static let stackSize = 8 << 20

    /// What a lane's thread and the caller share. Either writes only while the other waits for a
    /// signal of its own, so no lock is needed.
    @unsafe private struct Lane {
        var index: Int
        var thread = pthread_t()
        var begin = sem_t()
        var done = sem_t()
        /// Nil tells the thread to end.
        var job: ((Int) -> Void)?
    }

    private var others: [UnsafeMutablePointer<Lane>] = unsafe []

    /// Threads that the machine can run at the same time.
    package static var processors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// Counts the caller's.
    package var lanes: Int { unsafe others.count + 1 }

    /// With fewer lanes than wanted where the system refuses a thread.
    package init(lanes wanted: Int) {
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        unsafe pthread_attr_setstacksize(&attributes, Self.stackSize)
        defer { unsafe pthread_attr_destroy(&attributes) }
        for index in 1..<max(1, wanted) {
            let lane = UnsafeMutablePointer<Lane>.allocate(capacity: 1)
            unsafe lane.initialize(to: Lane(index: index))
            unsafe sem_init(&lane.pointee.begin, 0, 0)
            unsafe sem_init(&lane.pointee.done, 0, 0)
            guard unsafe pthread_create(&lane.pointee.thread, &attributes, Self.work, lane) == 0
            else {
                unsafe Self.free(lane)
                return
            }
            unsafe others.append(lane)
        }
    }

    deinit {
        for index in unsafe others.indices {
            let lane = unsafe others[index]
            unsafe lane.pointee.job = nil
            unsafe sem_post(&lane.pointee.begin)
            unsafe pthread_join(lane.pointee.thread, nil)
            unsafe Self.free(lane)
        }
    }

    /// Runs `job` once on every lane at the same time, with the lane's number, and returns when all
    /// are done.
    package func perform(_ job: (Int) -> Void) {
        // Every lane has finished with the closure when the last `done` has come.
        withoutActuallyEscaping(job) { job in
            for index in unsafe others.indices {
                let lane = unsafe others[index]
                unsafe lane.pointee.job = job
                unsafe sem_post(&lane.pointee.begin)
            }
            job(0)
            for index in unsafe others.indices {
                let lane = unsafe others[index]
                unsafe Self.wait(&lane.pointee.done)
                unsafe lane.pointee.job = nil
            }
        }
    }

    private static let work: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? =
        { argument in
            // The pointer that `init` gave; it is freed only after this thread was joined.
            guard let lane = unsafe argument?.assumingMemoryBound(to: Lane.self) else { return nil }
            while true {
                unsafe wait(&lane.pointee.begin)
                guard unsafe runJob(lane) else { return nil }
                unsafe sem_post(&lane.pointee.done)
            }
        }

    /// False when there is none. A function of its own, so that this thread's hold on the closure
    /// has ended before the caller hears of it.
    @inline(never) private static func runJob(_ lane: UnsafeMutablePointer<Lane>) -> Bool {
        guard let job = unsafe lane.pointee.job else { return false }
        job(unsafe lane.pointee.index)
        return true
    }

    private static func wait(_ signal: UnsafeMutablePointer<sem_t>) {
        while unsafe sem_wait(signal) != 0 && errno == EINTR {}
    }

    private static func free(_ lane: UnsafeMutablePointer<Lane>) {
        unsafe sem_destroy(&lane.pointee.begin)
        unsafe sem_destroy(&lane.pointee.done)
        unsafe lane.deinitialize(count: 1)
        unsafe lane.deallocate()
    }
}
