import Synchronization
import Telemetry

/// Sends finished spans to a collector in batches, one request at a time.
///
/// Whoever finishes a span never waits: what does not fit into the queue is dropped and counted. A collector that is
/// away is asked again a few times for each batch, then the batch is given up.
final class SpanExporter: Sendable {
    /// The numbers; the defaults are those of the worker.
    struct Limits: Sendable {
        /// Spans that wait, those included that are being sent.
        var queue = 8_192
        /// Spans in one request.
        var batch = 512
        /// The longest wait for a full batch.
        var interval = Duration.seconds(5)
        /// Requests for one batch.
        var tries = 5
        /// Before the second request; it doubles from there.
        var firstPause = Duration.seconds(1)
        /// No pause is longer, whatever the collector asks for.
        var longestPause = Duration.seconds(30)
    }

    typealias Post = @Sendable ([UInt8]) async -> CollectorAnswer

    private let limits: Limits
    private let document: SpanDocument
    private let post: Post
    private let count: @Sendable (SpanEnd, Int) -> Void
    private let warn: @Sendable (String) -> Void
    private let sleep: @Sendable (Duration) async throws -> Void
    private let queue: SpanQueue
    private let task = Mutex<Task<Void, Never>?>(nil)
    private let pause = Mutex<Task<Void, Never>?>(nil)

    /// - Parameters:
    ///   - post: Sends a document to the collector.
    ///   - count: Told what became of how many spans, on any thread.
    ///   - warn: Told why spans are not exported, each time; on any thread.
    ///   - sleep: Waits for the interval, for a pause and for the end of `finish`.
    init(
        limits: Limits = Limits(),
        document: SpanDocument,
        post: @escaping Post,
        count: @escaping @Sendable (SpanEnd, Int) -> Void,
        warn: @escaping @Sendable (String) -> Void,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.limits = limits
        self.document = document
        self.post = post
        self.count = count
        self.warn = warn
        self.sleep = sleep
        queue = SpanQueue(limit: limits.queue, batchSize: limits.batch)
    }

    /// Takes a span to be exported. Returns at once.
    func take(_ span: FinishedSpan) {
        if !queue.put(span) { count(.dropped, 1) }
    }

    /// Begins to export. To be called once.
    func start() {
        task.withLock { $0 = Task { await run() } }
    }

    /// Exports what is left, each batch with one request, and ends. What is not exported in time is dropped.
    func finish(within limit: Duration) async {
        queue.close()
        pause.withLock { $0?.cancel() }
        guard let task = task.withLock(\.self) else { return }
        let end = FirstWord<Bool>()
        let work = Task {
            await task.value
            end.say(true)
        }
        let alarm = Task {
            do { try await sleep(limit) } catch { return }
            end.say(false)
        }
        if await !end.heard() { task.cancel() }
        alarm.cancel()
        work.cancel()
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

    /// Sends a batch until it is taken, refused, or tried often enough.
    ///
    /// - Returns: False where there is no use in going on: the worker ends and the collector is away.
    private func export(_ spans: ArraySlice<FinishedSpan>) async -> Bool {
        let body = document.encode(spans)
        for attempt in 1...max(limits.tries, 1) {
            switch await post(body) {
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
                if attempt < limits.tries { await rest(after: attempt, atLeast: retryAfter) }
            }
        }
        settle(spans.count, as: .failed)
        return true
    }

    private func settle(_ number: Int, as end: SpanEnd) {
        guard number > 0 else { return }
        queue.settle(number)
        count(end, number)
    }

    /// Waits before the next try; cut short by `finish`.
    private func rest(after attempt: Int, atLeast asked: Duration?) async {
        // Replicas that lost the same collector must not come back in step.
        let own = limits.firstPause * (1 << min(attempt - 1, 16)) * Double.random(in: 0.75...1)
        let duration = min(max(own, asked ?? .zero), limits.longestPause)
        let nap = Task { do { try await sleep(duration) } catch {} }
        pause.withLock { $0 = nap }
        // Had the queue been closed before, nobody would cut this short.
        if queue.isClosed { nap.cancel() }
        await nap.value
    }
}
