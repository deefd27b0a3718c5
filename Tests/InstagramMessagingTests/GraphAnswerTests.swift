import InstagramMessaging
import Testing

@Suite("Graph answers")
struct GraphAnswerTests {
    @Test("The documented success is delivered, with both ids")
    func success() {
        let outcome = answer(200, #"{"recipient_id":"17841","message_id":"aWdfZAG1faXRlbToxOk"}"#)
        #expect(outcome.outcomeClass == .delivered)
        #expect(outcome.messageID == "aWdfZAG1faXRlbToxOk")
        #expect(outcome.recipientID == "17841")
        #expect(outcome.error == nil)
        #expect(outcome.wasStarted)
    }

    @Test("A message id alone is proof enough, and additional members, white space and a byte order mark do no harm")
    func generousSuccess() {
        #expect(answer(200, #"{"message_id":"m"}"#).outcomeClass == .delivered)
        #expect(answer(200, "\u{FEFF}\n { \"x\": [1], \"message_id\" : \"m\", \"error\": null } \n").messageID == "m")
        #expect(answer(201, #"{"message_id":"m","recipient_id":178}"#).recipientID == "178")
    }

    @Test("Reactions and sender actions are delivered with a recipient id alone")
    func senderAction() {
        let body = #"{"recipient_id":"17841"}"#
        let action = answer(200, body, expectsMessageID: false)
        #expect(action.outcomeClass == .delivered)
        #expect(action.recipientID == "17841")
        #expect(action.messageID == nil)
        #expect(answer(200, body, expectsMessageID: true).outcomeClass == .unknown)
    }

    @Test(
        "A 200 that is not the documented answer leaves the outcome unknown",
        arguments: [
            "", "{}", "[]", "null", "true", "OK", #"{"message_id":""}"#, #"{"message_id":null}"#, #"{"message_id":{}}"#,
            #"{"message_id":-1.5}"#, #"{"success":true}"#, #"{"message_id":"m""#, "<html>hello</html>",
            #"{"message_id":"m","error":"went wrong"}"#, #"{"message_id":"m","error":{"code":4}}"#, #"{"error":{}}"#,
            #"{"message_id":"m"#, #"{"note":"\"#, #"{"message_id":"m","note":"#, #"{"message_id":"m",[}"#,
        ]
    )
    func undocumentedSuccess(_ body: String) throws {
        for expectsMessageID in [true, false] {
            let outcome = answer(200, body, expectsMessageID: expectsMessageID)
            #expect(outcome.outcomeClass == .unknown)
            let error = try #require(outcome.error)
            #expect(error.category == .graphError)
            #expect(error.httpStatus == 200)
            #expect(outcome.messageID == nil)
        }
    }

    @Test("An error object inside a 200 is classified by its code")
    func errorInSuccess() {
        let outcome = answer(200, #"{"recipient_id":"1","error":{"code":190,"error_subcode":463,"message":"m"}}"#)
        #expect(outcome.outcomeClass == .tokenDead)
        #expect(outcome.error?.httpStatus == 200)
    }

    @Test("The bodies seen on graph.instagram.com are classified as documented", arguments: SeenBody.all)
    func seenBodies(_ seen: SeenBody) throws {
        for status in [seen.status, 400, 500] {
            let outcome = answer(status, seen.body)
            #expect(outcome.outcomeClass == seen.outcomeClass)
            let error = try #require(outcome.error)
            #expect(error.category == seen.category)
            #expect(error.code == seen.code)
            #expect(error.subcode == seen.subcode)
            #expect(error.traceID == seen.traceID)
            #expect(error.message.contains(seen.words))
        }
    }

    @Test("Codes written as strings or with a fraction of zero count, other types do not")
    func wronglyTypedCodes() {
        #expect(answer(400, #"{"error":{"code":"10","error_subcode":"2534022"}}"#).error?.category == .outsideWindow)
        #expect(answer(400, #"{"error":{"code":10.0,"error_subcode":2.534022e6}}"#).error?.category == .outsideWindow)
        for code in ["[10]", "{}", "true", "null", #""ten""#, "10.5", "1e99", "99999999999999999999", #""""#] {
            let outcome = answer(500, #"{"error":{"code":\#(code),"message":"m"}}"#)
            #expect(outcome.outcomeClass == .unknown, "code \(code)")
            #expect(outcome.error?.code == nil, "code \(code)")
            #expect(answer(400, #"{"error":{"code":\#(code),"message":7}}"#).outcomeClass == .refused, "code \(code)")
        }
    }

    @Test("Without a Graph error 3xx and 4xx were refused, 429 throttled, 5xx and all others are unknown")
    func withoutGraphError() {
        let bodies = [
            "", "<html><body>502 Bad Gateway</body></html>", "{", #"{"error":"text"}"#, "[1]",
            "{\"error\":{\"code\":10,\"err",
        ]
        for body in bodies {
            for status in [300, 301, 302, 304, 307, 308, 400, 401, 403, 404, 413] {
                #expect(answer(status, body).outcomeClass == .refused)
                #expect(answer(status, body).error?.category == .graphError)
            }
            for status in [421, 425] {
                #expect(answer(status, body).outcomeClass == .notSent)
                #expect(answer(status, body).wasStarted)
            }
            for status in [408, 499] {
                #expect(answer(status, body).outcomeClass == .unknown)
                #expect(!answer(status, body).isAnsweredUnknown, "a proxy's, not Graph's")
            }
            #expect(answer(429, body).outcomeClass == .throttled)
            #expect(answer(429, body).error?.category == .throttled)
            for status in [500, 502, 503, 504, 599] {
                #expect(answer(status, body).outcomeClass == .unknown)
                #expect(answer(status, body).error?.category == .endpointUnavailable)
                #expect(!answer(status, body).isAnsweredUnknown)
            }
            #expect(answer(204, body).isAnsweredUnknown)
            for status in [-1, 0, 100, 204, 600, 999, Int.max, Int.min] {
                #expect(answer(status, body).outcomeClass == .unknown)
                #expect(answer(status, body).error?.httpStatus == status)
            }
        }
    }

    @Test(
        "An error object whose code says nothing leaves it to the status",
        arguments: [#"{"error":{"message":"slow down"}}"#, #"{"error":{"code":77777,"message":"gateway"}}"#]
    )
    func codeThatSaysNothing(body: String) {
        #expect(answer(429, body).outcomeClass == .throttled)
        #expect(answer(429, body).scope == .account)
        for status in [421, 425] { #expect(answer(status, body).outcomeClass == .notSent) }
        for status in [408, 499, 500, 503] { #expect(answer(status, body).outcomeClass == .unknown) }
        for status in [301, 302, 400, 403, 404] { #expect(answer(status, body).outcomeClass == .refused) }
    }

    @Test("Bodies that no reader survives by recursion or by size are survived")
    func hostileBodies() {
        let deep = String(repeating: "[", count: 1_000_000)
        #expect(answer(500, deep).outcomeClass == .unknown)
        let huge = #"{"message_id":"m","x":""# + String(repeating: "x", count: 3_000_000) + #""}"#
        #expect(answer(200, huge).outcomeClass == .unknown)
        #expect(answer(400, bytes: [0xFF, 0xFE, 0x00]).outcomeClass == .refused)
        #expect(answer(400, bytes: Array(repeating: 0, count: 100_000)).outcomeClass == .refused)
    }

    @Test("Every prefix of an answer is classified without a crash, and never as delivered unless it is whole")
    func truncatedAnswers() {
        let whole = Array(#"{"recipient_id":"17841","message_id":"aWdfZAG1faXRlbToxOk"}"#.utf8)
        for length in 0..<whole.count {
            #expect(answer(200, bytes: Array(whole.prefix(length))).outcomeClass == .unknown)
        }
        for seen in SeenBody.all {
            let bytes = Array(seen.body.utf8)
            for length in 0..<bytes.count {
                let outcome = answer(503, bytes: Array(bytes.prefix(length)))
                // Without its last brace the error itself is whole.
                #expect(outcome.outcomeClass == (length == bytes.count - 1 ? seen.outcomeClass : .unknown))
            }
        }
    }
}
