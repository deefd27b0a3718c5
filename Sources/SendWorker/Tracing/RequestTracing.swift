import HTTP
import InstagramMessaging
import KafkaClient
import SendEngine
package import Telemetry

/// Makes the spans of requests and of their calls.
///
/// Attributes are named as OpenTelemetry's semantic conventions for messaging and HTTP have them; the worker's own
/// begin with `send_worker.`. None holds a token, a header, a URL with its query, or what is written to people.
package struct RequestTracing: Sendable {
    private let tracer: SpanTracer
    private let server: HTTPOrigin?
    private let ownBaseURL: @Sendable (_ accountID: String) -> String?

    /// - Parameters:
    ///   - graphBaseURL: Where the calls go.
    ///   - ownBaseURL: Where those of one account go instead; nil for most.
    package init(
        tracer: SpanTracer,
        graphBaseURL: String,
        ownBaseURL: @escaping @Sendable (_ accountID: String) -> String? = { _ in nil }
    ) {
        self.tracer = tracer
        self.ownBaseURL = ownBaseURL
        server = HTTPOrigin(url: graphBaseURL)
    }

    /// Starts the span of a request that was read. It may turn out not to be recorded.
    fileprivate func startRequest(_ pending: PendingRequest) -> TracedSpan {
        let span = tracer.startSpan("instagram.send", below: TraceContext(pending.record.headers), kind: .consumer)
        guard span.isRecording else { return span }
        let record = pending.record
        span.updateAttributes { attributes in
            attributes["messaging.system"] = "kafka"
            attributes["messaging.operation.name"] = "process"
            attributes["messaging.operation.type"] = "process"
            attributes["messaging.destination.name"] = .string(record.topic)
            attributes["messaging.destination.partition.id"] = .string(String(record.partition))
            attributes["messaging.kafka.offset"] = .integer(record.offset)
            attributes["send_worker.request_id"] = pending.requestID.map { .string($0) }
            attributes["send_worker.account_id"] = pending.accountID.map { .string($0) }
            attributes["send_worker.kind"] = pending.call.map { .string($0.kind.rawValue) }
        }
        return span
    }

    /// Starts the span of a call below its request's.
    fileprivate func startCall(below request: TracedSpan, of accountID: String?, attempt: Int) -> CallSpan {
        let span = tracer.startSpan("POST /{ig-id}/messages", below: request.context, kind: .client)
        let server = accountID.flatMap(ownBaseURL).flatMap { HTTPOrigin(url: $0) } ?? server
        span.updateAttributes { attributes in
            attributes["http.request.method"] = "POST"
            attributes["url.template"] = "/{ig-id}/messages"
            attributes["server.address"] = server.map { .string($0.host) }
            attributes["server.port"] = server.map { .integer(Int64($0.port)) }
            attributes["send_worker.attempt"] = .integer(Int64(attempt))
            if attempt > 1 { attributes["http.request.resend_count"] = .integer(Int64(attempt - 1)) }
        }
        return CallSpan(span: span)
    }
}

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
    mutating func begin(_ id: RecordID, _ pending: PendingRequest) {
        guard let tracing else { return }
        let span = tracing.startRequest(pending)
        if span.isRecording { open[id] = span }
    }

    /// A call begins.
    ///
    /// - Returns: The trace headers that it carries, and its span if it has one. Without a span the call carries the
    ///   request's own context: without tracing as it came, with it only if it is well-formed.
    func beginCall(
        of id: RecordID,
        _ pending: PendingRequest,
        attempt: Int
    ) -> (headers: [(String, String)], span: CallSpan?) {
        guard let tracing else { return (TraceHeaders.httpFields(from: pending.record.headers), nil) }
        guard let request = open[id] else { return (TraceContext(pending.record.headers)?.headers ?? [], nil) }
        let call = tracing.startCall(below: request, of: pending.accountID, attempt: attempt)
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

/// The span of one call.
struct CallSpan: Sendable {
    let span: TracedSpan

    /// Ends the span with what came of the call.
    func end(_ outcome: CallOutcome) {
        span.updateAttributes { attributes in
            attributes["send_worker.outcome"] = .string(outcome.outcomeClass.rawValue)
            attributes["http.response.status_code"] = outcome.httpStatus.map { .integer(Int64($0)) }
            guard let error = outcome.error else { return }
            attributes["error.type"] = .string(Self.errorType(of: error, status: outcome.httpStatus))
            attributes["send_worker.error.category"] = .string(error.category.rawValue)
            attributes["send_worker.graph.code"] = error.code.map { .integer(Int64($0)) }
            attributes["send_worker.graph.subcode"] = error.subcode.map { .integer(Int64($0)) }
            attributes["send_worker.graph.fbtrace_id"] = error.traceID.map { .string($0) }
        }
        if let error = outcome.error {
            span.setStatus(SpanStatus(code: .error, message: error.category.rawValue))
        }
        span.end()
    }

    /// The status where that says it, as OpenTelemetry wants it, else the category.
    private static func errorType(of error: SendError, status: Int?) -> String {
        guard let status, status >= 400 else { return error.category.rawValue }
        return String(status)
    }
}

extension TraceContext {
    /// The trace that a record's headers name; nil where they name none, or not as W3C asks.
    init?(_ headers: [KafkaHeader]) {
        self.init { name in Self.text(of: name, in: headers) }
    }

    /// All values of a header joined by commas, as HTTP joins them: one `traceparent` too many is malformed then, and
    /// several `tracestate` are one list. Nil where there is none, or where one is not printable ASCII.
    private static func text(of name: String, in headers: [KafkaHeader]) -> String? {
        var text: String?
        for header in headers where header.name == name {
            guard let value = header.value, value.allSatisfy({ (0x20...0x7E).contains($0) }) else { return nil }
            let more = String(decoding: value, as: UTF8.self)
            text = text.map { "\($0),\(more)" } ?? more
        }
        return text
    }
}
