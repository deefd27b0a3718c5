extension MessagesRequest {
    /// The conversation, where the body names one.
    var conversation: Conversation? {
        call.recipient.map { Conversation(accountID: accountID, recipient: $0) }
    }
}

extension EndpointReply.Action {
    /// The HTTP status; nil where nothing is answered.
    var status: Int? {
        if case .answer(let answer) = self { answer.status } else { nil }
    }
}

extension CallRecord {
    /// A call whose body was not read. The log numbers it.
    init(accountID: String, arrival: Moment, fault: String) {
        self.init(
            sequence: 0,
            arrivalNanoseconds: arrival.nanoseconds,
            arrival: arrival.wall,
            accountID: accountID,
            isSenderAction: false,
            fault: fault,
            delay: .zero,
            accepted: false,
            isOverLimit: false
        )
    }

    /// A call that was read to its end. The log numbers it.
    init(request: MessagesRequest, verdict: Verdict, delay: Duration, isOverLimit: Bool, status: Int?) {
        self.init(
            sequence: 0,
            arrivalNanoseconds: request.arrival.nanoseconds,
            arrival: request.arrival.wall,
            accountID: request.accountID,
            recipient: request.call.recipient,
            kind: request.call.kind,
            rateClass: request.call.rateClass,
            isSenderAction: request.call.isSenderAction,
            bodyDigest: request.call.bodyDigest,
            marker: request.marker ?? request.call.marker,
            fault: verdict.fault,
            delay: delay,
            accepted: verdict.accepts,
            isOverLimit: isOverLimit,
            status: status,
            errorCode: verdict.error?.code,
            errorSubcode: verdict.error?.subcode,
            traceParent: request.traceParent,
            traceState: request.traceState
        )
    }
}
