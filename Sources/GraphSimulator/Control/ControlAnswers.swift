import InstagramMessaging

extension SimulatorSummary {
    /// The answer of `GET /_simulator/summary`.
    var json: JSONNode {
        .object([
            "calls": .integer(calls),
            "forgotten_calls": .integer(Int64(clamping: forgottenCalls)),
            "accepted_messages": .integer(acceptedMessages),
            "accepted_sender_actions": .integer(acceptedSenderActions),
            "duplicate_messages": .integer(duplicateMessages),
            "repeated_sender_actions": .integer(repeatedSenderActions),
            "throttled_by_limit": .integer(throttledByLimit),
            "answers": .counts(answers),
            "errors": .counts(errors),
            "faults": .counts(faults),
            "duplicates": .array(duplicates.map(\.json)),
            "rates": .array(rates.map(\.json)),
        ])
    }
}

extension SimulatorSummary.Duplicate {
    fileprivate var json: JSONNode {
        .object([
            "account": .string(accountID),
            "recipient": .string(recipient),
            "digest": .string(BodyDigest.text(bodyDigest)),
            "marker": .string(marker),
            "times": .integer(times),
        ])
    }
}

extension SimulatorSummary.Rate {
    fileprivate var json: JSONNode {
        .object([
            "account": .string(accountID),
            "class": .string(rateClass.rawValue),
            "calls": .integer(calls),
            "most_per_second": .integer(mostPerSecond),
            "most_per_hour": .integer(mostPerHour),
            "throttled": .integer(throttled),
        ])
    }
}

extension CallRecord {
    /// One line of `GET /_simulator/calls`.
    var json: JSONNode {
        .object([
            "sequence": .integer(Int64(sequence)),
            "arrival_ns": .integer(arrivalNanoseconds),
            "arrival_ms": .integer(arrival.millisecondsSinceEpoch),
            "account": .string(accountID),
            "recipient": .string(recipient),
            "kind": .string(kind),
            "class": .string(rateClass?.rawValue),
            "sender_action": .bool(isSenderAction),
            "digest": .string(bodyDigest.map(BodyDigest.text)),
            "marker": .string(marker),
            "fault": .string(fault),
            "delay_ms": .integer(delay.nanoseconds / 1_000_000),
            "accepted": .bool(accepted),
            "over_limit": .bool(isOverLimit),
            "status": .integer(status),
            "code": .integer(errorCode),
            "subcode": .integer(errorSubcode),
            "traceparent": .string(traceParent),
            "tracestate": .string(traceState),
        ])
    }
}

extension ConversationLog {
    /// One line of `GET /_simulator/conversations`.
    var json: JSONNode {
        .object([
            "account": .string(accountID),
            "recipient": .string(recipient),
            "accepted": .array(
                accepted.map { record in
                    .object([
                        "sequence": .integer(Int64(record.sequence)),
                        "kind": .string(record.kind),
                        "digest": .string(record.bodyDigest.map(BodyDigest.text)),
                        "marker": .string(record.marker),
                    ])
                }
            ),
        ])
    }
}

extension ActiveFault {
    /// The fault as it could be set again, with its id, hits and remaining time.
    var json: JSONNode {
        let state = JSONNode.object([
            "id": .integer(id),
            "hits": .integer(hits),
            "remaining_ms": remaining.map { .integer($0.nanoseconds / 1_000_000) },
            "account": .string(fault.accountID),
            "recipient": .string(fault.recipient),
            "share": .double(fault.share),
            "count": .integer(fault.count),
            "for": .string(fault.duration?.milliseconds),
        ])
        return state.merging(fault.effect.json)
    }
}

extension FaultEffect {
    fileprivate var json: JSONNode {
        let details: JSONNode =
            switch self {
            case .latency(let fixed, let jitter):
                .object(["fixed": .string(fixed.milliseconds), "jitter": .string(jitter.milliseconds)])
            case .error(let answer, let delivers): answer.json.merging(.object(["delivers": .bool(delivers)]))
            case .throttle(let answer): answer.json
            case .odd(let odd): odd.basis.json.merging(.object(["after": .string(odd.after.milliseconds)]))
            case .replyDelayed(let delay): .object(["by": .string(delay.milliseconds)])
            case .htmlPage(let status, let delivers):
                .object(["status": .integer(status), "delivers": .bool(delivers)])
            case .deadToken(let subcode), .mediaFetchFailure(let subcode): .object(["subcode": .integer(subcode)])
            case .endpointDown(let status): .object(["status": .integer(status)])
            case .replyLost, .resetBeforeBody, .resetAfterBody, .truncatedAnswer: .object([])
            }
        return .object(["effect": .string(name)]).merging(details)
    }
}

extension OddAnswer.Basis {
    fileprivate var json: JSONNode {
        switch self {
        case .acceptance: .object([])
        case .error(let answer): answer.json
        case .page(let status, let seconds):
            .object(["status": .integer(status), "retry_after_seconds": .integer(seconds)])
        }
    }
}

extension GraphErrorAnswer {
    fileprivate var json: JSONNode {
        .object([
            "status": .integer(status),
            "code": .integer(code),
            "subcode": .integer(subcode),
            "type": .string(type),
            "message": .string(message),
            "is_transient": .bool(isTransient),
            "retry_after_seconds": .integer(retryAfterSeconds),
            "regain_minutes": .integer(regainMinutes),
        ])
    }
}

extension JSONNode {
    /// The members of this object and of another one.
    fileprivate func merging(_ other: JSONNode) -> JSONNode {
        guard case .object(let members) = self, case .object(let others) = other else { return self }
        return .object(members + others)
    }
}

extension Duration {
    /// As the control interface writes durations.
    fileprivate var milliseconds: String { "\(nanoseconds / 1_000_000)ms" }
}
