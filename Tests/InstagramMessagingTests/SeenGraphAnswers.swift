import InstagramMessaging
import Testing

/// An error body captured from a real system, with the status it came with.
struct SeenBody: Sendable, CustomTestStringConvertible {
    var status: Int
    var body: String
    var outcomeClass: OutcomeClass
    var category: ErrorCategory
    var code: Int
    var subcode: Int?
    var traceID: String?
    var words: String

    var testDescription: String { words }

    static let all = [
        SeenBody(
            status: 403,
            body: """
                {"error":{"message":"This message is sent outside of allowed window.","type":"IGApiException","code":10,\
                "error_subcode":2534022,"fbtrace_id":"A9C5BFZGYCvRghcFEHTjgpC"}}
                """,
            outcomeClass: .refused,
            category: .outsideWindow,
            code: 10,
            subcode: 2_534_022,
            traceID: "A9C5BFZGYCvRghcFEHTjgpC",
            words: "This message is sent outside of allowed window."
        ),
        SeenBody(
            status: 400,
            body: """
                {"error":{"message":"The requested user cannot be found.","type":"IGApiException","code":100,\
                "error_subcode":2534014}}
                """,
            outcomeClass: .refused,
            category: .recipientUnavailable,
            code: 100,
            subcode: 2_534_014,
            traceID: nil,
            words: "The requested user cannot be found."
        ),
        SeenBody(
            status: 500,
            body: """
                {"error":{"message":"An unknown error has occurred.","type":"OAuthException","code":1,\
                "fbtrace_id":"Ae9iTwUsCKcH8715KE415OO"}}
                """,
            outcomeClass: .unknown,
            category: .graphError,
            code: 1,
            subcode: nil,
            traceID: "Ae9iTwUsCKcH8715KE415OO",
            words: "An unknown error has occurred."
        ),
        SeenBody(
            status: 500,
            body: """
                {"error":{"message":"An unexpected error has occurred. Please retry your request later.",\
                "type":"OAuthException","is_transient":true,"code":2,"fbtrace_id":"x"}}
                """,
            outcomeClass: .unknown,
            category: .graphError,
            code: 2,
            subcode: nil,
            traceID: "x",
            words: "An unexpected error has occurred. Please retry your request later."
        ),
        SeenBody(
            status: 403,
            body: """
                {"error":{"message":"(#4) Application request limit reached","type":"OAuthException",\
                "is_transient":true,"code":4,"fbtrace_id":"FlQgl+5U8pF"}}
                """,
            outcomeClass: .applicationThrottled,
            category: .throttled,
            code: 4,
            subcode: nil,
            traceID: "FlQgl+5U8pF",
            words: "(#4) Application request limit reached"
        ),
        SeenBody(
            status: 400,
            body: """
                {"error":{"message":"Error validating access token: The user has not authorized application.",\
                "type":"OAuthException","code":190,"error_subcode":458}}
                """,
            outcomeClass: .tokenDead,
            category: .token,
            code: 190,
            subcode: 458,
            traceID: nil,
            words: "Error validating access token: The user has not authorized application."
        ),
    ]
}
