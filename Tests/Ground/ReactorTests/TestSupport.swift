import Foundation
import Reactor
import Testing

/// Runs a test with a reactor and ends it, whatever happened.
func withReactor(_ body: (Reactor) async throws -> Void) async throws {
    let reactor = try Reactor(name: "test")
    do {
        try await body(reactor)
    } catch {
        await reactor.shutdown()
        throw error
    }
    await reactor.shutdown()
}

/// Values that any thread gives, and a test waits for.
final class Given<Value: Sendable>: Sendable {
    private let stream: AsyncStream<Value>
    private let continuation: AsyncStream<Value>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func give(_ value: Value) { continuation.yield(value) }

    /// The next of the values; nil where the test is cancelled meanwhile.
    var value: Value? {
        get async { await stream.first { _ in true } }
    }
}

extension Reactor {
    /// How many turns there are until a timer of 50 ms has fired: one, if nothing else goes on.
    func turnsWhileIdle() async -> Int? {
        let turns = Given<Int>()
        execute {
            // Counted from the turn after this one, which may still have to clear away wake-ups.
            self.runSoon {
                let before = self.turns
                self.schedule(at: self.now + 50_000_000) { turns.give(self.turns - before) }
            }
        }
        return await turns.value
    }
}

/// A value of one reactor's thread.
final class Local<Value>: @unchecked Sendable {
    var value: Value

    init(_ value: Value) { self.value = value }
}

/// A handler made of a closure.
final class Handler: ReadinessHandler {
    var onReady: (Readiness) -> Void

    init(_ onReady: @escaping (Readiness) -> Void = { _ in }) { self.onReady = onReady }

    func ready(_ readiness: Readiness) { onReady(readiness) }
}

/// Two connected stream sockets that never block.
func socketPair() throws -> (Int32, Int32) {
    var descriptors: [Int32] = [-1, -1]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &descriptors) == 0)
    return (descriptors[0], descriptors[1])
}

func writeByte(_ descriptor: Int32, _ byte: UInt8 = 1) {
    var byte = byte
    _ = write(descriptor, &byte, 1)
}

/// Reads what is there; nil at the end of the stream.
@discardableResult
func readAll(_ descriptor: Int32) -> Int? {
    var buffer = [UInt8](repeating: 0, count: 4_096)
    var total = 0
    while true {
        let count = read(descriptor, &buffer, buffer.count)
        if count == 0 { return nil }
        if count < 0 { return total }
        total += count
    }
}

/// Two ends of a TCP connection over the loopback that never block.
func tcpPair() throws -> (Int32, Int32) {
    let listener = try Socket.listen(on: #require(SocketAddress(ipAddress: "127.0.0.1", port: 0)))
    defer { Socket.close(listener) }
    let near = try Socket.connect(to: #require(Socket.localAddress(listener)))
    var waiting = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
    try #require(poll(&waiting, 1, 10_000) == 1)
    guard case .accepted(let far, _) = Socket.accept(listener) else { throw Unexpected() }
    return (near.descriptor, far)
}

struct Unexpected: Error {}

/// Holds a thread up until another lets it go on.
final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func wait() { semaphore.wait() }

    func open() { semaphore.signal() }
}
