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
        let hasError = answer?["error"].map { !$0.isNull } ?? false
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

extension GraphAnswer {
    /// An answer with an `error` object.
    private static func failure(_ body: GraphErrorBody, status: Int, hasMessageID: Bool) -> CallOutcome {
        // An id says delivered, an error says not: whoever believes either one may double or lose the message.
        if hasMessageID {
            return outcome(.unknown, .graphError, "an error beside a message_id", body, status)
        }
        if let code = body.code, let row = GraphErrorTable.standard.row(code: code, subcode: body.subcode) {
            if row.outcomeClass == .delivered { return CallOutcome(outcomeClass: .delivered, error: nil) }
            var outcome = outcome(row.outcomeClass, row.category, row.note, body, status)
            outcome.scope = row.scope
            outcome.feature = row.feature
            outcome.needsRepetition = row.needsRepetition
            return outcome
        }
        // No code that is known: the status says what it says without Graph.
        let byStatus = withoutGraphError(status: status, "")
        switch byStatus.outcomeClass {
        case .throttled: return outcome(.throttled, .throttled, "too many requests", body, status)
        case .notSent: return outcome(.notSent, .endpointUnavailable, "it was not processed", body, status)
        default: return outcome(byStatus.outcomeClass, .graphError, nil, body, status)
        }
    }

    /// An answer that is neither a success nor a Graph error: from a proxy, a load balancer, or cut off.
    private static func withoutGraphError(status: Int, byteCount: Int) -> CallOutcome {
        let what = byteCount == 0 ? "an empty body" : "a body that is not a Graph error (\(byteCount) bytes)"
        return withoutGraphError(status: status, "Graph answered HTTP \(status) with \(what)")
    }

    /// The outcome that a status tells by itself.
    private static func withoutGraphError(status: Int, _ sentence: String) -> CallOutcome {
        switch status {
        case 429:
            return outcome(.throttled, .throttled, "\(sentence): too many requests.", status)
        case 421, 425:
            // RFC 9110, 15.5.20, and RFC 8470, 5.2.
            return outcome(.notSent, .endpointUnavailable, "\(sentence); it did not process the request.", status)
        case 408, 499:
            // Who gave up waiting, the server or a proxy, may have handed the request on before.
            let meaning = "whoever gave up waiting may have passed the message on; it may have been delivered."
            return outcome(.unknown, .endpointUnavailable, "\(sentence); \(meaning)", status)
        case 300..<400:
            let remedy = "redirects are never followed; graph.baseURL must be the endpoint itself, with https."
            return outcome(.refused, .graphError, "\(sentence); \(remedy)", status)
        case 400..<500:
            return outcome(.refused, .graphError, "\(sentence).", status)
        case 500..<600:
            return outcome(.unknown, .endpointUnavailable, "\(sentence); the message may have been delivered.", status)
        default:
            return outcome(.unknown, .graphError, "\(sentence); the message may have been delivered.", status)
        }
    }

    private static func outcome(
        _ outcomeClass: OutcomeClass,
        _ category: ErrorCategory,
        _ note: String?,
        _ body: GraphErrorBody,
        _ status: Int
    ) -> CallOutcome {
        var sentence = "Graph answered HTTP \(status) with "
        sentence += body.name.map { "error \($0)" } ?? "an error without a code"
        if let note { sentence += " (\(note))" }
        if let message = body.message { sentence += ": \(message)" }
        if let title = body.title { sentence += " [\(title)]" }
        let error = SendError(
            category: category,
            message: sentence,
            httpStatus: status,
            code: body.code,
            subcode: body.subcode,
            traceID: body.traceID
        )
        return CallOutcome(outcomeClass: outcomeClass, error: error)
    }

    private static func outcome(
        _ outcomeClass: OutcomeClass,
        _ category: ErrorCategory,
        _ message: String,
        _ status: Int
    ) -> CallOutcome {
        CallOutcome(
            outcomeClass: outcomeClass,
            error: SendError(category: category, message: message, httpStatus: status)
        )
    }
}

/// The `error` object of a Graph answer, as far as it can be understood. Any member may be missing or of another type.
private struct GraphErrorBody: Hashable {
    private static let longestMessage = 300
    private static let longestTraceID = 100
    /// 2 to the power of 53: up to here a Double holds every integer.
    private static let largestExactInteger = 9_007_199_254_740_992.0

    var code: Int?
    var subcode: Int?
    /// Graph's own words, cleaned and bounded; localised, so nothing is decided by them.
    var message: String?
    /// The title that Graph would show to a person; it often says more than the message.
    var title: String?
    var traceID: String?

    init(_ error: JSONValue) {
        code = Self.integer(error["code"])
        subcode = Self.integer(error["error_subcode"])
        message = Self.text(error["message"]) ?? Self.text(error["error_user_msg"])
        title = Self.text(error["error_user_title"]).flatMap { $0 == message ? nil : $0 }
        traceID = error["fbtrace_id"]?.string.flatMap(Self.traceID)
    }

    /// The code and the subcode as documentation writes them: `10/2534022`.
    var name: String? {
        guard let code else { return nil }
        return subcode.map { "\(code)/\($0)" } ?? "\(code)"
    }

    /// A whole number, also where it is written as `10.0` or `"10"`.
    private static func integer(_ value: JSONValue?) -> Int? {
        let text: String
        switch value?.content {
        case .number(let digits), .string(let digits): text = digits
        default: return nil
        }
        if let number = Int(text) { return number }
        guard let number = Double(text), abs(number) <= largestExactInteger else { return nil }
        let whole = Int(number)
        return Double(whole) == number ? whole : nil
    }

    private static func text(_ value: JSONValue?) -> String? {
        guard let text = value?.string else { return nil }
        let cleaned = SafeText.cleaned(text, limit: longestMessage)
        return cleaned.isEmpty ? nil : cleaned
    }

    /// A trace id is only passed on where it is a short run of visible ASCII characters.
    private static func traceID(_ text: String) -> String? {
        let isUsable = !text.isEmpty && text.utf8.count <= longestTraceID && text.utf8.allSatisfy { 0x21...0x7E ~= $0 }
        return isUsable ? SafeText.cleaned(text, limit: longestTraceID) : nil
    }
}
