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

/// The texts Graph gives with its error codes. Nothing may depend on them: Graph localises and rewords them.
private enum GraphErrorTexts {
    static func type(code: Int, subcode: Int?) -> String {
        switch (code, subcode) {
        case (10, _), (100, .some(2_534_014)), (100, .some(2_534_015)): "IGApiException"
        default: "OAuthException"
        }
    }

    static func message(code: Int, subcode: Int?) -> String {
        switch (code, subcode) {
        case (1, _): "An unknown error has occurred."
        case (2, _): "An unexpected error has occurred. Please retry your request later."
        case (4, _): "(#4) Application request limit reached"
        case (10, .some(2_534_022)), (10, .some(2_018_278)): "This message is sent outside of allowed window."
        case (100, .some(2_018_008)): "(#100) Failed to fetch the file from the url."
        case (100, .some(2_018_294)): "(#100) Video upload timed out."
        case (100, .some(2_018_001)): "(#100) No matching user found"
        case (100, .some(2_534_014)): "The requested user cannot be found."
        case (100, .some(33)): "Unsupported post request. Object with this id does not exist."
        case (100, _): "(#100) Invalid parameter"
        case (190, .some(460)): "Error validating access token: The session was invalidated by a password change."
        case (190, .some(458)): "Error validating access token: The user has not authorized application."
        case (190, .some(463)): "Error validating access token: Session has expired."
        case (190, _): "Invalid OAuth access token."
        case (368, _): "The action attempted has been deemed abusive or is otherwise disallowed"
        case (551, _): "(#551) This person isn't available right now."
        case (613, _): "(#613) Calls to this api have exceeded the rate limit."
        case (2500, _): "Unknown path components"
        case (10_900, _): "(#10900) Activity already replied to."
        default: "(#\(code)) The request could not be completed."
        }
    }
}
