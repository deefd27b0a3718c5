import HTTP
import HTTPCodec
import InstagramMessaging

/// The judgement of a file before a call is spent on it.
enum MediaFinding: Sendable, Hashable {
    /// It is what it has to be, as far as its server says.
    case fine
    /// Nothing speaks against it that one could be sure of.
    case inconclusive
    /// Graph would refuse it.
    case refused(rule: RuleID, message: String)
}

extension MediaFinding {
    /// Reads an answer to HEAD, or to GET with a range.
    init(head: HTTPResponse, kind: MediaReference.Kind, url: String) {
        guard head.status == 200 || head.status == 206 else {
            self = .inconclusive
            return
        }
        let rules = MediaRules.rules(for: kind)
        let type = head.headers.first("Content-Type")
        let typeFinding = rules.finding(forType: type, url: url)
        if typeFinding == .refused {
            self = .refused(
                rule: .mediaType,
                message: "is served as \(Self.printable(MediaRules.essence(of: type) ?? "")); "
                    + "\(kind.rawValue) has to be \(rules.accepted): convert the file, or have its server name its type"
            )
        } else if let length = Self.fileLength(head), length > rules.maximumBytes {
            self = .refused(
                rule: .mediaSize,
                message: "has \(length) bytes; \(kind.rawValue) may have \(rules.maximumBytes) at most: make it smaller"
            )
        } else {
            self = typeFinding == .accepted ? .fine : .inconclusive
        }
    }

    /// The length of the whole file, where the answer tells it.
    private static func fileLength(_ head: HTTPResponse) -> Int64? {
        if head.status == 206 {
            guard let range = head.headers.first("Content-Range"), let slash = range.lastIndex(of: "/") else {
                return nil
            }
            return Int64(range[range.index(after: slash)...])
        }
        // What is compressed for the transfer has another length when Graph asks for it uncompressed.
        guard head.headers.first("Content-Encoding") == nil else { return nil }
        return head.headers.first("Content-Length").flatMap { Int64($0) }
    }

    private static func printable(_ type: String) -> String {
        String(type.prefix(60).map { $0.isASCII && !$0.isWhitespace && $0 >= " " ? $0 : "?" })
    }
}

/// The refusals of places from which Graph cannot fetch a file. Their sentences name hosts and addresses but no URL: a URL
/// may hold a signature that opens a private file.
extension MediaFinding {
    private static let advice = "Graph cannot fetch it there: serve it from a host on the public internet"

    /// The host itself says that it is not on the public internet.
    static func privateHost(_ host: String, isRedirect: Bool) -> MediaFinding {
        let place = isRedirect ? "is redirected to" : "is on"
        return .refused(
            rule: isRedirect ? .mediaPrivateAddress : .urlPrivateHost,
            message: "\(place) \(host), a loopback, link-local, private or reserved host; \(advice)"
        )
    }

    /// The host's name resolves to an address that is not on the public internet.
    static func privateAddress(_ address: String, of host: String, isRedirect: Bool) -> MediaFinding {
        let place = isRedirect ? "is redirected to" : "is on"
        return .refused(
            rule: .mediaPrivateAddress,
            message: "\(place) \(host), which resolves to \(address), a loopback, link-local, private or reserved"
                + " address; \(advice)"
        )
    }

    /// The URL has another scheme than the two that Graph fetches.
    static func scheme(_ scheme: String, isRedirect: Bool) -> MediaFinding {
        let place = isRedirect ? "is redirected to a URL" : "has a URL"
        return .refused(
            rule: isRedirect ? .mediaRedirectScheme : .urlScheme,
            message: "\(place) with the scheme \"\(scheme.prefix(16))\"; only http and https can be fetched: "
                + (isRedirect ? "redirect it to such a URL" : "use such a URL")
        )
    }
}

/// The types and sizes of each kind of media that the platform's documentation of the messages call names.
private struct MediaRules: Sendable {
    /// The largest file in bytes.
    let maximumBytes: Int64
    /// Names of what is taken, for people.
    let accepted: String
    private let acceptedTypes: Set<String>
    /// The first part of the types that may turn out to be right although they are not listed.
    private let family: String
    /// Well-known types of the family that are not taken.
    private let refusedTypes: Set<String>
    /// Extensions whose files servers give another kind's type, with that type.
    private var mislabelled: [String: String] = [:]

    /// The judgement of a media type.
    enum TypeFinding: Hashable {
        case accepted
        case refused
        /// The type is missing or too general to say.
        case inconclusive
    }

    static func rules(for kind: MediaReference.Kind) -> MediaRules {
        switch kind {
        case .image: image
        case .audio: audio
        case .video: video
        case .file: file
        }
    }

    /// Judges the `Content-Type` that a URL is served with.
    func finding(forType contentType: String?, url: String) -> TypeFinding {
        guard let type = Self.essence(of: contentType), !Self.generalTypes.contains(type) else { return .inconclusive }
        if acceptedTypes.contains(type) { return .accepted }
        if mislabelled.values.contains(type), let name = (try? WebURL(url))?.fileExtension, mislabelled[name] == type {
            return .accepted
        }
        if refusedTypes.contains(type) { return .refused }
        return type.hasPrefix(family) ? .inconclusive : .refused
    }

    /// The type in lower case without parameters; nil where there is none.
    static func essence(of contentType: String?) -> String? {
        guard let contentType else { return nil }
        let type = contentType.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
        let parts = type.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        return type
    }

    /// The types that servers give files whose type they do not know.
    private static let generalTypes: Set<String> = [
        "application/octet-stream", "binary/octet-stream", "application/binary", "application/download",
        "application/force-download", "application/x-download", "application/unknown", "unknown/unknown",
        "text/plain", "*/*",
    ]

    private static let image = MediaRules(
        maximumBytes: MessageLimits.imageBytes,
        accepted: "png, jpeg or gif",
        acceptedTypes: ["image/png", "image/jpeg", "image/jpg", "image/pjpeg", "image/gif"],
        family: "image/",
        refusedTypes: [
            "image/webp", "image/svg+xml", "image/heic", "image/heif", "image/avif", "image/bmp", "image/tiff",
            "image/x-icon", "image/vnd.microsoft.icon", "image/vnd.adobe.photoshop",
        ]
    )
    private static let audio = MediaRules(
        maximumBytes: MessageLimits.fileBytes,
        accepted: "aac, m4a, wav or mp4",
        acceptedTypes: [
            "audio/aac", "audio/x-aac", "audio/aacp", "audio/x-hx-aac-adts", "audio/m4a", "audio/x-m4a", "audio/mp4",
            "audio/mp4a-latm", "audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave", "video/mp4",
            "application/mp4",
        ],
        family: "audio/",
        refusedTypes: [
            "audio/mpeg", "audio/mp3", "audio/ogg", "audio/opus", "audio/flac", "audio/x-flac", "audio/webm",
            "audio/midi", "audio/amr", "audio/aiff", "audio/x-aiff", "audio/x-ms-wma",
        ]
    )
    private static let video = MediaRules(
        maximumBytes: MessageLimits.fileBytes,
        accepted: "mp4, ogg, avi, mov or webm",
        acceptedTypes: [
            "video/mp4", "application/mp4", "video/x-m4v", "video/ogg", "application/ogg", "video/x-msvideo",
            "video/avi", "video/msvideo", "video/vnd.avi", "video/quicktime", "video/webm",
        ],
        family: "video/",
        refusedTypes: [
            "video/x-matroska", "video/x-flv", "video/x-ms-wmv", "video/mpeg", "video/3gpp", "video/3gpp2",
            "video/mp2t",
        ],
        // Web servers take every .ogg for a recording.
        mislabelled: ["ogg": "audio/ogg"]
    )
    private static let file = MediaRules(
        maximumBytes: MessageLimits.fileBytes,
        accepted: "pdf",
        acceptedTypes: ["application/pdf", "application/x-pdf"],
        family: "application/pdf",
        refusedTypes: []
    )
}
