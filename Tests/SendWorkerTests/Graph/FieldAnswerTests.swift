import InstagramMessaging
import Testing

@testable import SendWorker

/// Answers as servers and proxies have been seen to give them, over a connection of its own.
@Suite("Graph transport: answers from the field", .timeLimit(.minutes(1)))
struct FieldAnswerTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var name: String
        var bytes: [UInt8]
        var outcomeClass: OutcomeClass
        var code: Int?
        var scope: ErrorScope?
        var messageID: String?

        var testDescription: String { name }

        init(
            _ name: String,
            _ bytes: [UInt8],
            _ outcomeClass: OutcomeClass,
            _ scope: ErrorScope? = nil,
            code: Int? = nil,
            messageID: String? = nil
        ) {
            self.name = name
            self.bytes = bytes
            self.outcomeClass = outcomeClass
            self.code = code
            self.scope = scope
            self.messageID = messageID
        }
    }

    private static let id = "aWdfZAG1faXRlbToxOk"
    private static let success = #"{"recipient_id":"90210","message_id":"aWdfZAG1faXRlbToxOk"}"#

    private static func answer(_ status: Int, headers: [String] = [], _ body: [UInt8]) -> [UInt8] {
        let lines = ["HTTP/1.1 \(status) X", "Content-Length: \(body.count)"] + headers
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
    }

    private static func answer(_ status: Int, headers: [String] = [], _ body: String) -> [UInt8] {
        answer(status, headers: headers, Array(body.utf8))
    }

    private static func bytes(_ hexadecimal: String) -> [UInt8] {
        stride(from: 0, to: hexadecimal.count, by: 2).map { place in
            let start = hexadecimal.index(hexadecimal.startIndex, offsetBy: place)
            return UInt8(hexadecimal[start..<hexadecimal.index(start, offsetBy: 2)], radix: 16) ?? 0
        }
    }

    private static let compressedSuccess = bytes(
        "1f8b0800000000000203ab562a4a4dce2cc84ccd2b89cf4c51b252b23430323450d251ca4d2d2e4e"
            + "4c4f85082686a7a44539ba1ba6254604e52485e457f8672bd5020037cc4ad23b000000"
    )
    private static let compressedError = bytes(
        "1f8b0800000000000203ab564a2d2aca2f52b2aa56ca4d2d2e4e4c4f55b252aa50d2512aa92c0031"
            + "3ddd1d0b325d2b92530b4a32f3f380e2c9f9294071434b031d88cef8e2d22488988999b18e525a52"
            + "495162726a7c660a50b36352b24b6a9abe7685a1526d2d00ec6cb0066a000000"
    )
    private static let deflatedError = bytes(
        "789cab564a2d2aca2f52b2aa56ca4d2d2e4e4c4f55b252aa50d2512aa92c00313ddd1d0b325d2b92"
            + "530b4a32f3f380e2c9f9294071434b031d88cef8e2d22488988999b18e525a52495162726a7c660a"
            + "50b36352b24b6a9abe7685a1526d2d004307225e"
    )

    private static let successes = [
        Row(
            "gzip unasked",
            answer(200, headers: ["Content-Encoding: gzip"], compressedSuccess),
            .delivered,
            messageID: id
        ),
        Row("a byte order mark", answer(200, "\u{FEFF}" + success), .delivered, messageID: id),
        Row("the id alone", answer(200, #"{"message_id":"mid.$cAAIwD89"}"#), .delivered, messageID: "mid.$cAAIwD89"),
        Row(
            "an attachment's id besides",
            answer(200, #"{"recipient_id":"90210","message_id":"m_1","attachment_id":"1857777774821032"}"#),
            .delivered,
            messageID: "m_1"
        ),
        Row(
            "half of an emoji",
            answer(200, #"{"recipient_id":"90210","message_id":"m_1","note":"\ud83d"}"#),
            .delivered,
            messageID: "m_1"
        ),
        Row(
            "early hints",
            Array("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n".utf8) + answer(200, success),
            .delivered,
            messageID: id
        ),
        Row(
            "a second answer in the same segment",
            answer(200, success) + answer(400, "{}"),
            .delivered,
            messageID: id
        ),
    ]

    private static let errors = [
        Row("gzip", answer(400, headers: ["Content-Encoding: gzip"], compressedError), .tokenDead, code: 190),
        Row("deflate", answer(400, headers: ["Content-Encoding: deflate"], deflatedError), .tokenDead, code: 190),
        Row("numbers as texts", answer(400, #"{"error":{"code":"190","error_subcode":"463"}}"#), .tokenDead, code: 190),
        Row(
            "half of an emoji in its message",
            answer(400, #"{"error":{"message":"Sesi\u00f3n \ud83d","code":190,"error_subcode":463}}"#),
            .tokenDead,
            code: 190
        ),
        Row(
            "Latin-1 in its message",
            answer(400, Array(#"{"error":{"message":""#.utf8) + [0xE9] + Array(#"","code":613}}"#.utf8)),
            .throttled,
            code: 613
        ),
        Row("a date as time", answer(429, headers: ["Retry-After: Tue, 14 Nov 2023 22:14:50 GMT"], ""), .throttled),
    ]

    private static let withoutGraph = [
        Row("nothing, 200", answer(200, ""), .unknown),
        Row("nothing, 204", Array("HTTP/1.1 204 No Content\r\n\r\n".utf8), .unknown),
        Row("a line of text, 500", answer(500, "Oops, an error occurred."), .unknown),
        Row("a page of 126 KB, 403", answer(403, String(repeating: "<p>blocked</p>", count: 9_000)), .refused),
        Row(
            "two lengths",
            Array("HTTP/1.1 200 OK\r\nContent-Length: 59\r\nContent-Length: 5\r\n\r\n\(success)".utf8),
            .unknown
        ),
    ]

    private static func error(
        _ name: String,
        _ status: Int,
        _ code: Int,
        _ subcode: Int?,
        _ outcomeClass: OutcomeClass,
        _ scope: ErrorScope,
        message: String = "x"
    ) -> Row {
        let subcode = subcode.map { #","error_subcode":\#($0)"# } ?? ""
        let body = #"{"error":{"message":"\#(message)","type":"OAuthException","code":\#(code)\#(subcode)}}"#
        return Row(name, answer(status, body), outcomeClass, scope, code: code)
    }

    /// What an answer says of this request, and whom else it concerns.
    private static let scopes = [
        error(
            "an action blocked",
            403,
            4,
            2_207_051,
            .throttled,
            .account,
            message: "Application request limit reached"
        ),
        error("the application's limit, 403", 403, 4, 1_349_210, .applicationThrottled, .application),
        error("the application's limit, 400", 400, 4, 1_504_022, .applicationThrottled, .application),
        error("a page's limit", 400, 80_001, 2_494_055, .throttled, .account),
        error("a user's limit", 400, 17, 2_446_079, .throttled, .account),
        error("no capability", 400, 3, nil, .refused, .feature),
        error("a right of private replies is missing", 403, 200, 2_534_066, .refused, .post),
        error("a link", 400, 508, 2_534_122, .refused, .feature),
        error("a recipient who cannot be written to, beside code 10", 400, 10, 2_534_014, .refused, .message),
        error("a permission, 230", 403, 230, nil, .refused, .account),
        error("a permission, 299", 403, 299, nil, .refused, .account),
        error("access blocked", 400, 200, nil, .refused, .account),
        error("the application is gone", 400, 190, nil, .tokenDead, .account),
        error("a proof of another application", 400, 100, nil, .refused, .message),
        error("a quick reply without payload", 400, 100, 2_018_099, .refused, .message),
        error("a code in no table", 400, 194, nil, .refused, .message),
        error("nobody there, in Russian", 400, 100, 2_534_014, .refused, .person, message: "Не удается найти"),
        error("outside the window, in Portuguese", 403, 10, 2_534_022, .refused, .person, message: "fora do período"),
        error("outside the window under 500", 500, 10, 2_534_022, .refused, .person),
        error("a download that took too long", 400, -2, 2_207_003, .mediaFetch, .message),
        error("a service that is away, not transient", 400, 2, 1_504_044, .unknown, .message),
    ]

    @Test(arguments: successes + errors + withoutGraph + scopes)
    func isReadForWhatItSays(row: Row) async throws {
        try await RawServer.with(RawServer.Script { _ in .answerBytes(row.bytes) }) { server in
            let transport = try TransportFixture.transport(to: server.url)
            let outcome = try await TransportFixture.withTransport(transport) { transport in
                await transport.outcome(of: TransportFixture.call(recipient: "90210"))
            }
            #expect(outcome.outcomeClass == row.outcomeClass)
            #expect(outcome.error?.code == row.code)
            #expect(outcome.messageID == row.messageID)
            if let scope = row.scope { #expect(outcome.scope == scope) }
            if row.name == "a date as time" { #expect(outcome.retryAfterMilliseconds == 90_000) }
            #expect(server.requests.count == 1)
        }
    }
}
