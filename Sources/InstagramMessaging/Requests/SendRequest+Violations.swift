extension SendRequest {
    /// Every rule that this request breaks at a given moment; empty exactly where the worker accepts it and reads from its
    /// record the request it is.
    ///
    /// The request is encoded and judged as the worker judges it, so that the two cannot differ. The rules whose ids begin
    /// with `media.` are not among those checked: the worker asks the servers of the files.
    public func violations(
        now: Timestamp,
        options: RequestDecoder.Options = RequestDecoder.Options()
    ) -> [Violation] {
        switch RequestDecoder(options: options).decode(encodedRecord(), now: now) {
        case .accepted(let accepted): losses(in: accepted.request)
        case .rejected(let rejected): rejected.error.violations
        }
    }

    /// What this request says and its record does not.
    private func losses(in read: SendRequest) -> [Violation] {
        var rest = read
        rest.context = context
        guard rest != self || read.context.map(Self.trimmed) != context.map(Self.trimmed) else { return [] }
        return [
            Violation(
                field: "/context",
                rule: RuleID.memberType.rawValue,
                message: "context holds more than a JSON object; give exactly one"
            )
        ]
    }

    /// Without the white space around a JSON value.
    private static func trimmed(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
        let start = bytes.firstIndex { !isSpace($0) } ?? bytes.endIndex
        let end = bytes.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? bytes.endIndex
        return bytes[start..<end]
    }
}
