extension SendRequest {
    /// Every rule that this request breaks at a given moment; empty exactly where the worker accepts it.
    ///
    /// The request is encoded and judged as the worker judges it, so that the two cannot differ.
    public func violations(
        now: Timestamp,
        options: RequestDecoder.Options = RequestDecoder.Options()
    ) -> [Violation] {
        switch RequestDecoder(options: options).decode(encodedRecord(), now: now) {
        case .accepted: []
        case .rejected(let rejected): rejected.error.violations
        }
    }
}
