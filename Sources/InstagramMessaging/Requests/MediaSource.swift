/// Where Graph takes the file of a message from.
public enum MediaSource: Sendable, Hashable {
    /// An absolute `http` or `https` URL that Graph fetches. A reusable upload can be sent again: Graph's answer names its
    /// `attachment_id`.
    case url(String, isReusable: Bool = false)
    /// A file that was uploaded before, by the id that Graph gave it. Nothing about it is checked before the call.
    case uploaded(attachmentID: String)
}

/// A post of the sending account.
public enum SharedPost: Sendable, Hashable {
    /// By its media id.
    case post(id: String)
    /// By the id of an upload.
    case uploaded(attachmentID: String)
}

extension Content {
    /// A PNG, JPEG or GIF image of at most 8 MB that Graph fetches.
    public static func image(url: String) -> Content { .image(.url(url)) }

    /// An AAC, M4A, WAV or MP4 recording of at most 25 MB that Graph fetches.
    public static func audio(url: String) -> Content { .audio(.url(url)) }

    /// An MP4, OGG, AVI, MOV or WebM video of at most 25 MB that Graph fetches within 75 s.
    public static func video(url: String) -> Content { .video(.url(url)) }

    /// A PDF file of at most 25 MB that Graph fetches.
    public static func file(url: String) -> Content { .file(.url(url)) }

    /// 1 to 10 images in one message, all of which Graph fetches.
    public static func images(urls: [String]) -> Content { .images(urls.map { .url($0) }) }

    /// A post of the sending account, by its media id.
    public static func share(postID: String) -> Content { .share(.post(id: postID)) }
}
