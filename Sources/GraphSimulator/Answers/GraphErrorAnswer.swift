/// One of Graph's error answers: an HTTP status and the members of the `error` object.
package struct GraphErrorAnswer: Sendable, Hashable {
    /// The HTTP status, 400 to 599 by custom; Graph also answers errors with 200.
    package var status: Int
    /// The `code` member.
    package var code: Int
    /// The `error_subcode` member, left out where nil.
    package var subcode: Int?
    /// The `type` member.
    package var type: String
    /// The `message` member.
    package var message: String
    /// The `is_transient` member, left out where nil.
    package var isTransient: Bool?
    /// The value of a `Retry-After` header in seconds, left out where nil.
    package var retryAfterSeconds: Int?
    /// The `estimated_time_to_regain_access` of the usage headers in minutes; nil for no usage headers.
    package var regainMinutes: Int?

    /// Creates an answer; type and message have defaults that fit the code.
    package init(
        status: Int = 400,
        code: Int,
        subcode: Int? = nil,
        type: String? = nil,
        message: String? = nil,
        isTransient: Bool? = nil,
        retryAfterSeconds: Int? = nil,
        regainMinutes: Int? = nil
    ) {
        self.status = status
        self.code = code
        self.subcode = subcode
        self.type = type ?? GraphErrorTexts.type(code: code, subcode: subcode)
        self.message = message ?? GraphErrorTexts.message(code: code, subcode: subcode)
        self.isTransient = isTransient
        self.retryAfterSeconds = retryAfterSeconds
        self.regainMinutes = regainMinutes
    }
}

extension GraphErrorAnswer {
    /// Code 613: the account called too often. Carries usage headers.
    package static let accountThrottled = GraphErrorAnswer(code: 613, isTransient: true, regainMinutes: 1)
    /// Code 4: the application called too often. Carries usage headers.
    package static let applicationThrottled = GraphErrorAnswer(code: 4, isTransient: true, regainMinutes: 1)
    /// Code 190 subcode 460: the token died when the person changed the password.
    package static let deadToken = GraphErrorAnswer(status: 401, code: 190, subcode: 460)
    /// Code 100 subcode 2018008: the media could not be fetched.
    package static let mediaFetchFailed = GraphErrorAnswer(code: 100, subcode: 2_018_008)
    /// Code 1 with status 500, which Graph has been seen to give after it had delivered the message.
    package static let unknownError = GraphErrorAnswer(status: 500, code: 1)
    /// Code 2 with status 500.
    package static let temporaryError = GraphErrorAnswer(status: 500, code: 2, isTransient: true)
}
