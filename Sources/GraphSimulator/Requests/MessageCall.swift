import InstagramMessaging

/// What the simulator makes of a request's body.
struct MessageCall: Sendable {
    /// `recipient.id` or `recipient.comment_id`.
    var recipient: String?
    /// True where the recipient is a comment.
    var isPrivateReply = false
    var kind: String?
    var rateClass = RateClass.messages
    var isSenderAction = false
    /// True where Graph would have to fetch media.
    var refersToMedia = false
    /// True where a file is to be kept, so that the answer names its id.
    var keepsUpload = false
    var marker: String?
    /// FNV-1a 128 of the body.
    var bodyDigest: UInt128
    /// What is wrong with the body; nil where Graph would take it.
    var refusal: GraphErrorAnswer?

    /// The longest marker taken from a body, in bytes.
    static let markerBytes = 64

    /// Cuts a text to the length of a marker, between scalars.
    static func marker(from text: String?) -> String? {
        guard let text, !text.isEmpty else { return nil }
        if text.utf8.count <= markerBytes { return text }
        var end = text.utf8.index(text.startIndex, offsetBy: markerBytes)
        while end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
        return String(text[..<end])
    }
}
