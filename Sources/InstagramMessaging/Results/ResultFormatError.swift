/// Why bytes are not a result.
public struct ResultFormatError: Error, Sendable, Hashable {
    /// Where: a JSON Pointer (RFC 6901) into the record; empty for the whole record.
    public var field: String
    /// What stands there instead of what is expected.
    public var problem: String

    /// Creates an error.
    public init(field: String, problem: String) {
        self.field = field
        self.problem = problem
    }
}

extension ResultFormatError: CustomStringConvertible {
    /// One sentence with the place and the problem.
    public var description: String {
        field.isEmpty ? "the record is not a result: \(problem)" : "the record is not a result: \(field) \(problem)"
    }
}
