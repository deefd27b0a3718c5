/// What is known about why a request did not end as `sent`: the `error` object of a result.
public struct SendError: Sendable, Hashable {
    /// The reason as a stable word.
    public var category: ErrorCategory
    /// One sentence for a person. Never holds a token or message text.
    public var message: String
    /// The HTTP status of the last answer, where one came.
    public var httpStatus: Int?
    /// Graph's error code, where it gave one.
    public var code: Int?
    /// Graph's error subcode, where it gave one.
    public var subcode: Int?
    /// Graph's trace id, which its support asks for.
    public var traceID: String?
    /// The broken rules, for a request that failed validation.
    public var violations: [Violation]

    /// Creates an error; only the category and the message are always known.
    public init(
        category: ErrorCategory,
        message: String,
        httpStatus: Int? = nil,
        code: Int? = nil,
        subcode: Int? = nil,
        traceID: String? = nil,
        violations: [Violation] = []
    ) {
        self.category = category
        self.message = message
        self.httpStatus = httpStatus
        self.code = code
        self.subcode = subcode
        self.traceID = traceID
        self.violations = violations
    }
}
