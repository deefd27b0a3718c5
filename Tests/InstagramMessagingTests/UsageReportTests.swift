import InstagramMessaging
import Testing

@Suite("Usage headers")
struct UsageReportTests {
    @Test("The worst percentage of the application header counts")
    func application() {
        let header = #"{"call_count":28,"total_time":25,"total_cputime":41}"#
        #expect(UsageReport(appUsage: header, businessUsage: nil) == UsageReport(highestPercent: 41))
    }

    @Test("The worst of all keys and items of the business header counts, with the longest regain time")
    func business() {
        let header = """
            {"1784":[{"type":"instagram","call_count":100,"total_cputime":25,"total_time":25,\
            "estimated_time_to_regain_access":19},{"type":"messenger","call_count":3,\
            "estimated_time_to_regain_access":4}],"99":[{"type":"pages","total_time":130}]}
            """
        #expect(
            UsageReport(appUsage: nil, businessUsage: header) == UsageReport(highestPercent: 130, regainMinutes: 19)
        )
    }

    @Test("Both headers together give the worst of both")
    func both() {
        let application = #"{"call_count":90}"#
        let business = #"{"1":[{"call_count":10,"estimated_time_to_regain_access":0}]}"#
        #expect(
            UsageReport(appUsage: application, businessUsage: business)
                == UsageReport(highestPercent: 90, regainMinutes: 0)
        )
    }

    @Test("Numbers as strings, fractions, negatives and giants are taken tolerantly")
    func numbers() {
        #expect(UsageReport(appUsage: #"{"call_count":"55"}"#, businessUsage: nil)?.highestPercent == 55)
        #expect(UsageReport(appUsage: #"{"call_count":99.2}"#, businessUsage: nil)?.highestPercent == 100)
        #expect(UsageReport(appUsage: #"{"call_count":-3}"#, businessUsage: nil)?.highestPercent == 0)
        #expect(UsageReport(appUsage: #"{"call_count":1e300}"#, businessUsage: nil)?.highestPercent == 1_000_000)
        #expect(UsageReport(appUsage: #"{"call_count":"nan","total_time":7}"#, businessUsage: nil)?.highestPercent == 7)
        #expect(UsageReport(appUsage: #"{"call_count":"inf"}"#, businessUsage: nil)?.highestPercent == 1_000_000)
    }

    @Test(
        "A header that says nothing usable is as good as none",
        arguments: [
            "", "{}", "[]", "null", "90", "call_count=90", #"{"call_count":null}"#, #"{"call_count":[90]}"#, "{",
        ]
    )
    func nothing(_ header: String) {
        #expect(UsageReport(appUsage: header, businessUsage: header) == nil)
        #expect(UsageReport(appUsage: header, businessUsage: #"{"1":[{"call_count":5}]}"#)?.highestPercent == 5)
    }

    @Test("Every answer carries the report of its headers, whatever their case")
    func inAnswer() {
        let outcome = answer(
            200,
            #"{"message_id":"m"}"#,
            headers: [
                "x-app-usage": #"{"call_count":28}"#, "X-BUSINESS-USE-CASE-USAGE": #"{"1":[{"total_time":97}]}"#,
            ]
        )
        #expect(outcome.usage == UsageReport(highestPercent: 97))
        #expect(answer(500, "").usage == nil)
    }
}
