import InstagramMessaging
import Testing

@Suite("What a Graph error's sentence says")
struct GraphAnswerTextTests {
    @Test("The sentence names the status, the code and what it means, then Graph's own words")
    func sentence() {
        let outcome = answer(403, #"{"error":{"message":"Zu spät.","code":10,"error_subcode":2534022}}"#)
        #expect(
            outcome.error?.message
                == "Graph answered HTTP 403 with error 10/2534022 (outside of the messaging window): Zu spät."
        )
        let bare = answer(400, #"{"error":{"code":77777}}"#)
        #expect(bare.error?.message == "Graph answered HTTP 400 with error 77777")
    }

    @Test("Graph's words are cut to 300 characters and one line")
    func bounded() throws {
        let long = String(repeating: "ä ", count: 100_000)
        let outcome = answer(400, #"{"error":{"message":"\#(long)","code":100}}"#)
        #expect(try #require(outcome.error).message.unicodeScalars.count < 400)
        let lines = answer(400, #"{"error":{"message":"a\nb\r\n\t\u0000c\u2028d\u202Ee\u0085f","code":100}}"#)
        #expect(try #require(outcome.error).message.unicodeScalars.allSatisfy { $0.value >= 0x20 })
        #expect(try #require(lines.error).message.hasSuffix(": a b c d e f"))
    }

    @Test(
        "What looks like an access token never comes through",
        arguments: [
            "EAABwzLixnjYBAKZC9ZBZAsecretsecretsecretsecret12", "IGQVJsecretsecretsecretsecretsecret1234567890",
            "IGAAsecretsecret", "0123456789secretABCDEF0123456789secretABCDEF",
        ]
    )
    func redaction(_ token: String) throws {
        let texts = [
            token, "token \(token).", "bad token '\(token)' given", "(\(token))", "\(token)\n\(token)",
            "https://graph.instagram.com/me?access_token=\(token)&fields=id", "access_token%3D\(token)%26x",
            #"{\"access_token\":\"\#(token)\"}"#, "Authorization: Bearer \(token)", "ä\(token)ä",
            String(repeating: "x ", count: 145) + token,
        ]
        for text in texts {
            for member in ["message", "error_user_msg", "fbtrace_id"] {
                let escaped = text.replacing("\n", with: "\\n")
                let outcome = answer(400, #"{"error":{"\#(member)":"\#(escaped)","code":100}}"#)
                let error = try #require(outcome.error)
                #expect(!error.message.contains("secret"), "\(text)")
                #expect(error.traceID?.contains("secret") != true, "\(text)")
            }
        }
    }

    @Test("Short values of parameters that are named like secrets are redacted too")
    func namedSecrets() throws {
        for text in ["access_token=abc1", "client_secret=abc1", "appsecret_proof=abc1", "input_token:abc1"] {
            let outcome = CallOutcome.notSent("call to /me?\(text)&x=1 failed", category: .endpointUnavailable)
            #expect(try #require(outcome.error).message.contains("abc1") == false)
            #expect(try #require(outcome.error).message.hasSuffix("x=1 failed"))
        }
    }

    @Test("Ordinary sentences, ids and links stay as they are")
    func ordinaryText() {
        for text in [
            "(#100) Invalid parameter: recipient[id] 17841400008460056",
            "Error validating access token: Session expired",
            "See https://developers.facebook.com/docs/messenger-platform/error-codes for more", "Igel, IGApiException",
            "この人にはメッセージを送れません 🙅", "100% of tokens: fine",
        ] {
            #expect(
                answer(400, #"{"error":{"message":"\#(text)","code":100}}"#).error?.message.hasSuffix(": \(text)")
                    == true
            )
        }
    }

    @Test("A trace id is passed on only where it is short and printable")
    func traceIDs() {
        for bad in ["a b", "ä", String(repeating: "x", count: 101), ""] {
            #expect(answer(400, #"{"error":{"fbtrace_id":"\#(bad)","code":100}}"#).error?.traceID == nil)
        }
        #expect(answer(400, #"{"error":{"fbtrace_id":7,"code":100}}"#).error?.traceID == nil)
        #expect(answer(400, #"{"error":{"fbtrace_id":"A_-+/9=","code":100}}"#).error?.traceID == "A_-+/9=")
    }

    @Test("Outcomes without an answer say what they are and whether a call was started")
    func withoutAnswer() {
        let notSent = CallOutcome.notSent("connection refused", category: .endpointUnavailable)
        #expect(notSent.outcomeClass == .notSent)
        #expect(notSent.wasStarted)
        #expect(notSent.error == SendError(category: .endpointUnavailable, message: "connection refused"))
        let unknown = CallOutcome.unknown("no answer within 30s", category: .timeout)
        #expect(unknown.outcomeClass == .unknown)
        #expect(unknown.error?.category == .timeout)
        let missing = CallOutcome.missingToken(accountID: "17841400008460056")
        #expect(missing.outcomeClass == .tokenDead)
        #expect(!missing.wasStarted)
        #expect(missing.error?.message == "no access token is known for account 17841400008460056")
    }
}
