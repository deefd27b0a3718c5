import InstagramMessaging
import Testing

@Suite("Usage headers")
struct UsageReportTests {
    @Test("The worst percentage of the application header counts")
    func application() {
        let header = #"{"call_count":28,"total_time":25,"total_cputime":41}"#
        #expect(UsageReport(header: header) == UsageReport(highestPercent: 41))
    }

    @Test("The worst of all keys and items of the business header counts, with the longest regain time")
    func business() {
        let header = """
            {"1784":[{"type":"instagram","call_count":100,"total_cputime":25,"total_time":25,\
            "estimated_time_to_regain_access":19},{"type":"messenger","call_count":3,\
            "estimated_time_to_regain_access":4}],"99":[{"type":"something_new","total_time":130}]}
            """
        #expect(UsageReport(header: header) == UsageReport(highestPercent: 130, regainMinutes: 19))
    }

    @Test(
        "Budgets of other products say nothing of messages",
        arguments: [
            "ads_management", "ads_insights", "custom_audience", "leadgen", "catalog_batch", "pages", "whatsapp",
        ]
    )
    func otherProducts(type: String) {
        let item = #"{"type":"\#(type)","call_count":100,"estimated_time_to_regain_access":60}"#
        #expect(UsageReport(header: #"{"1":[\#(item)]}"#) == nil)
        let own = #"{"call_count":7,"type":"instagram"}"#
        #expect(UsageReport(header: #"{"1":[\#(item),\#(own)]}"#) == UsageReport(highestPercent: 7))
    }

    @Test("Numbers as strings, fractions, negatives and giants are taken tolerantly")
    func numbers() {
        #expect(UsageReport(header: #"{"call_count":"55"}"#)?.highestPercent == 55)
        #expect(UsageReport(header: #"{"call_count":99.2}"#)?.highestPercent == 100)
        #expect(UsageReport(header: #"{"call_count":-3}"#)?.highestPercent == 0)
        #expect(UsageReport(header: #"{"call_count":1e300}"#)?.highestPercent == 1_000_000)
        #expect(UsageReport(header: #"{"call_count":"nan","total_time":7}"#)?.highestPercent == 7)
        #expect(UsageReport(header: #"{"call_count":"inf"}"#)?.highestPercent == 1_000_000)
    }

    @Test(
        "A header that says nothing usable is as good as none",
        arguments: [
            "", "{}", "[]", "null", "90", "call_count=90", #"{"call_count":null}"#, #"{"call_count":[90]}"#, "{",
        ]
    )
    func nothing(_ header: String) {
        #expect(UsageReport(header: header) == nil)
    }

    @Test("Every answer carries the reports of its headers, whatever their case")
    func inAnswer() {
        let outcome = answer(
            200,
            #"{"message_id":"m"}"#,
            headers: [
                "x-app-usage": #"{"call_count":28}"#, "X-BUSINESS-USE-CASE-USAGE": #"{"1":[{"total_time":97}]}"#,
            ]
        )
        #expect(outcome.usage == UsageReport(highestPercent: 97))
        #expect(outcome.applicationUsage == UsageReport(highestPercent: 28))
        #expect(answer(500, "").usage == nil)
    }
}
