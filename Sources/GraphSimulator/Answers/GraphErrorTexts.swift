/// The texts Graph gives with its error codes. Nothing may depend on them: Graph localises and rewords them.
enum GraphErrorTexts {
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
