/// One broken rule of a request.
public struct Violation: Sendable, Hashable {
    /// Where: a JSON Pointer (RFC 6901) into the request; empty for the whole record.
    public var field: String
    /// Which rule: a stable identifier that `send-worker validate --explain` knows.
    public var rule: String
    /// What was wrong and what would be right: the limit, the actual value and what to do.
    public var message: String

    /// Creates a violation.
    public init(field: String, rule: String, message: String) {
        self.field = field
        self.rule = rule
        self.message = message
    }
}
