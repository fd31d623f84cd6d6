import CLinux
import FoundationEssentials
import Glibc
import Synchronization

/// Listens on a Unix socket for the operator of a running deck: its own user alone, one line of
/// JSON for a request, one for its answer.
package final class ControlServer: Sendable {
    package let path: String
    private let answer: @Sendable (ControlRequest, String) -> ControlAnswer
    private let listening: Int32
    /// Connections, so that they can be ended with it.
    private let connections = Mutex<[Int32]>([])
    private let isClosed = Atomic(false)
    private static let mostConnections = 32

    /// - Parameter answer: called on the connection's own thread, with who asks.
    /// - Throws: when another deck listens there, or it cannot be made.
    package init(
        _ path: String, answer: @escaping @Sendable (ControlRequest, String) -> ControlAnswer
    ) throws(DeckFailure) {
        self.path = path
        self.answer = answer
        if ControlClient.isAnswered(path) {
            throw DeckFailure(
                "\(path): another run is commanded there; give this one its own with control: or --control"
            )
        }
        unsafe unlink(path)
        listening = UnixSocket.make()
        // Nobody else may connect, not even for a moment.
        let mask = umask(0o177)
        let bound = try unsafe UnixSocket.withAddress(path) { (address, size) in
            unsafe bind(listening, address, size)
        }
        let reason = errno
        umask(mask)
        guard bound == 0, listen(listening, 16) == 0 else {
            close(listening)
            throw DeckFailure("\(path): cannot listen there: \(UnixSocket.reason(reason))")
        }
    }

    /// Answers until `stop`.
    package func start() { Self.thread { [self] in accept() } }

    /// Ends it, and gives its place free.
    package func stop() {
        guard !isClosed.exchange(true, ordering: .relaxed) else { return }
        unsafe unlink(path)
        shutdown(listening, Int32(SHUT_RDWR))
        connections.withLock { for connection in $0 { shutdown(connection, Int32(SHUT_RDWR)) } }
    }

    private func accept() {
        while !isClosed.load(ordering: .relaxed) {
            let connection = Glibc.accept(listening, nil, nil)
            if connection < 0 {
                if errno == EINTR || errno == ECONNABORTED { continue }
                break
            }
            let isRoom = connections.withLock { open in
                guard open.count < Self.mostConnections else { return false }
                open.append(connection)
                return true
            }
            if isRoom { Self.thread { [self] in serve(connection) } } else { close(connection) }
        }
        close(listening)
    }

    private func serve(_ connection: Int32) {
        defer {
            connections.withLock { $0.removeAll { $0 == connection } }
            close(connection)
        }
        guard let peer = UnixSocket.peer(connection), peer.user == getuid() || peer.user == 0 else {
            let refusal = ControlAnswer(ok: false, text: "this deck belongs to another user")
            _ = UnixSocket.write(Self.line(refusal), to: connection)
            return
        }
        let who = "\(Self.name(peer.user)) (pid \(peer.process))"
        var lines = LineReader(connection)
        while let line = lines.next() {
            guard UnixSocket.write(Self.line(reply(line, who)), to: connection) else { return }
        }
    }

    private func reply(_ line: [UInt8], _ who: String) -> ControlAnswer {
        do {
            return answer(try JSONDecoder().decode(ControlRequest.self, from: Data(line)), who)
        } catch {
            let verbs = ControlRequest.Verb.allCases.map(\.rawValue).joined(separator: ", ")
            return ControlAnswer(
                ok: false,
                text: "not a request such as {\"command\":\"status\"}; commands are \(verbs)")
        }
    }

    private static func line(_ answer: ControlAnswer) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        do { return Array(try encoder.encode(answer)) + [UInt8(ascii: "\n")] } catch {
            return Array("{\"ok\":false,\"text\":\"the answer cannot be written\"}\n".utf8)
        }
    }

    private static func name(_ user: UInt32) -> String {
        guard let entry = unsafe getpwuid(user), let name = unsafe entry.pointee.pw_name else {
            return "user \(user)"
        }
        return unsafe String(cString: name)
    }

    static func thread(_ body: @escaping @Sendable () -> Void) {
        final class Box: Sendable {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        let box = unsafe Unmanaged.passRetained(Box(body))
        var thread = pthread_t()
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let result = unsafe pthread_create(
            &thread, &attributes,
            { argument in
                // The box that was retained for this thread.
                unsafe Unmanaged<Box>.fromOpaque(argument!).takeRetainedValue().body()
                return nil
            }, box.toOpaque())
        if result != 0 { unsafe box.release() }
        unsafe pthread_attr_destroy(&attributes)
    }
}
