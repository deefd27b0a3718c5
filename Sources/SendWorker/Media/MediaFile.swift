import InstagramMessaging

/// A file to ask about, wherever it stands in a request.
struct MediaFile: Sendable, Hashable {
    var kind: MediaReference.Kind
    var url: String
}

extension MediaFile {
    init(_ reference: MediaReference) {
        self.init(kind: reference.kind, url: reference.url)
    }
}
