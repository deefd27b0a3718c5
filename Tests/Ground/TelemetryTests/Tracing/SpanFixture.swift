import Foundation
import Synchronization

@testable import Telemetry

/// What the tests of the exporter share.
enum SpanFixture {
    static let document = SpanDocument(
        resource: ["service.name": "test"],
        scope: SpanDocument.Scope(name: "tests", version: "1")
    )

    static func span(_ number: Int, attributes: SpanAttributes = [:]) -> FinishedSpan {
        let traceID = TraceID(high: 0x0af7_6519_16cd_43dd, low: 1)!
        let parent = TraceParent(traceID: traceID, spanID: SpanID(UInt64(number) + 1)!, flags: .sampled)
        return FinishedSpan(
            trace: TraceContext(parent: parent, state: nil, isRemote: false),
            parent: nil,
            name: "span \(number)",
            kind: .consumer,
            start: 1_700_000_000_000_000_001,
            end: 1_700_000_000_000_000_002,
            attributes: attributes
        )
    }

    /// The spans of a document, read by a reader that is not ours.
    static func spans(in document: some Collection<UInt8>) throws -> [[String: Any]] {
        try object(document).list("resourceSpans").flatMap { $0.list("scopeSpans") }.flatMap { $0.list("spans") }
    }

    static func object(_ document: some Collection<UInt8>) throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: Data(document)) as? [String: Any] ?? [:]
    }
}

extension [String: Any] {
    func list(_ name: String) -> [[String: Any]] { self[name] as? [[String: Any]] ?? [] }

    func object(_ name: String) -> [String: Any] { self[name] as? [String: Any] ?? [:] }

    /// OTLP's attributes by their names; the type of a value stands beside it.
    var attributes: [String: String] {
        list("attributes").reduce(into: [:]) { all, attribute in
            let value = attribute.object("value").map { "\($0.key) \($0.value)" }.joined()
            all[attribute["key"] as? String ?? "?"] = value
        }
    }
}

/// A clock that passes as it is told: who sleeps waits until it is advanced.
final class Alarm: Sendable {
    private struct Sleeper {
        var duration: Duration
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var sleepers: [Int: Sleeper] = [:]
        var next = 0
        var slept: [Duration] = []
    }

    private let state = Mutex(State())

    /// How long was asked for, in order, however it ended.
    var slept: [Duration] { state.withLock(\.slept) }

    func sleep(_ duration: Duration) async throws {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isCancelled = state.withLock { state in
                    state.slept.append(duration)
                    if Task.isCancelled { return true }
                    state.sleepers[number] = Sleeper(duration: duration, continuation: continuation)
                    return false
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            let sleeper = state.withLock { $0.sleepers.removeValue(forKey: number) }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Waits for one who sleeps for a time within the range, and wakes it.
    func wake(_ range: ClosedRange<Duration>) async throws {
        while true {
            let sleeper: Sleeper? = state.withLock { state in
                guard let found = state.sleepers.first(where: { range.contains($0.value.duration) }) else { return nil }
                return state.sleepers.removeValue(forKey: found.key)
            }
            if let sleeper { return sleeper.continuation.resume() }
            try await Task.sleep(for: .milliseconds(1))
        }
    }
}

/// A clock that stands still until it is advanced.
final class ManualClock: Sendable {
    private let time = Mutex(Duration.zero)

    var now: Duration { time.withLock { $0 } }

    func advance(_ step: Duration) { time.withLock { $0 += step } }
}

/// A collector of whom a test decides what each request comes to.
final class StandInCollector: Sendable {
    struct State: Sendable {
        var documents: [[UInt8]] = []
        /// How long each request was given.
        var limits: [Duration] = []
        /// Those that are not answered yet.
        var open = 0
        var mostOpen = 0
        /// What the next requests come to; those behind are accepted.
        var answers: [CollectorAnswer] = []
        var isHanging = false
        var counts: [SpanEnd: Int] = [:]
        var warnings: [String] = []
    }

    let state = Mutex(State())

    func post(_ document: [UInt8], within limit: Duration) async -> CollectorAnswer {
        state.withLock { state in
            state.documents.append(document)
            state.limits.append(limit)
            state.open += 1
            state.mostOpen = max(state.open, state.mostOpen)
        }
        while state.withLock(\.isHanging) {
            do { try await Task.sleep(for: .milliseconds(1)) } catch { break }
        }
        return state.withLock { state in
            state.open -= 1
            if state.isHanging { return .unavailable("cancelled", retryAfter: nil) }
            return state.answers.isEmpty ? .accepted(rejected: 0) : state.answers.removeFirst()
        }
    }

    func exporter(
        _ limits: SpanExporter.Limits,
        alarm: Alarm,
        now: @escaping @Sendable () -> Duration = { .zero }
    ) -> SpanExporter {
        SpanExporter(
            limits: limits,
            document: SpanFixture.document,
            post: { await self.post($0, within: $1) },
            count: { end, count in self.state.withLock { $0.counts[end, default: 0] += count } },
            warn: { warning in self.state.withLock { $0.warnings.append(warning) } },
            now: now,
            sleep: { try await alarm.sleep($0) }
        )
    }

    /// Waits for a condition; the test's time limit ends a wait that has no end.
    func until(_ condition: (State) -> Bool) async throws {
        while !condition(state.withLock { $0 }) { try await Task.sleep(for: .milliseconds(1)) }
    }

    var sizes: [Int] {
        get throws { try state.withLock(\.documents).map { try SpanFixture.spans(in: $0).count } }
    }
}
