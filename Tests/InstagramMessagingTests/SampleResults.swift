import InstagramMessaging

/// Results of every status, for encoding, decoding and headers.
enum SampleResult {
    static let sent = SendResult(
        requestID: "order-1",
        accountID: "178414",
        recipientID: "9001",
        status: .sent,
        messageID: "aWdf",
        attempts: 1,
        possibleDuplicate: false,
        error: nil,
        receivedAt: Timestamp(millisecondsSinceEpoch: 1_751_284_800_000),
        completedAt: Timestamp(millisecondsSinceEpoch: 1_751_284_800_250),
        source: SendResult.Source(topic: "instagram.send.requests", partition: 3, offset: 42),
        context: nil
    )

    static let failed = SendResult(
        requestID: nil,
        accountID: nil,
        recipientID: nil,
        status: .failed,
        attempts: 8,
        possibleDuplicate: true,
        error: SendError(
            category: .outsideWindow,
            message: "\"Zu\" spät\n",
            httpStatus: 403,
            code: 10,
            subcode: 2_534_022,
            traceID: "A9C5",
            violations: [
                Violation(field: "/message/text", rule: "text.bytes", message: "too long"),
                Violation(field: "", rule: "r", message: "m"),
            ]
        ),
        receivedAt: Timestamp(millisecondsSinceEpoch: 0),
        completedAt: Timestamp(millisecondsSinceEpoch: 1_751_284_800_250),
        source: SendResult.Source(topic: "t", partition: 0, offset: .max),
        context: Array(#"{ "b":1.0,  "a":"\u00e4\/" }"#.utf8)
    )

    /// Every status, and for those with an error every category.
    static let all: [SendResult] =
        [sent, failed]
        + SendResult.Status.allCases.filter { $0 != .sent }.flatMap { status in
            ErrorCategory.allCases.map { category in
                var result = sent
                result.status = status
                result.messageID = nil
                result.attempts = 0
                result.error = SendError(category: category, message: "m\u{0}\u{1F}\\ 😀")
                return result
            }
        }
}
