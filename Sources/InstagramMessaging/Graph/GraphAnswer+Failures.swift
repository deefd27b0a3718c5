extension GraphAnswer {
    /// An answer with an `error` object.
    static func failure(_ body: GraphErrorBody, status: Int, hasMessageID: Bool) -> CallOutcome {
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
    static func withoutGraphError(status: Int, byteCount: Int) -> CallOutcome {
        let what = byteCount == 0 ? "an empty body" : "a body that is not a Graph error (\(byteCount) bytes)"
        return withoutGraphError(status: status, "Graph answered HTTP \(status) with \(what)")
    }

    /// What a status says by itself.
    static func withoutGraphError(status: Int, _ sentence: String) -> CallOutcome {
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
