import InstagramMessaging

/// 2025-06-30T12:00:00Z.
let answerTime = Timestamp(millisecondsSinceEpoch: 1_751_284_800_000)

/// Classifies an answer that was given as text.
func answer(
    _ status: Int,
    _ body: String,
    headers: [String: String] = [:],
    expectsMessageID: Bool = true
) -> CallOutcome {
    answer(status, bytes: Array(body.utf8), headers: headers, expectsMessageID: expectsMessageID)
}

/// Classifies an answer that was given as bytes; header names are compared without regard to case.
func answer(
    _ status: Int,
    bytes: [UInt8],
    headers: [String: String] = [:],
    expectsMessageID: Bool = true
) -> CallOutcome {
    GraphAnswer.classify(
        status: status,
        body: bytes,
        header: { name in headers.first { $0.key.lowercased() == name.lowercased() }?.value },
        expectsMessageID: expectsMessageID,
        now: answerTime
    )
}
