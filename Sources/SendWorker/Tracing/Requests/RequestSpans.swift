import InstagramMessaging
import KafkaClient
import SendEngine
import Telemetry

/// The spans of the requests that the engine loop holds, from their being read to their results being durable.
///
/// Without tracing nothing is kept and nothing is looked at.
struct RequestSpans {
    private let tracing: RequestTracing?
    /// Only spans that are recorded.
    private var open: [RecordID: TracedSpan] = [:]

    /// - Parameter tracing: Nil where nothing is traced.
    init(_ tracing: RequestTracing?) {
        self.tracing = tracing
    }

    /// A request was read that has no result yet.
    mutating func begin(_ id: RecordID, _ held: HeldRecord) {
        guard let tracing else { return }
        let span = tracing.startRequest(held)
        if span.isRecording { open[id] = span }
    }

    /// A call begins.
    ///
    /// - Returns: The trace headers that it carries, and its span if it has one. Without a span the call carries the
    ///   request's own context: without tracing as it came, with it only if it is well-formed.
    func beginCall(
        of id: RecordID,
        _ held: HeldRecord,
        attempt: Int
    ) -> (headers: [(String, String)], span: CallSpan?) {
        guard let tracing else { return (TraceHeaders.httpFields(from: held.record.headers), nil) }
        guard let request = open[id] else { return (TraceContext(held.record.headers)?.headers ?? [], nil) }
        let call = tracing.startCall(below: request, of: held.accountID, attempt: attempt)
        return (call.span.context.headers, call)
    }

    /// A request has come to its end; its result is about to be made durable, perhaps for the second time.
    func note(_ result: SendResult, of id: RecordID) {
        guard !open.isEmpty, let span = open[id] else { return }
        span.updateAttributes { attributes in
            attributes["send_worker.status"] = .string(result.status.rawValue)
            attributes["send_worker.attempts"] = .integer(Int64(result.attempts))
            if result.possibleDuplicate { attributes["send_worker.possible_duplicate"] = .bool(true) }
            attributes["error.type"] = result.error.map { .string($0.category.rawValue) }
        }
        if let error = result.error {
            span.setStatus(SpanStatus(code: .error, message: error.category.rawValue))
        }
    }

    /// The requests' results are durable.
    mutating func end(_ ids: [RecordID]) {
        guard !open.isEmpty else { return }
        for id in ids { open.removeValue(forKey: id)?.end() }
    }

    /// The partitions are no longer ours: what is not finished begins anew with their next owner.
    mutating func giveUp(_ partitions: Set<Int32>) {
        guard !open.isEmpty else { return }
        for (id, span) in open where partitions.contains(id.partition) {
            span.updateAttributes { $0["send_worker.status"] = "given_up" }
            span.end()
            open[id] = nil
        }
    }
}
