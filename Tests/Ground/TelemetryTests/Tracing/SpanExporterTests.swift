import Synchronization
import Testing

@testable import Telemetry

@Suite("Span exporter", .timeLimit(.minutes(1)))
struct SpanExporterTests {
    private let collector = StandInCollector()
    private let alarm = Alarm()
    private let limits: SpanExporter.Limits = {
        var limits = SpanExporter.Limits()
        limits.queue = 20
        limits.batch = 4
        return limits
    }()
    private static let interval = Duration.seconds(5)...(.seconds(5))

    private func put(_ count: Int, into exporter: SpanExporter) {
        for number in 0..<count { exporter.take(SpanFixture.span(number)) }
    }

    @Test("a full batch goes at once, a smaller one when the interval is over")
    func batching() async throws {
        let exporter = collector.exporter(limits, alarm: alarm)
        exporter.start()
        put(4, into: exporter)
        try await collector.until { $0.counts[.exported] == 4 }
        put(3, into: exporter)
        try await alarm.wake(Self.interval)
        // The first interval's sleeper was cancelled; only the second one wakes the exporter.
        try await collector.until { $0.counts[.exported] == 7 }
        #expect(try collector.sizes == [4, 3])
        await exporter.finish(within: .seconds(3))
    }

    @Test("batches are never larger than allowed, and one request runs at a time")
    func oneAtATime() async throws {
        let exporter = collector.exporter(limits, alarm: alarm)
        put(18, into: exporter)
        exporter.start()
        try await collector.until { $0.counts[.exported] == 18 }
        #expect(try collector.sizes == [4, 4, 4, 4, 2])
        #expect(collector.state.withLock(\.mostOpen) == 1)
        await exporter.finish(within: .seconds(3))
    }

    @Test("what does not fit into the queue is dropped and counted, also while a request hangs")
    func bounded() async throws {
        let exporter = collector.exporter(limits, alarm: alarm)
        collector.state.withLock { $0.isHanging = true }
        exporter.start()
        put(4, into: exporter)
        try await collector.until { $0.open == 1 }
        put(30, into: exporter)
        #expect(collector.state.withLock(\.counts) == [.dropped: 14], "the four that are being sent take room too")
        collector.state.withLock { $0.isHanging = false }
        try await collector.until { $0.counts[.exported] == 20 }
        put(1, into: exporter)
        #expect(collector.state.withLock(\.counts[.dropped]) == 14, "there is room again")
        await exporter.finish(within: .seconds(3))
        #expect(collector.state.withLock(\.counts) == [.exported: 21, .dropped: 14])
    }

    @Test("an unavailable collector is asked again after pauses that grow, or when it says")
    func retries() async throws {
        let exporter = collector.exporter(limits, alarm: alarm)
        collector.state.withLock { state in
            state.answers = [
                .unavailable("HTTP 503", retryAfter: nil), .unavailable("connection refused", retryAfter: nil),
                .unavailable("HTTP 429", retryAfter: .seconds(17)),
                .unavailable("HTTP 429", retryAfter: .seconds(9_999)),
            ]
        }
        exporter.start()
        put(4, into: exporter)
        try await alarm.wake(.milliseconds(750)...(.seconds(1)))
        try await alarm.wake(.milliseconds(1_500)...(.seconds(2)))
        try await alarm.wake(.seconds(17)...(.seconds(17)))
        try await alarm.wake(.seconds(30)...(.seconds(30)))
        try await collector.until { $0.counts[.exported] == 4 }
        let state = collector.state.withLock { $0 }
        #expect(Set(state.documents).count == 1 && state.documents.count == 5, "the same spans each time")
        #expect(state.warnings == ["HTTP 503", "connection refused", "HTTP 429", "HTTP 429"])
        #expect(state.counts == [.exported: 4])
        await exporter.finish(within: .seconds(3))
    }

    @Test("a batch that was tried often enough has failed, and the next one has its own tries")
    func givingUp() async throws {
        let exporter = collector.exporter(limits, alarm: alarm)
        collector.state.withLock { $0.answers = Array(repeating: .unavailable("HTTP 503", retryAfter: nil), count: 5) }
        exporter.start()
        put(8, into: exporter)
        for seconds in [1, 2, 4, 8] {
            try await alarm.wake(.milliseconds(750 * seconds)...(.seconds(seconds)))
        }
        try await collector.until { $0.counts == [.failed: 4, .exported: 4] }
        #expect(collector.state.withLock(\.documents.count) == 6)
        await exporter.finish(within: .seconds(3))
    }

    @Test("a request gets its time, and all requests and pauses of a batch one deadline")
    func deadline() async throws {
        let clock = ManualClock()
        let exporter = collector.exporter(limits, alarm: alarm, now: { clock.now })
        collector.state.withLock { $0.answers = Array(repeating: .unavailable("HTTP 503", retryAfter: nil), count: 3) }
        exporter.start()
        put(4, into: exporter)
        try await collector.until { $0.documents.count == 1 }
        clock.advance(.seconds(55))
        try await alarm.wake(.milliseconds(750)...(.seconds(1)))
        try await collector.until { $0.documents.count == 2 }
        clock.advance(.milliseconds(4_500))
        // A pause of 2 s would end too late for another request, so the next one is for the next batch.
        try await alarm.wake(.milliseconds(1_500)...(.seconds(2)))
        try await collector.until { $0.documents.count == 3 }
        put(4, into: exporter)
        try await collector.until { $0.counts == [.failed: 4, .exported: 4] }
        #expect(collector.state.withLock(\.limits) == [.seconds(10), .seconds(5), .milliseconds(500), .seconds(10)])
        await exporter.finish(within: .seconds(3))
    }

    @Test("a collector that asks for more time than there is gets it before the next batch")
    func longRetryAfter() async throws {
        var limits = limits
        limits.deadline = .seconds(20)
        let exporter = collector.exporter(limits, alarm: alarm)
        collector.state.withLock { $0.answers = [.unavailable("HTTP 429", retryAfter: .seconds(9_999))] }
        exporter.start()
        put(8, into: exporter)
        try await collector.until { $0.counts == [.failed: 4] }
        #expect(collector.state.withLock(\.documents.count) == 1)
        try await alarm.wake(.seconds(30)...(.seconds(30)))
        try await collector.until { $0.counts == [.failed: 4, .exported: 4] }
        await exporter.finish(within: .seconds(3))
    }

    @Test("what is refused is not tried again; what is rejected in part has failed in part")
    func refusals() async throws {
        let exporter = collector.exporter(limits, alarm: alarm)
        collector.state.withLock { state in
            state.answers = [.refused("HTTP 400"), .accepted(rejected: 3), .accepted(rejected: 99)]
        }
        exporter.start()
        put(4, into: exporter)
        try await collector.until { $0.counts == [.failed: 4] }
        put(4, into: exporter)
        try await collector.until { $0.counts == [.failed: 7, .exported: 1] }
        put(4, into: exporter)
        try await collector.until { $0.counts == [.failed: 11, .exported: 1] }
        #expect(collector.state.withLock(\.documents.count) == 3)
        await exporter.finish(within: .seconds(3))
    }

    @Test("the end exports what is left")
    func flush() async throws {
        let exporter = collector.exporter(limits, alarm: alarm)
        exporter.start()
        put(11, into: exporter)
        await exporter.finish(within: .seconds(3))
        #expect(collector.state.withLock(\.counts) == [.exported: 11])
        put(1, into: exporter)
        #expect(collector.state.withLock(\.counts) == [.exported: 11, .dropped: 1])
        #expect(collector.state.withLock(\.warnings).isEmpty)
    }

    @Test("the end waits for no pause and asks a collector that is away once more")
    func flushWhileResting() async throws {
        let exporter = collector.exporter(limits, alarm: alarm)
        collector.state.withLock { $0.answers = Array(repeating: .unavailable("HTTP 503", retryAfter: nil), count: 9) }
        exporter.start()
        put(10, into: exporter)
        try await collector.until { _ in alarm.slept.contains { $0 < .seconds(2) } }
        await exporter.finish(within: .seconds(3))
        let state = collector.state.withLock { $0 }
        #expect(state.documents.count == 2)
        #expect(state.counts == [.dropped: 10])
        #expect(state.warnings.last?.contains("10 spans") == true)
    }

    @Test("the end does not wait for a collector that hangs")
    func flushThatHangs() async throws {
        let exporter = collector.exporter(limits, alarm: alarm)
        collector.state.withLock { $0.isHanging = true }
        exporter.start()
        put(6, into: exporter)
        try await collector.until { $0.open == 1 }
        async let end: Void = exporter.finish(within: .seconds(3))
        try await alarm.wake(.seconds(3)...(.seconds(3)))
        await end
        #expect(collector.state.withLock(\.counts) == [.dropped: 6])
    }

    @Test("an exporter that was never started ends at once")
    func neverStarted() async {
        let exporter = collector.exporter(limits, alarm: alarm)
        put(1, into: exporter)
        await exporter.finish(within: .seconds(3))
        #expect(collector.state.withLock(\.documents).isEmpty)
    }
}
