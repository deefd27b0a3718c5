import InstagramMessaging

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
