import InstagramMessaging

/// What the platform takes of each kind of media: the types and sizes its documentation of the messages call names.
struct MediaRules: Sendable {
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

    /// What a media type says about a file.
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

    /// What servers say of files whose type they do not know.
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
