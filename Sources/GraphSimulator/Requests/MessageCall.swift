import InstagramMessaging

/// A request's body as the simulator understands it.
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
    /// The error in the body; nil where Graph would take it.
    var refusal: GraphErrorAnswer?

    /// The longest marker taken from a body, in bytes.
    private static let markerBytes = 64

    /// Cuts a text to the length of a marker, between scalars.
    static func marker(from text: String?) -> String? {
        guard let text, !text.isEmpty else { return nil }
        if text.utf8.count <= markerBytes { return text }
        var end = text.utf8.index(text.startIndex, offsetBy: markerBytes)
        while end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
        return String(text[..<end])
    }
}

/// The reason for which Graph would not take a body.
struct BodyRefusal: Error {
    var subcode: Int?
    var message: String

    /// A parameter is missing, of the wrong type or unknown.
    static func parameter(_ message: String) -> BodyRefusal {
        BodyRefusal(subcode: nil, message: "(#100) \(message)")
    }

    /// The message itself is not what Graph sends.
    static func message(_ message: String) -> BodyRefusal {
        BodyRefusal(subcode: 2_534_015, message: "(#100) \(message)")
    }

    /// There is nothing to see in the text.
    static let emptyText = BodyRefusal(subcode: 2_534_052, message: "(#100) The message text is empty")

    /// There is nobody of that id.
    static let unknownRecipient = BodyRefusal(subcode: 2_534_014, message: "The requested user cannot be found.")

    var answer: GraphErrorAnswer { GraphErrorAnswer(code: 100, subcode: subcode, message: message) }
}

/// FNV-1a with 128 bits: not for secrets, but two different bodies of one run do not share a digest by chance.
enum BodyDigest {
    static func of(_ bytes: [UInt8]) -> UInt128 {
        let prime: UInt128 = 0x0100_0000_0000_0000_0000_013B
        var digest: UInt128 = 0x6C62_272E_07BB_0142_62B8_2175_6295_C58D
        for byte in bytes {
            digest = (digest ^ UInt128(byte)) &* prime
        }
        return digest
    }

    /// 32 hexadecimal digits.
    static func text(_ digest: UInt128) -> String {
        let digits = String(digest, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }
}
