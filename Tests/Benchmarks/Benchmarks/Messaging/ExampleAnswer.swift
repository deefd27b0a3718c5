/// An answer of Graph to one call.
struct ExampleAnswer {
    var name: String
    var status: Int
    var body: [UInt8]
    var headers: [String: String] = [:]
    var expectsMessageID = true

    static let messageID =
        "aWdfZAG1faXRlbToxOklHTWVzc2FnZAUlEOjE3ODQxNDAwMDA4NDYwMDU2OjM0MDI4MjM2Njg0MTcxMDMwMQZDZD"

    static let delivered = ExampleAnswer(
        name: "delivered",
        status: 200,
        body: Array(#"{"recipient_id":"6427392710639021","message_id":"\#(messageID)"}"#.utf8)
    )

    static let action = ExampleAnswer(
        name: "delivered, sender action",
        status: 200,
        body: Array(#"{"recipient_id":"6427392710639021"}"#.utf8),
        expectsMessageID: false
    )

    static let withUsage: ExampleAnswer = {
        var answer = delivered
        answer.name = "delivered, usage headers"
        let usage = #""call_count":28,"total_cputime":25,"total_time":25"#
        answer.headers = [
            "X-App-Usage": "{\(usage)}",
            "X-Business-Use-Case-Usage": """
            {"17841400008460056":[{"type":"instagram",\(usage),"estimated_time_to_regain_access":0}]}
            """,
        ]
        return answer
    }()

    static let throttled = ExampleAnswer(
        name: "throttled",
        status: 400,
        body: Array(
            """
            {"error":{"message":"(#4) Application request limit reached","type":"OAuthException","code":4,\
            "fbtrace_id":"AbCdEfGhIjKlMnOpQrStUvW"}}
            """.utf8
        )
    )

    static let expiredToken = ExampleAnswer(
        name: "expired token",
        status: 400,
        body: Array(
            """
            {"error":{"message":"Error validating access token: Session has expired.","type":"OAuthException",\
            "code":190,"error_subcode":463,"fbtrace_id":"AbCdEfGhIjKlMnOpQrStUvW"}}
            """.utf8
        )
    )

    static let notJSON = ExampleAnswer(
        name: "502 without JSON",
        status: 502,
        body: Array(
            "<html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>".utf8
        )
    )

    static let all = [delivered, action, withUsage, throttled, expiredToken, notJSON]
}
