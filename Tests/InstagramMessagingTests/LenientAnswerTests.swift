import InstagramMessaging
import Testing

@Suite("Odd answers")
struct LenientAnswerTests {
    /// Texts of an answer that break a strict reader, as a member and its comma.
    private static let oddMembers: [[UInt8]] =
        [
            #""note":"\ud83d","#, #""note":"\udca9\ud83d!","#, #""note":"\u12","#, #""note":"\u00zz","#,
            #""note":"\x","#, "\"note\":\"a\nb\u{1}\",", #""note":NaN,"#, #""note":undefined,"#, #""note":+1,"#,
            #""note":01.,"#, #""note":,"#, #""note":'single',"#, #""note":1,"note":2,"#, #""note":[1,,2],"#,
        ].map { Array($0.utf8) } + [
            Array(#""note":""#.utf8) + [0xE9] + Array(#"","#.utf8),
            Array(#""note":"\n"#.utf8) + [0xFF, 0xC0, 0x80] + Array(#"","#.utf8),
            Array(#"""#.utf8) + [0xE9] + Array(#"":"a","#.utf8),
        ]

    private static func body(_ member: [UInt8], _ rest: String) -> [UInt8] {
        Array("{".utf8) + member + Array(rest.utf8)
    }

    @Test("A text that breaks a strict reader does not hide the ids of a success", arguments: oddMembers)
    func successBesideOddText(_ member: [UInt8]) {
        let body = Self.body(member, #""recipient_id":"5","message_id":"m_1"}"#)
        let outcome = answer(200, bytes: body)
        #expect(outcome.outcomeClass == .delivered)
        #expect(outcome.messageID == "m_1")
        #expect(outcome.recipientID == "5")
    }

    @Test("Nor the code and the subcode of an error, before or behind it", arguments: oddMembers)
    func codeBesideOddText(_ member: [UInt8]) {
        let bodies = [
            Self.body(member, #""error":{"code":190,"error_subcode":463}}"#),
            Array(#"{"error":"#.utf8) + Self.body(member, #""code":190,"error_subcode":463}}"#),
            Array(#"{"error":{"code":190,"#.utf8) + member + Array(#""error_subcode":463}}"#.utf8),
        ]
        for body in bodies {
            let outcome = answer(400, bytes: body)
            #expect(outcome.outcomeClass == .tokenDead)
            #expect(outcome.error?.code == 190)
            #expect(outcome.error?.subcode == 463)
        }
    }

    @Test("Of a member that stands twice the later one counts, and what follows the document is left alone")
    func laterMember() {
        #expect(answer(200, #"{"message_id":"m","message_id":"n"}"#).messageID == "n")
        #expect(answer(200, #"{"message_id":"m"}{"message_id":"n"}"#).messageID == "m")
        #expect(answer(200, "{\"message_id\":\"m\"}\n<!-- proxy 7 -->\u{0}").messageID == "m")
        #expect(answer(400, #"{"error":{"code":1,"code":613}}"#).outcomeClass == .throttled)
        #expect(answer(400, #"{"error":{"code":613}}garbage"#).outcomeClass == .throttled)
    }

    @Test("What is wrong within a nested value lifts nothing out of it")
    func nested() {
        #expect(answer(200, #"{"a":{"b" 1,"message_id":"m"},"recipient_id":"5"}"#).outcomeClass == .unknown)
        #expect(answer(200, #"{"a":[{"b" 1,"message_id":"m"}],"message_id":1}"#).messageID == nil)
        let deep = String(repeating: #"{"error":"#, count: 200) + "1" + String(repeating: "}", count: 200)
        #expect(answer(500, deep).outcomeClass == .unknown)
    }

    @Test("An error that is whole counts though the document is cut off behind it")
    func cutBehindTheError() {
        #expect(answer(400, #"{"error":{"code":190},"note":"#).outcomeClass == .tokenDead)
        #expect(answer(400, #"{"error":{"code":190"#).outcomeClass == .refused)
    }

    @Test(
        "An unknown outcome was answered where Graph's own code or a success says nothing",
        arguments: [
            (200, "", true), (200, #"{"success":true}"#, true), (204, "", true),
            (500, #"{"error":{"code":1}}"#, true), (400, #"{"error":{"code":2}}"#, true),
            (500, #"{"error":{"code":-1}}"#, true), (500, "", false), (502, "<html>", false), (408, "", false),
            (499, "", false),
        ]
    )
    func answered(_ status: Int, _ body: String, _ isAnswered: Bool) {
        let outcome = answer(status, body)
        #expect(outcome.outcomeClass == .unknown)
        #expect(outcome.isAnsweredUnknown == isAnswered)
    }

    @Test("Nobody answered where no answer came, and a delivery is no unknown outcome")
    func notAnswered() {
        #expect(!CallOutcome.unknown("connection reset", category: .endpointUnavailable).isAnsweredUnknown)
        #expect(!answer(200, #"{"message_id":"m"}"#).isAnsweredUnknown)
        #expect(!answer(400, #"{"error":{"code":100}}"#).isAnsweredUnknown)
    }
}
