import Foundation
import Reactor
import Testing

extension Reactor {
    /// Runs something on the thread and returns what it gives.
    func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let isQueued = execute { continuation.resume(with: Result { try body() }) }
            if !isQueued { continuation.resume(throwing: HasEnded()) }
        }
    }

    struct HasEnded: Error {}
}

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
