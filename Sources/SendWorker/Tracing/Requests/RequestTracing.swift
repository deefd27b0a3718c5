import FoundationEssentials
import InstagramMessaging
import KafkaClient
package import Telemetry

/// Makes the spans of requests and of their calls with whatever tracer there is.
///
/// Attributes are named as OpenTelemetry's semantic conventions for messaging and HTTP have them; the worker's own
/// begin with `send_worker.`. None holds a token, a header, a URL with its query, or what is written to people.
package struct RequestTracing: Sendable {
    let tracer: any Tracer
    private let serverAddress: String?
    private let serverPort: Int?

    /// - Parameters:
    ///   - tracer: Also reads and writes the headers by which a trace goes on.
    ///   - graphBaseURL: Where the calls go.
    package init(tracer: any Tracer, graphBaseURL: String) {
        self.tracer = tracer
        let parts = URLComponents(string: graphBaseURL)
        serverAddress = parts?.host
        serverPort = parts?.port ?? (parts?.scheme?.lowercased() == "http" ? 80 : 443)
    }

    /// The trace that a request's headers name, if they name one.
    func context(of held: HeldRecord) -> InstrumentationContext {
        var context = InstrumentationContext.topLevel
        tracer.extract(held.record.headers, into: &context, using: KafkaHeaderExtractor())
        return context
    }

    /// Starts the span of a request that was read. It may turn out not to be recorded.
    func startRequest(_ held: HeldRecord) -> any Tracing.Span {
        let span = tracer.startSpan("instagram.send", context: context(of: held), ofKind: .consumer)
        guard span.isRecording else { return span }
        let record = held.record
        span.updateAttributes { attributes in
            attributes.set("messaging.system", value: "kafka")
            attributes.set("messaging.operation.name", value: "process")
            attributes.set("messaging.operation.type", value: "process")
            attributes.set("messaging.destination.name", value: .string(record.topic))
            attributes.set("messaging.destination.partition.id", value: .string(String(record.partition)))
            attributes.set("messaging.kafka.offset", value: .int64(record.offset))
            attributes.set("send_worker.request_id", value: held.requestID.map { .string($0) })
            attributes.set("send_worker.account_id", value: held.accountID.map { .string($0) })
            attributes.set("send_worker.kind", value: held.call.map { .string($0.kind.rawValue) })
        }
        return span
    }

    /// Starts the span of a call below its request's.
    func startCall(below request: any Tracing.Span, attempt: Int) -> CallSpan {
        let span = tracer.startSpan("POST /{ig-id}/messages", context: request.context, ofKind: .client)
        span.updateAttributes { attributes in
            attributes.set("http.request.method", value: "POST")
            attributes.set("url.template", value: "/{ig-id}/messages")
            attributes.set("server.address", value: serverAddress.map { .string($0) })
            attributes.set("server.port", value: serverPort.map { .int64(Int64($0)) })
            attributes.set("send_worker.attempt", value: .int64(Int64(attempt)))
            if attempt > 1 { attributes.set("http.request.resend_count", value: .int64(Int64(attempt - 1))) }
        }
        return CallSpan(span: span)
    }

    /// The headers by which the trace goes on from here.
    func httpFields(in context: InstrumentationContext) -> [(String, String)] {
        var fields: [(String, String)] = []
        tracer.inject(context, into: &fields, using: HTTPFieldInjector())
        return fields
    }
}
