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
