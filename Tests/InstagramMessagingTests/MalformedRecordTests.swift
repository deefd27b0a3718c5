import InstagramMessaging
import Testing

@Suite struct MalformedRecordTests {
    private func rejection(_ bytes: [UInt8]?) throws -> RejectedRequest {
        let rejected = try #require(RequestDecoder().decode(bytes, now: SampleRecord.now).rejection)
        #expect(rejected.error.category == .malformedRecord)
        #expect(rejected.status == .rejected)
        #expect(!rejected.error.violations.isEmpty)
        return rejected
    }

    @Test func aTombstoneIsMalformed() throws {
        let rejected = try rejection(nil)
        #expect(rejected.error.violations.map(\.rule) == ["record.missing"])
        #expect(rejected.error.message.contains("tombstone"))
    }

    @Test(arguments: [
        ("", "(byte 0)"), (" \n", "(byte 2)"), ("null", "null (byte 0)"), ("[]", "an array"), ("\"x\"", "a string"),
        ("7", "a number"),
        ("hello", "'h' stands"), ("{}x", "(byte 2)"), ("{\"a\":NaN}", "(byte 5)"), ("{\"a\":01}", "(byte 5)"),
        ("\u{FEFF}{}", "byte order mark"), ("{'a':1}", "(byte 1)"), ("{\"a\":\"\\ud800\"}", "surrogate"),
        ("{\"request_id\":\"a\",\"request_id\":\"b\"}", "occurs twice"),
    ])
    func whatIsNoObjectIsMalformedAndToldWhere(json: String, told: String) throws {
        let rejected = try rejection(Array(json.utf8))
        #expect(rejected.error.message.contains(told), "\(rejected.error.message)")
        #expect(rejected.requestID == nil)
    }

    @Test(arguments: [
        (#""request_id":7"#, "/request_id"), (#""request_id":null"#, "/request_id"),
        (#""account_id":17841405822304914"#, "/account_id"),
        (#""recipient":"1""#, "/recipient"), (#""recipient":{"id":1}"#, "/recipient/id"),
        (#""message":[]"#, "/message"),
        (#""message":{"text":5}"#, "/message/text"), (#""message":{"attachment":"a"}"#, "/message/attachment"),
        (#""message":{"attachments":{}}"#, "/message/attachments"),
        (#""message":{"attachments":[1]}"#, "/message/attachments/0"),
        (#""sender_action":true"#, "/sender_action"), (#""tag":1"#, "/tag"),
        (#""messaging_type":1"#, "/messaging_type"),
        (#""expires_at":1751285109"#, "/expires_at"), (#""last_inbound_at":0"#, "/last_inbound_at"),
        (#""window_expires_at":{}"#, "/window_expires_at"), (#""sender":true"#, "/sender"),
        (#""comment":1"#, "/comment"),
        (#""reply_to":"m""#, "/reply_to"),
        (#""delivery":1"#, "/delivery"),
        (#""context":"{}""#, "/context"), (#""context":[]"#, "/context"),
    ])
    func aMemberOfTheWrongTypeIsMalformedAndToldWhere(member: String, field: String) throws {
        let rejected = try rejection(Array("{\(member)}".utf8))
        let violation = try #require(rejected.error.violations.first { $0.rule == "member.type" })
        #expect(violation.field == field)
        #expect(violation.message.contains("(byte "))
    }

    @Test func invalidUTF8IsToldWithItsOffset() throws {
        var bytes = Array(SampleRecord.json(#""message":{"text":"?"}"#).utf8)
        let offset = bytes.lastIndex(of: UInt8(ascii: "?"))!
        bytes[offset] = 0xFF
        let rejected = try rejection(bytes)
        #expect(rejected.error.message.contains("UTF-8 (byte \(offset))"))
        #expect(rejected.requestID == "r-1" && rejected.accountID == "17841405822304914")
        #expect(rejected.recipientID == "17841400000000001")
    }

    @Test func anOverlongRecordIsRefusedAndItsIdsAreSalvaged() throws {
        let json = SampleRecord.json(
            #""message":{"text":"\#(String(repeating: "a", count: 1_000_000))"}"#,
            extra: #","context":{"k":1}"#
        )
        let rejected = try rejection(Array(json.utf8))
        #expect(rejected.error.violations.map(\.rule) == ["record.too_large"])
        #expect(rejected.requestID == "r-1" && rejected.context == Array(#"{"k":1}"#.utf8))
        let broken = try rejection(Array(json.utf8.dropLast()))
        #expect(broken.error.violations.map(\.rule) == ["record.too_large"])
        #expect(broken.requestID == "r-1")
    }

    @Test func deepNestingIsRefusedAndTheStackSurvivesIt() throws {
        let nested = String(repeating: "[", count: 60_000)
        let rejected = try rejection(Array(#"{"request_id":"a","x":\#(nested)"#.utf8))
        #expect(rejected.error.violations.map(\.rule) == ["record.too_deep"])
        #expect(rejected.requestID == "a")
    }

    @Test func onlyUsablePartsAreSalvaged() throws {
        let rejected = try rejection(
            Array(
                #"{"request_id":"a b","account_id":"x","recipient":{"id":"1","comment_id":"2"},"context":[],"message":1}"#
                    .utf8
            )
        )
        #expect(rejected.requestID == nil && rejected.accountID == nil && rejected.recipientID == nil)
        #expect(rejected.context == nil)
        let nested = try rejection(Array(#"{"request_id":"a","context":{"request_id":1,"request_id":2}}"#.utf8))
        #expect(nested.requestID == "a")
    }
}
