/// Reads Graph's answers to the messages call.
public enum GraphAnswer {
    /// Graph's answers are far below this; what is longer comes from something else and is not read.
    private static let longestBody = 262_144

    /// Classifies a complete HTTP answer. Never fails, whatever the status, the headers and the body are.
    ///
    /// An `error` object decides by its code and subcode alone (see ``GraphErrorTable``), also where the status is 200.
    /// A success counts only as documented: with a `message_id`, or for sender actions with a `recipient_id`. Everything
    /// else is decided by the status: 3xx and 4xx were refused, 429 throttled, 421 and 425 not processed, and of all others
    /// (408 and 499 among them) nobody knows what happened. What is wrong with a text hides neither code nor id.
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
        let outcome: CallOutcome
        if let failure = graphError(in: answer, status: status) {
            outcome = failure
        } else if (200..<300).contains(status) {
            outcome = success(answer, status: status, expectsMessageID: expectsMessageID)
        } else {
            outcome = withoutGraphError(status: status, byteCount: body.count)
        }
        return outcome.with(status: status, header: header, now: now)
    }

    /// Classifies an answer that did not come to its end, as far as what came of it tells.
    ///
    /// Its head is whole enough to show the status. An `error` object that came whole decides as ever. Without one a
    /// throttle is a throttle, and a refusal a refusal; but not 400, with which Graph also says that it does not know
    /// (code 2), unless the body was longer than any of Graph's. All others are unknown: 200 among them, whose id might be
    /// another's.
    ///
    /// - Parameters:
    ///   - body: What came of the body, decompressed as far as that went.
    ///   - fault: Why there is no more, in words.
    ///   - isTooLong: Whether the body was given up because of its length.
    package static func classify(
        status: Int,
        incompleteBody body: [UInt8],
        fault: String,
        isTooLong: Bool,
        category: ErrorCategory,
        header: (String) -> String?,
        now: Timestamp
    ) -> CallOutcome {
        let isSuccess = (200..<300).contains(status)
        var outcome: CallOutcome
        if !isSuccess, let failure = graphError(in: document(body), status: status) {
            outcome = failure
        } else {
            let sentence = "Graph answered HTTP \(status), but not to the end (\(fault))"
            outcome = withoutGraphError(status: status, sentence)
            if outcome.outcomeClass == .unknown || (status == 400 && !isTooLong) {
                // No status in the error: as far as the endpoint's health goes, nobody answered.
                outcome = .unknown("\(sentence); the message may have been delivered", category: category)
            }
        }
        return outcome.with(status: status, header: header, now: now)
    }

    /// The body as a JSON object with the members that are whole; nil for anything else.
    private static func document(_ body: [UInt8]) -> (object: JSONValue, isWhole: Bool)? {
        guard body.count <= longestBody else { return nil }
        return JSONReader.readLeniently(body)
    }

    /// The class of an answer with an `error` object; nil for any other.
    private static func graphError(in answer: (object: JSONValue, isWhole: Bool)?, status: Int) -> CallOutcome? {
        guard let error = answer?.object["error"], error.members != nil else { return nil }
        let hasMessageID = identifier(answer?.object, "message_id") != nil
        return failure(GraphErrorBody(error), status: status, hasMessageID: hasMessageID)
    }

    /// A non-empty id; some proxies and tests write ids as numbers.
    private static func identifier(_ answer: JSONValue?, _ name: String) -> String? {
        switch answer?[name]?.content {
        case .string(let text): text.isEmpty ? nil : text
        case .number(let digits): digits.utf8.allSatisfy { 0x30...0x39 ~= $0 } ? digits : nil
        default: nil
        }
    }

    private static func success(
        _ body: (object: JSONValue, isWhole: Bool)?,
        status: Int,
        expectsMessageID: Bool
    ) -> CallOutcome {
        // Of one that is cut off the id might be cut as well.
        let answer = body?.isWhole == true ? body?.object : nil
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

extension CallOutcome {
    /// The outcome with what the head of the answer says besides.
    fileprivate func with(status: Int, header: (String) -> String?, now: Timestamp) -> CallOutcome {
        var outcome = self
        outcome.httpStatus = status
        outcome.retryAfterMilliseconds = header("Retry-After").flatMap { RetryAfter.milliseconds($0, now: now) }
        outcome.usage = UsageReport(header: header("X-Business-Use-Case-Usage"))
        outcome.applicationUsage = UsageReport(header: header("X-App-Usage"))
        return outcome
    }
}
