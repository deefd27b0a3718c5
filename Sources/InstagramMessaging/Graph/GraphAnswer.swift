/// Reads Graph's answers to the messages call.
public enum GraphAnswer {
    /// Graph's answers are far below this; what is longer comes from something else and is not read.
    private static let longestBody = 262_144

    /// Classifies a complete HTTP answer. Never fails, whatever the status, the headers and the body are.
    ///
    /// An `error` object decides by its code and subcode alone (see ``GraphErrorTable``), also where the status is 200.
    /// A success counts only as documented: with a `message_id`, or for sender actions with a `recipient_id`. Everything
    /// else is decided by the status: 4xx was refused, 429 throttled, and of all others nobody knows what happened.
    ///
    /// - Parameters:
    ///   - status: The HTTP status.
    ///   - body: The complete body, decompressed.
    ///   - header: Looks up a header without regard to case.
    ///   - expectsMessageID: False for sender actions, whose success has no `message_id`.
    ///   - now: The wall clock, for a `Retry-After` that is a date.
    public static func classify(
        status: Int,
        body: [UInt8],
        header: (String) -> String?,
        expectsMessageID: Bool,
        now: Timestamp
    ) -> CallOutcome {
        let answer = document(body)
        var outcome: CallOutcome
        if let error = answer?["error"], error.members != nil {
            outcome = failure(
                GraphErrorBody(error),
                status: status,
                hasMessageID: identifier(answer, "message_id") != nil
            )
        } else if (200..<300).contains(status) {
            outcome = success(answer, status: status, expectsMessageID: expectsMessageID)
        } else {
            outcome = withoutGraphError(status: status, byteCount: body.count)
        }
        outcome.httpStatus = status
        outcome.retryAfterMilliseconds = header("Retry-After").flatMap { RetryAfter.milliseconds($0, now: now) }
        outcome.usage = UsageReport(
            appUsage: header("X-App-Usage"),
            businessUsage: header("X-Business-Use-Case-Usage")
        )
        return outcome
    }

    /// The body as a JSON object; nil for anything else.
    private static func document(_ body: [UInt8]) -> JSONValue? {
        guard body.count <= longestBody else { return nil }
        let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let bytes = body.starts(with: byteOrderMark) ? Array(body.dropFirst(byteOrderMark.count)) : body
        guard let value = try? JSONReader.read(bytes), value.members != nil else { return nil }
        return value
    }

    /// A non-empty id; some proxies and tests write ids as numbers.
    private static func identifier(_ answer: JSONValue?, _ name: String) -> String? {
        switch answer?[name]?.content {
        case .string(let text): text.isEmpty ? nil : text
        case .number(let digits): digits.utf8.allSatisfy { 0x30...0x39 ~= $0 } ? digits : nil
        default: nil
        }
    }

    private static func success(_ answer: JSONValue?, status: Int, expectsMessageID: Bool) -> CallOutcome {
        let messageID = identifier(answer, "message_id")
        let recipientID = identifier(answer, "recipient_id")
        let hasError = answer?["error"].map { $0.content != .null } ?? false
        if !hasError, messageID != nil || (!expectsMessageID && recipientID != nil) {
            return CallOutcome(
                outcomeClass: .delivered,
                error: nil,
                messageID: messageID,
                recipientID: recipientID
            )
        }
        let missing = expectsMessageID ? "a message_id" : "a recipient_id"
        let message = "Graph answered HTTP \(status) without \(missing); the message may have been delivered."
        return CallOutcome(
            outcomeClass: .unknown,
            error: SendError(category: .graphError, message: message, httpStatus: status)
        )
    }
}
