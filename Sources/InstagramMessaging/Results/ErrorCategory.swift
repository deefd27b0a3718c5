/// Why a request did not end as `sent`, in a few words that a program can branch on (`error.category` of a result).
public enum ErrorCategory: String, Sendable, Hashable, CaseIterable {
    case invalidRequest = "invalid_request"
    case malformedRecord = "malformed_record"
    case outsideWindow = "outside_window"
    case recipientUnavailable = "recipient_unavailable"
    case permission
    case token
    case policy
    case throttled
    case media
    case endpointUnavailable = "endpoint_unavailable"
    case timeout
    case expired
    case graphError = "graph_error"
}
