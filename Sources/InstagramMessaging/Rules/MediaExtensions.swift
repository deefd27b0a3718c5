/// Which file extensions each kind of media takes, and which others are known to be something else.
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
