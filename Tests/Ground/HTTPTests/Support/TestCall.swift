import HTTP
import HTTPCodec
import Reactor
import Synchronization

/// How a call of a pool ended.
enum Verdict: Sendable {
    case answered(HTTPResponse, isFirstExchange: Bool)
    case notSent(HTTPCallFailure)
    case unknown(HTTPCallFailure)

    init(_ ending: HTTPCallEnding) {
        switch ending {
        case .answered(let response, let isFirst): self = .answered(response, isFirstExchange: isFirst)
        case .failed(let failure): self = failure.wasWritten ? .unknown(failure) : .notSent(failure)
        }
    }

    var response: HTTPResponse? {
        if case .answered(let response, _) = self { return response }
        return nil
    }

    var failure: HTTPCallFailure? {
        switch self {
        case .answered: nil
        case .notSent(let failure), .unknown(let failure): failure
        }
    }

    var isNotSent: Bool { failure?.wasWritten == false }
    var isUnknown: Bool { failure?.wasWritten == true }
    var status: Int? { response?.status }
    var text: String? { response.map { String(decoding: $0.body, as: UTF8.self) } }
    var kind: HTTPCallFailure.Kind? { failure?.kind }
}

/// A POST whose body is its name.
final class TestCall: HTTPCall, @unchecked Sendable {
    let name: String
    private let request: [UInt8]
    private let mayStart: @Sendable () -> Bool
    private let use: HTTPConnectionUse
    private let completion: @Sendable (Verdict) -> Void
    private let asked = Atomic<Int>(0)
    private let endings = Atomic<Int>(0)

    init(
        _ name: String,
        body: String? = nil,
        use: HTTPConnectionUse = .keep,
        mayStart: @escaping @Sendable () -> Bool = { true },
        completion: @escaping @Sendable (Verdict) -> Void
    ) {
        self.name = name
        let body = Array((body ?? name).utf8)
        request = Array("POST /calls HTTP/1.1\r\nHost: test\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body
        self.use = use
        self.mayStart = mayStart
        self.completion = completion
    }

    func writeRequest(into buffer: inout [UInt8]) -> Bool {
        precondition(asked.wrappingAdd(1, ordering: .relaxed).newValue == 1, "the last word was asked twice")
        guard mayStart() else { return false }
        buffer += request
        return true
    }

    func ended(_ ending: HTTPCallEnding) -> HTTPConnectionUse {
        precondition(endings.wrappingAdd(1, ordering: .relaxed).newValue == 1, "a call ended twice")
        completion(Verdict(ending))
        return use
    }
}

/// A pool with a reactor of its own, used from a test's task.
final class TestPool: Sendable {
    /// Carries the pool over; it is used on the reactor's thread only.
    private struct Box: @unchecked Sendable {
        let pool: HTTPConnectionPool
    }

    let reactor: Reactor
    private let box: Box

    init(_ url: String, _ settings: HTTPClientSettings = .with { _ in }) throws {
        guard let origin = HTTPOrigin(url: url) else { throw RawSocket.Failure(call: "parse \(url)", code: 0) }
        reactor = try Reactor(name: "test")
        box = Box(pool: HTTPConnectionPool(reactor: reactor, origin: origin, settings: settings))
    }

    /// Runs a body with the pool, then ends pool and reactor.
    static func with<Value>(
        _ url: String,
        _ settings: HTTPClientSettings = .with { _ in },
        _ body: (TestPool) async throws -> Value
    ) async throws -> Value {
        let pool = try TestPool(url, settings)
        do {
            let value = try await body(pool)
            await pool.end()
            return value
        } catch {
            await pool.end()
            throw error
        }
    }

    func end() async {
        await shutdown(within: .zero)
        await reactor.shutdown()
    }

    func shutdown(within limit: Duration) async {
        await withCheckedContinuation { continuation in
            onLoop { pool in pool.shutdown(within: limit) { continuation.resume() } }
        }
    }

    func onLoop(_ body: @escaping @Sendable (HTTPConnectionPool) -> Void) {
        reactor.execute { [box] in body(box.pool) }
    }

    /// Runs a body now, on the reactor's thread, where a call is asked or told.
    func atOnce(_ body: (HTTPConnectionPool) -> Void) {
        precondition(reactor.isCurrent)
        body(box.pool)
    }

    /// A value from the reactor's thread.
    func value<Value: Sendable>(_ body: @escaping @Sendable (HTTPConnectionPool) -> Value) async -> Value {
        await withCheckedContinuation { continuation in onLoop { continuation.resume(returning: body($0)) } }
    }

    var counts: HTTPPoolCounts { get async { await value { $0.counts } } }

    /// Waits until the numbers are as wanted.
    func wait(until isReached: @escaping @Sendable (HTTPPoolCounts) -> Bool) async {
        while !isReached(await counts) { await pause() }
    }

    /// Makes a call and waits for its end.
    func call(
        _ name: String = "call",
        body: String? = nil,
        within limit: Duration = .seconds(30),
        use: HTTPConnectionUse = .keep,
        mayStart: @escaping @Sendable () -> Bool = { true },
        options change: @escaping @Sendable (inout HTTPCallOptions) -> Void = { _ in }
    ) async -> Verdict {
        await withCheckedContinuation { continuation in
            let call = TestCall(name, body: body, use: use, mayStart: mayStart) { continuation.resume(returning: $0) }
            start(call, within: limit, change)
        }
    }

    func start(
        _ call: TestCall,
        within limit: Duration = .seconds(30),
        _ change: @escaping @Sendable (inout HTTPCallOptions) -> Void = { _ in }
    ) {
        onLoop { pool in
            var options = HTTPCallOptions(latestStart: Reactor.monotonicNow() + limit.inNanoseconds)
            change(&options)
            pool.start(call, options)
        }
    }
}

extension HTTPClientSettings {
    /// The defaults, but for what is changed.
    static func with(_ change: (inout HTTPClientSettings) throws -> Void) rethrows -> HTTPClientSettings {
        var settings = HTTPClientSettings()
        // A machine that is busy elsewhere does not let connections expire under a test.
        settings.idleTimeout = .seconds(60)
        try change(&settings)
        return settings
    }
}

/// Lets others run before a condition is looked at again.
///
/// Ends the process where the test's time limit is over: a loop that waits on would never end, and nobody would hear which.
func pause() async {
    do { try await Task.sleep(for: .milliseconds(1)) } catch { fatalError("the test's time limit is over") }
}

extension Duration {
    var inNanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
