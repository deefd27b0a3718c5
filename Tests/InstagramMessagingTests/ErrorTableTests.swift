import InstagramMessaging
import Testing

/// The documented classification once more, written down by itself: the table has to agree with it row by row.
private struct Expectation: Sendable, CustomTestStringConvertible {
    var code: Int
    var subcode: Int?
    var outcomeClass: OutcomeClass
    var scope: ErrorScope
    var category: ErrorCategory
    /// Only three in a row, to different people, hold what the scope names.
    var needsRepetition = false

    var testDescription: String { subcode.map { "\(code)/\($0)" } ?? "\(code)" }

    static func all(
        _ outcomeClass: OutcomeClass,
        _ scope: ErrorScope,
        _ category: ErrorCategory,
        needsRepetition: Bool = false,
        _ pairs: [(Int, Int?)]
    ) -> [Expectation] {
        pairs.map {
            Expectation(
                code: $0.0,
                subcode: $0.1,
                outcomeClass: outcomeClass,
                scope: scope,
                category: category,
                needsRepetition: needsRepetition
            )
        }
    }
}

/// Numbers that are codes of their own, and subcodes of 10 and 100.
private func everywhere(_ numbers: [Int]) -> [(Int, Int?)] {
    numbers.flatMap { [($0, nil), (10, $0), (100, $0)] }
}

private let expectations: [Expectation] = [
    Expectation.all(.applicationThrottled, .application, .throttled, [(4, nil), (341, nil)]),
    Expectation.all(
        .throttled,
        .account,
        .throttled,
        [(17, nil), (32, nil), (613, nil), (613, 1996), (613, 2_534_040), (4, 2_207_051)]
            + (80_000...80_014).map { ($0, nil) }
    ),
    Expectation.all(.throttled, .person, .throttled, [(613, 2_018_338)]),
    Expectation.all(.unknown, .message, .graphError, [(-1, nil), (1, nil), (2, nil)]),
    Expectation.all(.delivered, .message, .graphError, [(1, 1_357_046)]),
    Expectation.all(
        .alreadyAnswered,
        .message,
        .invalidRequest,
        [(-1, 2_534_023), (100, 2_534_025), (10_900, nil)]
    ),
    Expectation.all(.mediaFetch, .message, .media, [(100, 2_018_008), (100, 2_018_294), (-2, 2_207_003)]),
    Expectation.all(.refused, .person, .outsideWindow, [(10, 2_534_022), (10, 2_018_278)]),
    Expectation.all(.refused, .message, .outsideWindow, [(10, 2_018_065)]),
    Expectation.all(
        .refused,
        .person,
        .recipientUnavailable,
        [(551, nil), (10, 2_018_108), (100, 2_534_014), (200, 1_545_041)]
    ),
    Expectation.all(.refused, .person, .permission, [(200, 2_018_028)]),
    Expectation.all(.refused, .post, .permission, [(200, 2_534_066)]),
    Expectation.all(
        .refused,
        .message,
        .recipientUnavailable,
        [(10, 1_893_015), (10, 2_018_048), (10, 2_018_336), (100, 2_018_001)] + everywhere([2_534_001])
    ),
    Expectation.all(
        .refused,
        .message,
        .policy,
        [(2, 1_545_133), (4, 2_018_354), (9, 2_018_352), (613, 1_893_016)]
    ),
    Expectation.all(
        .refused,
        .message,
        .permission,
        [(1, 99), (10, 1_404_170), (100, 2_534_037)] + everywhere([2_018_300, 2_018_321, 2_534_068])
    ),
    Expectation.all(.refused, .message, .media, [(100, 2_018_047), (100, 2_018_074), (100, 2_018_109)]),
    Expectation.all(
        .refused,
        .message,
        .invalidRequest,
        [
            (100, nil), (100, 33), (100, 2_018_014), (100, 2_018_164), (100, 2_018_320), (100, 2_018_328),
            (100, 2_534_015), (100, 2_534_052), (2500, nil), (10_901, nil), (10_902, nil), (10_903, nil), (10_904, nil),
        ]
    ),
    Expectation.all(.refused, .feature, .permission, needsRepetition: true, [(3, nil), (10, nil)]),
    Expectation.all(.refused, .feature, .policy, needsRepetition: true, [(508, 2_534_122)]),
    Expectation.all(.refused, .account, .permission, needsRepetition: true, (200...299).map { ($0, nil) }),
    Expectation.all(.accountHeld, .account, .policy, [(368, nil), (10, 1_893_063), (2022, nil)]),
    Expectation.all(
        .tokenDead,
        .account,
        .token,
        [(102, nil), (190, nil)] + [458, 459, 460, 463, 464, 467, 492].map { (190, $0) }
    ),
    Expectation.all(
        .accountStopped,
        .account,
        .permission,
        [
            (10, 2_534_077), (100, 2_534_013), (100, 2_534_029), (200, 2_018_021), (200, 2_018_027), (200, 2_534_041),
            (36_103, nil),
        ]
    ),
].flatMap { $0 }

@Suite("Graph error table")
struct ErrorTableTests {
    @Test(
        "Every documented code is classified from a body as documented, whatever the HTTP status",
        arguments: expectations
    )
    fileprivate func row(_ expected: Expectation) throws {
        for status in [200, 400, 403, 429, 500, 503] {
            let outcome = classified(code: expected.code, subcode: expected.subcode, status: status)
            #expect(outcome.outcomeClass == expected.outcomeClass, "status \(status)")
            #expect(outcome.scope == expected.scope, "status \(status)")
            #expect(outcome.needsRepetition == expected.needsRepetition, "status \(status)")
            if expected.outcomeClass == .delivered {
                #expect(outcome.error == nil)
                #expect(outcome.messageID == nil)
                continue
            }
            let error = try #require(outcome.error)
            #expect(error.category == expected.category, "status \(status)")
            #expect(error.httpStatus == status)
            #expect(error.code == expected.code)
            #expect(error.subcode == expected.subcode)
            #expect(error.message.contains(expected.testDescription))
            #expect(outcome.wasStarted)
        }
    }

    /// Statuses that the endpoint uses, and some that it should not.
    private static let statuses = [0, 200, 204, 302, 400, 403, 404, 418, 429, 500, 503, 599, 999]

    @Test(
        "Every documented code counts for the same with fields missing, more of them, of other types and in any language",
        arguments: expectations
    )
    fileprivate func bodyForms(_ expected: Expectation) {
        let subcode = expected.subcode.map { #","error_subcode":\#($0)"# } ?? ""
        let quoted = expected.subcode.map { #","error_subcode":"\#($0)""# } ?? ""
        let bodies = [
            #"{"error":{"code":\#(expected.code)\#(subcode)}}"#,
            #"{"error":{"code":"\#(expected.code)"\#(quoted)}}"#,
            #"{"error":{"message":"この人にはメッセージを送れません 🙅","code":\#(expected.code)\#(subcode)}}"#,
            #"{"error":{"message":null,"type":7,"code":\#(expected.code)\#(subcode),"fbtrace_id":[],"is_transient":"?"}}"#,
            #"{"data":[{"code":4}],"error":{"error_data":{"code":190,"a":[1,{"b":null}]},"error_user_title":"كود 4","#
                + #""error_user_msg":"(#190) token","message":"(#4) limit","code":\#(expected.code)\#(subcode)},"x":1}"#,
            "\u{FEFF} {\n\"error\" : { \"code\" : \(expected.code)\(subcode) }\n}\n",
        ]
        for body in bodies {
            for status in Self.statuses {
                let outcome = answer(status, body)
                #expect(outcome.outcomeClass == expected.outcomeClass, "status \(status): \(body)")
                if expected.outcomeClass != .delivered {
                    #expect(outcome.error?.category == expected.category, "status \(status): \(body)")
                }
            }
        }
    }

    @Test("A body that is cut off, or wrapped into a page, counts by its status alone", arguments: expectations)
    fileprivate func brokenBodies(_ expected: Expectation) {
        let subcode = expected.subcode.map { #","error_subcode":\#($0)"# } ?? ""
        let whole = #"{"error":{"message":"m","code":\#(expected.code)\#(subcode),"fbtrace_id":"A9C5"}}"#
        var bodies = ["<!DOCTYPE html><html><body>\(whole)</body></html>", "callback(\(whole))"]
        // Up to where the error is whole: behind it only the last brace may be missing.
        bodies += (0..<whole.utf8.count - 1).map { String(decoding: whole.utf8.prefix($0), as: UTF8.self) }
        for body in bodies {
            #expect(answer(400, body).outcomeClass == .refused, "\(body)")
            #expect(answer(429, body).outcomeClass == .throttled, "\(body)")
            for status in [200, 500, 503] {
                #expect(answer(status, body).outcomeClass == .unknown, "status \(status): \(body)")
            }
        }
    }

    @Test("What is missing or too much behind a whole error does not hide its code", arguments: expectations)
    fileprivate func wholeErrors(_ expected: Expectation) {
        let subcode = expected.subcode.map { #","error_subcode":\#($0)"# } ?? ""
        let whole = #"{"error":{"message":"m","code":\#(expected.code)\#(subcode),"fbtrace_id":"A9C5"}}"#
        for body in ["\(whole)\(whole)", "\(whole)<!-- 12 ms -->", String(whole.dropLast())] {
            for status in Self.statuses {
                #expect(answer(status, body).outcomeClass == expected.outcomeClass, "status \(status): \(body)")
            }
        }
    }

    @Test("The table holds nothing but the documented codes, and each of them once")
    func completeness() {
        var listed: [[Int?]] = []
        for row in GraphErrorTable.standard.rows {
            listed += row.codes.map { [$0, row.subcode] }
            #expect(!row.note.isEmpty)
        }
        #expect(Set(listed).count == listed.count)
        #expect(Set(listed) == Set(expectations.map { [$0.code, $0.subcode] }))
    }

    @Test("A subcode that is not listed falls back to its code, or concerns one message where Meta adds subcodes")
    func subcodeFallback() {
        let ofMessages: Set<Int> = Set(200...299).union([3, 10, 100, 508])
        for code in Set(expectations.filter { $0.subcode == nil }.map(\.code)) {
            let alone = classified(code: code, subcode: nil, status: 400)
            let unlisted = classified(code: code, subcode: 7_777_777, status: 400)
            let isOfMessages = ofMessages.contains(code)
            #expect(unlisted.outcomeClass == (isOfMessages ? .refused : alone.outcomeClass), "code \(code)")
            #expect(unlisted.scope == (isOfMessages ? .message : alone.scope), "code \(code)")
            #expect(unlisted.needsRepetition == false, "code \(code)")
            #expect(unlisted.error?.category == alone.error?.category, "code \(code)")
            #expect(unlisted.error?.subcode == 7_777_777)
        }
        for (code, subcode) in [(10, 2_534_014), (508, 1), (9, 1), (77_777, 5)] {
            let unlisted = classified(code: code, subcode: subcode, status: 500)
            #expect(unlisted.outcomeClass == .refused, "\(code)/\(subcode)")
            #expect(unlisted.scope == .message, "\(code)/\(subcode)")
        }
    }

    @Test("A code that is not listed was refused with 3xx and 4xx, and is unknown with 5xx and everything else")
    func codeFallback() {
        for code in [0, 5, 9, 16, 79_999, 80_015, 10_899, 10_905, 508, 999_999, Int.max, Int.min] {
            #expect(classified(code: code, subcode: nil, status: 400).outcomeClass == .refused)
            #expect(classified(code: code, subcode: 5, status: 499).outcomeClass == .refused)
            #expect(classified(code: code, subcode: nil, status: 500).outcomeClass == .unknown)
            #expect(classified(code: code, subcode: 5, status: 599).outcomeClass == .refused)
            #expect(classified(code: code, subcode: nil, status: 200).outcomeClass == .unknown)
            #expect(classified(code: code, subcode: nil, status: 302).outcomeClass == .refused)
            #expect(classified(code: code, subcode: nil, status: 400).error?.category == .graphError)
        }
    }

    @Test("A range counts from its first to its last code, with any subcode")
    func ranges() {
        let table = GraphErrorTable.standard
        #expect(table.row(code: 80_000, subcode: nil)?.outcomeClass == .throttled)
        #expect(table.row(code: 80_014, subcode: 1)?.outcomeClass == .throttled)
        #expect(table.row(code: 201, subcode: nil)?.scope == .account)
        #expect(table.row(code: 299, subcode: nil)?.needsRepetition == true)
        #expect(table.row(code: 300, subcode: nil) == nil)
        #expect(table.row(code: 10_904, subcode: nil)?.outcomeClass == .refused)
        #expect(table.row(code: 79_999, subcode: nil) == nil)
        #expect(table.row(code: 80_015, subcode: nil) == nil)
    }

    private func classified(code: Int, subcode: Int?, status: Int) -> CallOutcome {
        let subcodeMember = subcode.map { #","error_subcode":\#($0)"# } ?? ""
        let body =
            #"{"error":{"message":"Eine Meldung.","type":"OAuthException","is_transient":true,"code":\#(code)"#
            + subcodeMember + #","fbtrace_id":"A9C5"}}"#
        return answer(status, body)
    }
}

@Suite("Feature of a request")
struct MessageFeatureTests {
    private static func template(_ payload: String) -> String {
        #""recipient":{"id":"1"},"message":{"attachment":{"type":"template","payload":{"# + payload + "}}}"
    }

    private static func button(_ button: String) -> String {
        template(#""template_type":"button","text":"x","buttons":["# + button + "]")
    }

    private static func card(_ members: String) -> String {
        template(#""template_type":"generic","elements":[{"title":"t","# + members + "}]")
    }

    @Test(
        "A feature is told by the recipient, then the tag, then a link",
        arguments: [
            (#""recipient":{"id":"1"},"message":{"text":"hello"}"#, MessageFeature.direct),
            (#""recipient":{"id":"1"},"message":{"text":"see https://shop.example.com/a"}"#, .link),
            (
                #""recipient":{"id":"1"},"message":{"text":"hello"},"messaging_type":"MESSAGE_TAG","tag":"HUMAN_AGENT""#,
                .humanAgent
            ),
            (#""recipient":{"comment_id":"1"},"message":{"text":"see https://shop.example.com/a"}"#, .privateReply),
            (#""recipient":{"id":"1"},"sender_action":"typing_on""#, .direct),
            (button(#"{"type":"web_url","title":"t","url":"https://shop.example.com"}"#), .link),
            (button(#"{"type":"postback","title":"t","payload":"p"}"#), .direct),
            (card(#""default_action":{"type":"web_url","url":"https://shop.example.com"}"#), .link),
            (card(#""subtitle":"s""#), .direct),
        ]
    )
    func feature(_ members: String, _ feature: MessageFeature) throws {
        let text = #"{"request_id":"r","account_id":"17","# + members + "}"
        let verdict = RequestDecoder().decode(Array(text.utf8), now: Timestamp(millisecondsSinceEpoch: 0))
        guard case .accepted(let accepted) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect(accepted.request.feature == feature)
    }
}
