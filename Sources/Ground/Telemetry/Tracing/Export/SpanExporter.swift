import Synchronization

/// The end that a finished span came to, as metrics name it.
package enum SpanEnd: String, Sendable, Hashable, CaseIterable {
    /// The collector took it.
    case exported
    /// There was no room for it, or no time left at the process' end.
    case dropped
    /// The collector refused it, or was away for too long.
    case failed
}

/// Sends finished spans to a collector in batches, one request at a time.
///
/// Whoever finishes a span never waits: what does not fit into the queue is dropped and counted. A collector that is
/// away is asked again a few times for each batch, then the batch is given up.
package final class SpanExporter: Sendable {
    /// The numbers of an exporter.
    package struct Limits: Sendable {
        /// Spans that wait, those included that are being sent.
        package var queue = 8_192
        /// Spans in one request.
        package var batch = 512
        /// The longest wait for a full batch.
        package var interval = Duration.seconds(5)
        /// Requests for one batch.
        package var tries = 5
        /// The longest time for one request.
        package var request = Duration.seconds(10)
        /// The longest time for a batch, all its requests and pauses included.
        package var deadline = Duration.seconds(60)
        /// Before the second request; it doubles from there.
        package var firstPause = Duration.seconds(1)
        /// No pause is longer, whatever the collector asks for.
        package var longestPause = Duration.seconds(30)

        /// The defaults.
        package init() {}
    }

    /// Sends a document to the collector, within a time. Its task's cancellation gives the request up.
    package typealias Post = @Sendable ([UInt8], Duration) async -> CollectorAnswer

    private let limits: Limits
    private let document: SpanDocument
    private let post: Post
    private let count: @Sendable (SpanEnd, Int) -> Void
    private let warn: @Sendable (String) -> Void
    private let now: @Sendable () -> Duration
    private let sleep: @Sendable (Duration) async throws -> Void
    private let queue: SpanQueue
    private let task = Mutex<Task<Void, Never>?>(nil)
    private let pause = Mutex<Task<Void, Never>?>(nil)

    /// - Parameters:
    ///   - count: Called with what became of how many spans, on any thread.
    ///   - warn: Called with why spans are not exported, each time; on any thread.
    ///   - now: A clock that never goes back, from any start.
    ///   - sleep: Waits for the interval, for a pause and for the end of `finish`.
    package init(
        limits: Limits = Limits(),
        document: SpanDocument,
        post: @escaping Post,
        count: @escaping @Sendable (SpanEnd, Int) -> Void,
        warn: @escaping @Sendable (String) -> Void,
        now: @escaping @Sendable () -> Duration = RepetitionLimiter.sinceStart,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.limits = limits
        self.document = document
        self.post = post
        self.count = count
        self.warn = warn
        self.now = now
        self.sleep = sleep
        queue = SpanQueue(limit: limits.queue, batchSize: limits.batch)
    }

    /// Takes a span to be exported. Returns at once.
    package func take(_ span: FinishedSpan) {
        if !queue.put(span) { count(.dropped, 1) }
    }

    /// Begins to export. To be called once.
    package func start() {
        task.withLock { $0 = Task { await run() } }
    }

    /// Exports what is left, each batch with one request, and ends. What is not exported in time is dropped.
    package func finish(within limit: Duration) async {
        queue.close()
        pause.withLock { $0?.cancel() }
        guard let task = task.withLock(\.self) else { return }
        let alarm = Task {
            do { try await sleep(limit) } catch { return }
            task.cancel()
        }
        await task.value
        alarm.cancel()
        let left = queue.outstanding
        guard left > 0 else { return }
        count(.dropped, left)
        warn("the worker ends before \(left) spans are exported")
    }

    private func run() async {
        while true {
            await waitForBatch()
            let spans = queue.takeAll()
            var start = spans.startIndex
            while start < spans.endIndex {
                let end = min(start + limits.batch, spans.endIndex)
                guard await export(spans[start..<end]) else { return }
                start = end
            }
            if spans.isEmpty, queue.isClosed { return }
        }
    }

    private func waitForBatch() async {
        let timer = Task {
            do { try await sleep(limits.interval) } catch { return }
            queue.wake()
        }
        await queue.ready()
        timer.cancel()
    }
}

extension SpanExporter {
    /// Sends a batch until it is taken, refused, or tried often or long enough.
    ///
    /// - Returns: False where there is no use in going on: the worker ends and the collector is away.
    private func export(_ spans: ArraySlice<FinishedSpan>) async -> Bool {
        let body = document.encode(spans)
        let end = now() + limits.deadline
        var attempt = 1
        while true {
            switch await post(body, min(limits.request, end - now())) {
            case .accepted(let rejected):
                let failed = min(rejected, spans.count)
                if failed > 0 { warn("the collector rejected \(failed) of \(spans.count) spans") }
                settle(spans.count - failed, as: .exported)
                settle(failed, as: .failed)
                return true
            case .refused(let reason):
                warn(reason)
                settle(spans.count, as: .failed)
                return true
            case .unavailable(let reason, let retryAfter):
                // Cancelled, or the last try of all: whoever ends the worker counts what is left.
                if queue.isClosed { return false }
                warn(reason)
                let pause = pauseLength(after: attempt, atLeast: retryAfter)
                guard attempt < limits.tries, now() + pause < end else {
                    settle(spans.count, as: .failed)
                    // The next batch has tries of its own, but none before the time that the collector asks for.
                    if retryAfter != nil { await rest(pause) }
                    return true
                }
                await rest(pause)
                attempt += 1
            }
        }
    }

    private func settle(_ number: Int, as end: SpanEnd) {
        guard number > 0 else { return }
        queue.settle(number)
        count(end, number)
    }

    private func pauseLength(after attempt: Int, atLeast asked: Duration?) -> Duration {
        // Replicas that lost the same collector must not come back in step.
        let own = limits.firstPause * (1 << min(attempt - 1, 16)) * Double.random(in: 0.75...1)
        return min(max(own, asked ?? .zero), limits.longestPause)
    }

    /// Waits before the next request; cut short by `finish`.
    private func rest(_ duration: Duration) async {
        let nap = Task { do { try await sleep(duration) } catch {} }
        pause.withLock { $0 = nap }
        // Had the queue been closed before, nobody would cut this short.
        if queue.isClosed { nap.cancel() }
        await nap.value
    }
}
