import HTTP
import InstagramMessaging
import KafkaClient
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
    func startRequest(_ held: HeldRecord) -> TracedSpan {
        let span = tracer.startSpan("instagram.send", below: TraceContext(held.record.headers), kind: .consumer)
        guard span.isRecording else { return span }
        let record = held.record
        span.updateAttributes { attributes in
            attributes["messaging.system"] = "kafka"
            attributes["messaging.operation.name"] = "process"
            attributes["messaging.operation.type"] = "process"
            attributes["messaging.destination.name"] = .string(record.topic)
            attributes["messaging.destination.partition.id"] = .string(String(record.partition))
            attributes["messaging.kafka.offset"] = .integer(record.offset)
            attributes["send_worker.request_id"] = held.requestID.map { .string($0) }
            attributes["send_worker.account_id"] = held.accountID.map { .string($0) }
            attributes["send_worker.kind"] = held.call.map { .string($0.kind.rawValue) }
        }
        return span
    }

    /// Starts the span of a call below its request's.
    func startCall(below request: TracedSpan, of accountID: String?, attempt: Int) -> CallSpan {
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
