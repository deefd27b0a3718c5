import InstagramMessaging
import SendEngine
import Testing

@testable import SendWorker

@Suite("What the safety valve says")
struct SafetyReportTests {
    private func paused(_ category: ErrorCategory, code: Int? = 10) -> EngineCensus.Safety {
        var safety = EngineCensus.Safety()
        safety.state = .paused
        safety.since = Timestamp(millisecondsSinceEpoch: 0)
        safety.failing = 12
        safety.active = 14
        safety.threshold = 0.5
        safety.window = .seconds(60)
        safety.error = SendError(category: category, message: "It said no.", code: code, subcode: nil)
        safety.accountsWithError = 11
        return safety
    }

    @Test("while it sends there is nothing to say")
    func sending() {
        #expect(SafetyReport(safety: EngineCensus.Safety()).reason == nil)
        var json = JSONWriter()
        var safety = EngineCensus.Safety()
        safety.threshold = 0.5
        json.safety(safety)
        let expected =
            #"{"state":"sending","since":null,"failed_accounts":0,"active_accounts":0,"threshold":0.5,"reason":null}"#
        #expect(String(decoding: json.bytes, as: UTF8.self) == expected)
    }

    @Test("a pause names the numbers, the cause with an example, and what to do")
    func pause() throws {
        let reason = try #require(SafetyReport(safety: paused(.permission)).reason)
        for text in [
            "12 of 14 accounts that were active within 60s", "(11 accounts): permission 10", "It said no.", "dashboard",
            "send-worker resume",
        ] {
            #expect(reason.contains(text), "\(reason)")
        }
    }

    @Test(
        "what to do fits the cause",
        arguments: [
            (ErrorCategory.token, "tokens.file"), (.permission, "permissions"), (.graphError, "graph.version"),
            (.invalidRequest, "graph.version"), (.policy, "restricts"),
        ]
    )
    func remedy(category: ErrorCategory, text: String) {
        #expect(SafetyReport(safety: paused(category, code: nil)).remedy.contains(text))
    }
}
