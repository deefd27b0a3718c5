import InstagramMessaging
import Testing

@Suite("Dead letter headers")
struct DeadLetterHeadersTests {
    private func headers(_ result: SendResult, redrives: Int = 0) -> [String] {
        DeadLetterHeaders.headers(for: result, redrives: redrives).map {
            "\($0.name): \(String(decoding: $0.value, as: UTF8.self))"
        }
    }

    @Test("All that is known of a request that did not end as sent is in the headers")
    func complete() {
        #expect(
            headers(SampleResult.failed, redrives: 2) == [
                "dlq-status: failed", "dlq-category: outside_window", "dlq-code: 10", "dlq-subcode: 2534022",
                "dlq-message: \"Zu\" spät\n", "dlq-attempts: 8", "dlq-source-topic: t", "dlq-source-partition: 0",
                "dlq-source-offset: 9223372036854775807", "dlq-time: 2025-06-30T12:00:00.250Z", "dlq-redrives: 2",
            ]
        )
        let written = DeadLetterHeaders.headers(for: SampleResult.failed, redrives: 2).map(\.name)
        #expect(written + [DeadLetterHeaders.omittedBytes] == DeadLetterHeaders.names)
    }

    @Test("What is not known has no header")
    func sparse() {
        var result = SampleResult.failed
        result.status = .expired
        result.attempts = 0
        result.error = SendError(category: .expired, message: "too late")
        #expect(
            headers(result) == [
                "dlq-status: expired", "dlq-category: expired", "dlq-message: too late", "dlq-attempts: 0",
                "dlq-source-topic: t", "dlq-source-partition: 0", "dlq-source-offset: 9223372036854775807",
                "dlq-time: 2025-06-30T12:00:00.250Z", "dlq-redrives: 0",
            ]
        )
    }

    @Test("Only the documented names count as headers of a dead letter")
    func names() {
        #expect(DeadLetterHeaders.names.allSatisfy(DeadLetterHeaders.contains))
        for name in ["traceparent", "dlq-", "dlq-other", "DLQ-STATUS", "", "xdlq-status"] {
            #expect(!DeadLetterHeaders.contains(name))
        }
    }

    @Test("The count of redrives is read back, and anything else counts as none")
    func redrives() {
        #expect(DeadLetterHeaders.redrives(nil) == 0)
        for (text, count) in [("0", 0), ("3", 3), ("-1", 0), ("", 0), ("x", 0), ("99999999999999999999", 0)] {
            #expect(DeadLetterHeaders.redrives(Array(text.utf8)) == count)
        }
        #expect(headers(SampleResult.failed, redrives: -5).last == "dlq-redrives: 0")
    }
}
