import InstagramMessaging
import Telemetry

/// The span of one call.
struct CallSpan: Sendable {
    let span: any Tracing.Span

    /// Ends the span with what came of the call.
    func end(_ outcome: CallOutcome) {
        span.updateAttributes { attributes in
            attributes.set("send_worker.outcome", value: .string(outcome.outcomeClass.rawValue))
            attributes.set("http.response.status_code", value: outcome.httpStatus.map { .int64(Int64($0)) })
            guard let error = outcome.error else { return }
            attributes.set("error.type", value: .string(Self.errorType(of: error, status: outcome.httpStatus)))
            attributes.set("send_worker.error.category", value: .string(error.category.rawValue))
            attributes.set("send_worker.graph.code", value: error.code.map { .int64(Int64($0)) })
            attributes.set("send_worker.graph.subcode", value: error.subcode.map { .int64(Int64($0)) })
            attributes.set("send_worker.graph.fbtrace_id", value: error.traceID.map { .string($0) })
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
