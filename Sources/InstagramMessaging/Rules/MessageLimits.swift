/// The documented limits of messages and the contract's limits of records, each in one place.
///
/// "Characters" are grapheme clusters, what a person sees as one character: a family emoji or a letter with combining
/// marks counts once. The documentation says "characters" without saying which; this reading never refuses what the
/// platform would take.
public enum MessageLimits {
    /// Bytes of a whole record.
    public static let recordBytes = 65_536
    /// Bytes of `context` as written.
    public static let contextBytes = 4096
    /// Characters of `request_id`.
    public static let requestIDCharacters = 128
    /// Digits of `account_id`.
    public static let accountIDDigits = 32
    /// Bytes of an id that Graph gave (recipient, comment, message, post). Undocumented; no id is known to be longer.
    public static let graphIDBytes = 512

    /// UTF-8 bytes of a message's text.
    public static let textBytes = 1000
    /// Images of one message.
    public static let images = 10

    /// Bytes of an image. The documentation says 8 MB; the larger reading of "MB" refuses nothing that the platform
    /// would take.
    public static let imageBytes: Int64 = 8 * 1_048_576
    /// Bytes of an audio, video or other file. The documentation says 25 MB; read as for images.
    public static let fileBytes: Int64 = 25 * 1_048_576

    /// Bytes of a file of that kind.
    public static func mediaBytes(of kind: MediaReference.Kind) -> Int64 {
        kind == .image ? imageBytes : fileBytes
    }

    /// Quick replies of one message.
    public static let quickReplies = 13
    /// Values of `content_type` that asked for a person's own data.
    static let retiredQuickReplies = ["user_phone_number", "user_email"]
    /// The day on which the platform switched them off, in all versions of its API.
    static let quickRepliesRetiredOn = "5 October 2026"
    /// Characters of a quick reply's title.
    public static let quickReplyTitleCharacters = 20
    /// Characters of the payload of a quick reply or a button.
    public static let payloadCharacters = 1000

    /// Cards of a generic template.
    public static let elements = 10
    /// Characters of a card's title.
    public static let elementTitleCharacters = 80
    /// Characters of a card's subtitle.
    public static let elementSubtitleCharacters = 80
    /// Buttons of a card or a button template.
    public static let buttons = 3
    /// Characters of a button's title.
    public static let buttonTitleCharacters = 20
    /// Characters of a button template's text.
    public static let buttonTemplateTextCharacters = 640

    /// Milliseconds after the person last wrote in which an account may answer.
    public static let standardWindow: Int64 = 24 * 3_600_000
    /// Milliseconds after the person last wrote in which a human agent may answer.
    public static let humanAgentWindow: Int64 = 7 * 24 * 3_600_000
    /// Milliseconds after a comment in which a private reply may answer it.
    public static let privateReplyWindow: Int64 = 7 * 24 * 3_600_000

    /// The length of the messaging window that applies, in milliseconds.
    static func window(for recipient: Recipient, _ messagingType: MessagingType?) -> Int64 {
        if case .comment = recipient { return privateReplyWindow }
        return messagingType == .humanAgent ? humanAgentWindow : standardWindow
    }
}

/// The file extensions that each kind of media takes, and others that are known to be something else.
package enum MediaExtensions {
    /// The extensions of the documented formats of a kind, in lower case.
    package static func accepted(for kind: MediaReference.Kind) -> [String] {
        switch kind {
        case .image: ["png", "jpeg", "jpg", "gif"]
        case .audio: ["aac", "m4a", "wav", "mp4"]
        case .video: ["mp4", "ogg", "avi", "mov", "webm"]
        case .file: ["pdf"]
        }
    }

    /// True where a file of that extension (in lower case) cannot be what the kind takes. Unknown extensions and those
    /// of programs that answer with any kind of file (`php`, `aspx`) are not refused: the preflight looks at the type.
    package static func refuses(_ fileExtension: String, for kind: MediaReference.Kind) -> Bool {
        known.contains(fileExtension) && !accepted(for: kind).contains(fileExtension)
    }

    static var summary: String {
        MediaReference.Kind.allCases
            .map { "\($0.rawValue): \(accepted(for: $0).joined(separator: ", "))" }
            .joined(separator: "; ")
    }

    /// Every extension that says what a file is; those that no kind takes included.
    static let known: Set<String> = [
        "png", "jpeg", "jpg", "gif", "webp", "heic", "heif", "avif", "bmp", "tif", "tiff", "svg", "ico", "psd",
        "aac", "m4a", "wav", "mp3", "oga", "opus", "flac", "wma", "amr", "aif", "aiff", "mid",
        "mp4", "ogg", "avi", "mov", "webm", "mkv", "wmv", "flv", "3gp", "mpg", "mpeg",
        "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "rtf", "txt", "csv", "epub",
        "zip", "rar", "7z", "gz", "tar", "exe", "apk", "dmg", "iso",
    ]
}
