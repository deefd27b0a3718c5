import InstagramMessaging
import Telemetry

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
